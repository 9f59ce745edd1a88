//! Taking back what a purchase paid.

use std::sync::Arc;

use domain::refund::{Reversal, reversals};
use domain::{Currency, Money, Plan, Purchase, PurchaseId, Reference, Refund, Scope, Timestamp};
use serde_json::json;
use store::{Constraint, LedgerLine, Snapshot, Tx};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::books::{Books, out_of_range};
use crate::payouts::warnings;
use crate::{App, Caller, ReadError};

/// A refund, as it is reported.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Of which purchase.
    pub purchase: OfPurchase,
    /// How much; more than zero.
    pub amount: Money,
    /// The caller's own id for it. Without one, a retry is another refund.
    pub reference: Option<Reference>,
}

/// How the purchase of a refund is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfPurchase {
    /// By its own id.
    Id(PurchaseId),
    /// By the caller's own id for it.
    Reference(Reference),
}

impl From<PurchaseId> for OfPurchase {
    fn from(purchase: PurchaseId) -> Self {
        Self::Id(purchase)
    }
}

/// A refund on the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// The refund.
    pub refund: Refund,
    /// The purchase it belongs to.
    pub purchase: Purchase,
    /// What it took from whom.
    pub reversals: Vec<Reversal>,
    /// The deployment's currency.
    pub currency: Currency,
}

