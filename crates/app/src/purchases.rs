//! Recording purchases, and looking at them.

use std::collections::HashMap;

use domain::commission::decide;
use domain::{
    Currency, ExternalId, Metadata, Money, Name, Plan, Purchase, PurchaseId, Reference, Scope, Timestamp,
    UserId,
};
use store::{Buyer, LedgerLine, Tx};

use crate::access::Denied;
use crate::books::{Books, distinct, out_of_range};
use crate::terms::Terms;
use crate::{App, Caller, ReadError};

/// How far the clock of whoever reports a sale may be ahead of ours, in milliseconds.
pub(crate) const CLOCK_TOLERANCE_MS: i64 = 2 * 60 * 1_000;

/// A sale, as it is reported.
#[derive(Clone, Debug)]
pub struct NewPurchase {
    /// Who bought.
    pub buyer: WhoBought,
    /// For how much; more than zero.
    pub amount: Money,
    /// In which currency, if the caller says so.
    pub currency: Option<Currency>,
    /// The caller's own id for it. Without one, a retry is another purchase.
    pub reference: Option<Reference>,
    /// When it was made, if that was not just now. It picks the plan; who is
    /// active is read when it is recorded.
    pub occurred_at: Option<Timestamp>,
    /// Who reports it.
    pub reported: Reported,
    /// Who pays the commissions.
    pub payer: Payer,
    /// What the shop notes of it.
    pub metadata: Metadata,
}

/// How a buyer is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhoBought {
    /// By her own id.
    User(UserId),
    /// By the shop's number of her, whosever it is when the sale is recorded.
    External(ExternalId),
}

impl From<UserId> for WhoBought {
    fn from(user: UserId) -> Self {
        Self::User(user)
    }
}

/// Who reports a sale: how far back it may lie, and from when on a plan that holds
/// commissions back counts its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// A program that is no admin: so many days back, held from when it is recorded.
    ByProgram {
        /// Days of 24 hours.
        backdate_days: u16,
    },
    /// An admin: as far back as it was, held from when it is recorded.
    ByAdmin,
    /// An admin's import: as far back as it was, held from when it was made.
    ByImport,
}

/// Who pays the commissions of a sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The programme, by its plan.
    #[default]
    Programme,
    /// Somebody else did already: nothing is decided and nobody is paid.
    Elsewhere,
}

impl Payer {
    /// Who paid for a purchase on the books: every plan decides at least one level.
    pub fn of(purchase: &Purchase) -> Self {
        if purchase.decisions.is_empty() { Self::Elsewhere } else { Self::Programme }
    }
}

impl NewPurchase {
    /// A sale that was made just now, without a reference.
    pub fn new(buyer: impl Into<WhoBought>, amount: Money) -> Self {
        Self {
            buyer: buyer.into(),
            amount,
            currency: None,
            reference: None,
            occurred_at: None,
            reported: Reported::ByAdmin,
            payer: Payer::Programme,
            metadata: Metadata::default(),
        }
    }

    /// Whether it is the sale of a purchase on the books. Who bought, for how much
    /// and who pays is what a reference stands for; a nightly file and a live
    /// report may differ in the rest. The shop's number of a member may be another
    /// one's by now, so it does not say who bought then.
    pub(crate) fn is(&self, earlier: &Purchase) -> bool {
        let same_buyer = match &self.buyer {
            WhoBought::User(user) => *user == earlier.buyer,
            WhoBought::External(_) => true,
        };
        same_buyer && self.amount == earlier.amount && self.payer == Payer::of(earlier)
    }
}

/// A purchase on the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// All that is known of it.
    pub purchase: Purchase,
    /// The deployment's currency.
    pub currency: Currency,
    /// Whether it was there before this request.
    pub replayed: bool,
}

/// Why a purchase was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The caller may not report purchases.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The buyer does not exist.
    #[error("user {0} does not exist")]
    UserNotFound(UserId),
    /// The shop knows nobody by this number.
    #[error("nobody has the external id \"{0}\"")]
    ExternalIdNotFound(ExternalId),
    /// The sale is in another currency than the plan's.
    #[error("this programme counts in {expected}, not in {given}")]
    CurrencyMismatch {
        /// The plan's.
        expected: Currency,
        /// The caller's.
        given: Currency,
    },
    /// Nothing can be sold in the future.
    #[error("a purchase cannot be made in the future")]
    InTheFuture,
    /// It was made longer ago than this caller may report.
    #[error("a purchase may be reported up to {0} days later; an admin can report older ones")]
    TooLongAgo(u16),
    /// Another purchase, this one, already has this reference.
    #[error("reference \"{0}\" belongs to another purchase")]
    ReferenceReused(Reference, PurchaseId),
    /// Too many purchases are waiting; this one was not taken.
    #[error("too many purchases are waiting")]
    Overloaded,
    /// The recorder ended before it answered, or the database was lost during
    /// the commit; the same reference can be sent again.
    #[error("whether the purchase was recorded is unknown")]
    OutcomeUnknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Records a purchase and pays its upline, in one transaction with whatever