/// Why a purchase was not refunded.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// The caller may not report refunds.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such purchase.
    #[error("purchase {0} does not exist")]
    PurchaseNotFound(PurchaseId),
    /// No purchase has this reference.
    #[error("no purchase has the reference \"{0}\"")]
    NoSuchReference(Reference),
    /// More than is left of the purchase.
    #[error("only {0} is left of this purchase")]
    ExceedsPurchase(Money),
    /// Another refund, of this purchase, already has this reference.
    #[error("reference {0:?} belongs to another refund")]
    ReferenceReused(Reference, PurchaseId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Refunds a part of a purchase, or all that is left of it, and takes back what
/// its upline is no longer due. The second value tells whether it was there before.
pub async fn refund(app: &App, caller: &Caller, new: NewRefund) -> Result<(Refunded, bool), RefundError> {
    caller.require(Scope::PurchasesWrite)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let reference = new.reference.clone();
    let refunded = app
        .store
        .write(async move |tx| match earlier(tx, &new).await? {
            Some(earlier) => Ok((earlier, Vec::new(), true)),
            None => refund_in(tx, &caller, clock.now(), &new).await.map(|(done, lines)| (done, lines, false)),
        })
        .await;
    match refunded {
        Ok((refunded, lines, replayed)) => {
            app.feed.publish(Vec::new(), lines);
            Ok((refunded, replayed))
        }
        // Taken meanwhile, for another purchase: this one was locked.
        Err(RefundError::Store(store::Error::Conflict(Constraint::RefundReference))) => {
            let reference = reference.expect("nothing else can be taken");
            let taken = reference.clone();
            let by = app.store.read(async move |view| view.refund_by_reference(&taken).await).await?;
            let by = by.expect("it is taken").purchase;
            Err(RefundError::ReferenceReused(reference, by))
        }
        Err(error) => Err(error),
    }
}

/// The refund that carries the reference of this one, when it asks for the same.
async fn earlier(tx: &mut Tx<'_>, new: &NewRefund) -> Result<Option<Refunded>, RefundError> {
    let Some(reference) = &new.reference else { return Ok(None) };
    let mut known = tx.refund_by_reference(reference).await?;
    if known.is_none() {
        // Whoever refunds this purchase at the same time is waited for.
        let purchase = find(tx, &new.purchase).await?;
        lock(tx, purchase).await?;
        known = tx.refund_by_reference(reference).await?;
    }
    let Some(refund) = known else { return Ok(None) };
    let same_purchase = match find(tx, &new.purchase).await {
        Ok(purchase) => purchase == refund.purchase,
        Err(RefundError::NoSuchReference(_)) => false,
        Err(error) => return Err(error),
    };
    if !same_purchase || refund.amount != new.amount {
        return Err(RefundError::ReferenceReused(reference.clone(), refund.purchase));
    }
    let (purchase, _) = tx.purchase(refund.purchase).await?.expect("a refund refers to its purchase");
    let plan = plan_of(tx, &purchase).await?;
    Ok(Some(explained(&plan, purchase, refund)))
}

/// The purchase that is meant. One that is named by its own id may not be there.
pub(crate) async fn find(view: &mut Snapshot<'_>, purchase: &OfPurchase) -> Result<PurchaseId, RefundError> {
    match purchase {
        OfPurchase::Id(id) => Ok(*id),
        OfPurchase::Reference(reference) => {
            let found = view.purchases_by_reference(&[reference]).await?.remove(reference);
            let found = found.ok_or_else(|| RefundError::NoSuchReference(reference.clone()))?;
            Ok(found.id)
        }
    }
}

async fn lock(tx: &mut Tx<'_>, purchase: PurchaseId) -> Result<Purchase, RefundError> {
    tx.lock_purchase(purchase).await?.ok_or(RefundError::PurchaseNotFound(purchase))
}

/// Refunds in a transaction that is already open, and answers the new lines.
pub async fn refund_in(
    tx: &mut Tx<'_>,
    caller: &Caller,
    now: Timestamp,
    new: &NewRefund,
) -> Result<(Refunded, Vec<LedgerLine>), RefundError> {
    let purchase = find(tx, &new.purchase).await?;
    let purchase = lock(tx, purchase).await?;
    let left = purchase.net();
    let net = left.checked_sub(new.amount).filter(|net| *net >= Money::ZERO);
    let net = net.ok_or(RefundError::ExceedsPurchase(left))?;
    let plan = plan_of(tx, &purchase).await?;
    let reversals = reversals(&plan, &purchase, left, net);
    let reversed = reversals.iter().try_fold(Money::ZERO, |sum, reversal| sum.checked_add(reversal.amount));
    let row = store::NewRefund {
        purchase: purchase.id,
        reference: new.reference.clone(),
        amount: new.amount,
        net,
        reversed: reversed.expect("levels earn less than the purchase"),
        created_at: now,
    };

    let mut books = Books::open(tx, reversals.iter().map(|reversal| reversal.earner)).await?;
    let (_, buyer) = tx.purchase(purchase.id).await?.expect("it is locked");
    let id = tx.insert_refund(&row).await?;
    tx.set_refunded(purchase.id, purchase.amount.checked_sub(net).expect("less than the amount")).await?;
    books.take_back(&purchase, &buyer, id, &reversals, now).map_err(out_of_range)?;
    let lines = books.close(tx).await?;
    warnings::note_refund(tx, &purchase, id, &reversals, now).await?;
    let detail = json!({"refund_id": id.get(), "amount": new.amount.to_string(), "net": net.to_string()});
    audit::note(tx, caller, now, Action::Refund, format_args!("purchase {}", purchase.id), detail).await?;

    let store::NewRefund { purchase: of, reference, amount, net, created_at, .. } = row;
    let refund = Refund { id, purchase: of, reference, amount, net, created_at };
    Ok((Refunded { refund, purchase, reversals, currency: plan.currency }, lines))
}

/// The refunds of a purchase, oldest first.
pub async fn list(app: &App, caller: &Caller, purchase: PurchaseId) -> Result<Vec<Refunded>, ReadError> {
    caller.require(Scope::Read)?;
    app.store
        .read(async move |view| {
            let (purchase, _) =
                view.purchase(purchase).await?.ok_or(ReadError::PurchaseNotFound(purchase))?;
            let plan = view.plan(purchase.plan).await?.expect("a purchase refers to its plan").plan;
            let refunds = view.refunds(purchase.id).await?;
            Ok(refunds.into_iter().map(|refund| explained(&plan, purchase.clone(), refund)).collect())
        })
        .await
}

/// What a refund took from whom follows from what was left before and after it.
fn explained(plan: &Plan, purchase: Purchase, refund: Refund) -> Refunded {
    let before = refund.net.checked_add(refund.amount).expect("at most the purchase");
    let reversals = reversals(plan, &purchase, before, refund.net);
    Refunded { refund, purchase, reversals, currency: plan.currency }
}

async fn plan_of(tx: &mut Tx<'_>, purchase: &Purchase) -> store::Result<Plan> {
    Ok(tx.plan(purchase.plan).await?.expect("a purchase refers to its plan").plan)
}