/// other purchases are waiting.
pub async fn record(app: &App, caller: &Caller, purchase: NewPurchase) -> Result<Recorded, RecordError> {
    caller.require(Scope::PurchasesWrite)?;
    let reported = reported_by(app, caller);
    app.recorder.record(NewPurchase { reported, ..purchase }).await
}

/// Records purchases that were sent together, each as if it had been sent
/// alone, and answers in their order.
pub async fn record_bulk(
    app: &App,
    caller: &Caller,
    purchases: Vec<NewPurchase>,
) -> Result<Vec<Result<Recorded, RecordError>>, Denied> {
    caller.require(Scope::PurchasesWrite)?;
    let reported = reported_by(app, caller);
    let purchases = purchases.into_iter().map(|purchase| NewPurchase { reported, ..purchase });
    Ok(app.recorder.record_bulk(purchases.collect()).await)
}

fn reported_by(app: &App, caller: &Caller) -> Reported {
    match caller.require(Scope::Admin) {
        Ok(()) => Reported::ByAdmin,
        Err(_) => Reported::ByProgram { backdate_days: app.rules.backdate_days },
    }
}

/// A purchase with the name of its buyer.
pub async fn find(app: &App, caller: &Caller, id: PurchaseId) -> Result<(Purchase, Name), ReadError> {
    caller.require(Scope::Read)?;
    let found = app.store.read(async move |view| view.purchase(id).await).await?;
    found.ok_or(ReadError::PurchaseNotFound(id))
}

/// Up to `limit` purchases, newest first, from just below `before`.
pub async fn list(
    app: &App,
    caller: &Caller,
    before: Option<PurchaseId>,
    limit: usize,
) -> Result<Vec<(Purchase, Name)>, ReadError> {
    caller.require(Scope::Read)?;
    Ok(app.store.read(async move |view| view.purchases_page(before, limit).await).await?)
}

/// The purchase that has this reference, if one has.
pub async fn by_reference(
    app: &App,
    caller: &Caller,
    reference: Reference,
) -> Result<Option<(Purchase, Name)>, ReadError> {
    caller.require(Scope::Read)?;
    app.store
        .read(async move |view| {
            let found = view.purchases_by_reference(&[&reference]).await?.remove(&reference);
            Ok(match found {
                Some(purchase) => view.purchase(purchase.id).await?,
                None => None,
            })
        })
        .await
}

/// What a batch of purchases came to.
#[derive(Debug, Default)]
pub struct Batch {
    /// One answer for each purchase of the batch, in its order.
    pub answers: Vec<Result<Recorded, RecordError>>,
    /// The purchases that were written, with their buyers' names.
    pub purchases: Vec<(Purchase, Name)>,
    /// What was added to the ledgers, by account and `seq`.
    pub lines: Vec<LedgerLine>,
}

/// Records a batch of purchases in a transaction that is already open.
///
/// Everything that can be refused is refused from what is read before the
/// first write, so one bad purchase answers its own caller and disturbs nobody.
pub async fn record_batch(tx: &mut Tx<'_>, now: Timestamp, batch: &[NewPurchase]) -> store::Result<Batch> {
    let terms = match batch.iter().any(|new| new.occurred_at.is_some()) {
        true => Terms::ever(tx).await?,
        false => Terms::present(tx, now).await?,
    };
    let buyers = Buyers::of(tx, batch, terms.depth()).await?;
    let references: Vec<_> = batch.iter().filter_map(|new| new.reference.as_ref()).collect();
    let mut known = tx.purchases_by_reference(&references).await?;
    let (present, Plan { currency, .. }) = terms.at(now);
    let is_new = |new: &&NewPurchase| refusal_or_replay(new, now, *currency, &buyers, &known).is_none();
    let earners = buyers.by_id.values().flat_map(|buyer| buyer.upline.iter().copied());
    let (mut books, ids) = Books::open_for(tx, &terms, earners, batch.iter().filter(is_new).count()).await?;
    let (mut ids, mut done) = (ids.into_iter(), Batch::default());
    for new in batch {
        if let Some(settled) = refusal_or_replay(new, now, *currency, &buyers, &known) {
            done.answers.push(settled);
            continue;
        }
        // What was made a moment ahead of this clock is recorded as made now.
        let occurred_at = new.occurred_at.map_or(now, |at| at.min(now));
        let (version, plan) = terms.at(occurred_at);
        let held_from = if new.reported == Reported::ByImport { occurred_at } else { now };
        let (id, buyer) = buyers.find(&new.buyer).expect("whoever is not found is refused");
        let purchase = Purchase {
            id: ids.next().expect("one for each that is new"),
            reference: new.reference.clone(),
            buyer: id,
            amount: new.amount,
            plan: version,
            decisions: match new.payer {
                Payer::Programme => decide(plan, new.amount, &books.upline(&buyer.upline)),
                Payer::Elsewhere => Vec::new(),
            },
            occurred_at,
            booked_at: occurred_at.max(terms.open_from),
            recorded_at: now,
            matures_at: terms.matures_at(plan, held_from),
            present_plan: Some(present).filter(|present| *present != version),
            metadata: new.metadata.clone(),
            refunded: Money::ZERO,
        };
        books.pay(&purchase, &buyer.name).map_err(out_of_range)?;
        done.purchases.push((purchase.clone(), buyer.name.clone()));
        known.extend(new.reference.clone().map(|reference| (reference, purchase.clone())));
        done.answers.push(Ok(Recorded { purchase, currency: *currency, replayed: false }));
    }

    let purchases: Vec<_> = done.purchases.iter().map(|(purchase, _)| purchase).collect();
    tx.insert_purchases(&purchases).await?;
    done.lines = books.close(tx).await?;
    Ok(done)
}

/// The buyers of a batch, by their ids and by the shop's numbers of them.
struct Buyers {
    by_id: HashMap<UserId, Buyer>,
    external: HashMap<ExternalId, UserId>,
}

impl Buyers {
    async fn of(tx: &mut Tx<'_>, batch: &[NewPurchase], depth: usize) -> store::Result<Self> {
        let (mut users, mut numbers) = (Vec::with_capacity(batch.len()), Vec::new());
        for new in batch {
            match &new.buyer {
                WhoBought::User(user) => users.push(*user),
                WhoBought::External(id) => numbers.push(id),
            }
        }
        let external = tx.users_by_external_id(&numbers).await?;
        users.extend(external.values());
        Ok(Self { by_id: tx.buyers(&distinct(users), depth).await?, external })
    }

    fn find(&self, who: &WhoBought) -> Result<(UserId, &Buyer), RecordError> {
        let user = match who {
            WhoBought::User(user) => Some(user),
            WhoBought::External(id) => self.external.get(id),
        };
        match (user.and_then(|user| Some((*user, self.by_id.get(user)?))), who) {
            (Some(found), _) => Ok(found),
            (None, WhoBought::User(user)) => Err(RecordError::UserNotFound(*user)),
            (None, WhoBought::External(id)) => Err(RecordError::ExternalIdNotFound(id.clone())),
        }
    }
}

/// Whether a purchase can have been made when it is said to have been.
pub(crate) fn check_time(new: &NewPurchase, now: Timestamp) -> Result<(), RecordError> {
    let Some(at) = new.occurred_at else { return Ok(()) };
    if at > now.plus_millis(CLOCK_TOLERANCE_MS) {
        return Err(RecordError::InTheFuture);
    }
    match new.reported {
        Reported::ByProgram { backdate_days } if at < now.minus_days(backdate_days) => {
            Err(RecordError::TooLongAgo(backdate_days))
        }
        _ => Ok(()),
    }
}

/// The answer to a purchase that is not to be written. A reference that is known
/// is looked up before anything that can change.
fn refusal_or_replay(
    new: &NewPurchase,
    now: Timestamp,
    currency: Currency,
    buyers: &Buyers,
    known: &HashMap<Reference, Purchase>,
) -> Option<Result<Recorded, RecordError>> {
    if let Some(reference) = &new.reference
        && let Some(earlier) = known.get(reference)
    {
        return Some(match new.is(earlier) {
            true => Ok(Recorded { purchase: earlier.clone(), currency, replayed: true }),
            false => Err(RecordError::ReferenceReused(reference.clone(), earlier.id)),
        });
    }
    if let Some(given) = new.currency.filter(|given| *given != currency) {
        return Some(Err(RecordError::CurrencyMismatch { expected: currency, given }));
    }
    if let Err(refusal) = check_time(new, now) {
        return Some(Err(refusal));
    }
    buyers.find(&new.buyer).err().map(Err)
}
