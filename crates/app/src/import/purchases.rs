//! Purchases that were made elsewhere, known by their references.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use domain::{Email, Metadata, Money, Purchase, PurchaseId, Reference, Scope, Timestamp, User};
use sha2::{Digest, Sha256};
use store::Tx;

use super::{Found, ImportError, Provenance, Row, Standing, Tally, Warning, note};
use crate::purchases::{NewPurchase, Payer, RecordError, Reported, check_time, record_batch};
use crate::{App, Caller, Denied};

/// A purchase as some other system knew it.
#[derive(Clone, Debug)]
pub struct ImportedPurchase {
    /// Who bought.
    pub buyer: Email,
    /// For how much; more than zero.
    pub amount: Money,
    /// What it is known by.
    pub reference: Reference,
    /// The purchase it was exported from, where that has no reference: in the
    /// same database it is there already.
    pub exported: Option<PurchaseId>,
    /// When it was made, if that was not just now.
    pub occurred_at: Option<Timestamp>,
    /// Who pays the commissions.
    pub payer: Payer,
    /// What the shop has noted of it.
    pub metadata: Metadata,
}

/// Why a purchase cannot be brought in.
#[derive(Debug, thiserror::Error)]
pub enum PurchaseRefusal {
    /// The file has another purchase with its reference.
    #[error("the reference \"{0}\" belongs to another purchase, in line {1}")]
    OtherInFile(Reference, u64),
    /// Nobody has the buyer's address.
    #[error("nobody has the e-mail {0}")]
    UnknownBuyer(Email),
    /// It cannot be recorded.
    #[error(transparent)]
    Record(RecordError),
}

/// One import of purchases.
#[derive(Debug)]
pub struct PurchaseImport {
    caller: Caller,
    buyers: HashMap<Email, User>,
    /// A digest of each reference, the line it stands in, and a digest of what the
    /// reference stands for: a file of millions fits in memory.
    references: HashMap<u128, (u64, u64)>,
}

impl PurchaseImport {
    /// An import by somebody who may.
    pub fn new(caller: &Caller) -> Result<Self, Denied> {
        caller.require(Scope::Admin)?;
        Ok(Self { caller: *caller, buyers: HashMap::new(), references: HashMap::new() })
    }

    /// Looks at the next rows of the file, and writes nothing.
    pub async fn check(
        &mut self,
        app: &App,
        rows: &[Row<ImportedPurchase>],
    ) -> store::Result<Vec<Result<Found, PurchaseRefusal>>> {
        let buyers = rows.iter().map(|row| &row.new.buyer);
        let mut strangers: Vec<Email> =
            buyers.filter(|email| !self.buyers.contains_key(*email)).cloned().collect();
        strangers.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        strangers.dedup();
        let references: Vec<Reference> = rows.iter().map(|row| row.new.reference.clone()).collect();
        let originals: Vec<PurchaseId> = rows.iter().filter_map(|row| row.new.exported).collect();
        let (members, recorded, exported) = app
            .store
            .read(async move |view| {
                let members = view.members_by_email(&strangers.iter().collect::<Vec<_>>()).await?;
                let references: Vec<_> = references.iter().collect();
                let recorded = view.purchases_by_reference(&references).await?;
                let mut exported = HashMap::new();
                for id in &originals {
                    exported.extend(view.purchase(*id).await?.map(|(purchase, _)| (*id, purchase)));
                }
                Ok::<_, store::Error>((members, recorded, exported))
            })
            .await?;
        self.buyers.extend(members.into_iter().map(|(email, member)| (email, member.user)));
        let books = Books { recorded, exported };
        let now = app.now();
        Ok(rows.iter().map(|row| self.check_row(row, now, &books)).collect())
    }

    fn check_row(
        &mut self,
        row: &Row<ImportedPurchase>,
        now: Timestamp,
        books: &Books,
    ) -> Result<Found, PurchaseRefusal> {
        let standing = self.against_the_file(row)?;
        let new = self.resolve(&row.new);
        // What is known is there already, whatever else has changed since.
        if let Some(earlier) = books.recorded.get(&row.new.reference) {
            if new.is_ok_and(|new| new.is(earlier)) {
                return Ok(Standing::AlreadyThere.into());
            }
            let reused = RecordError::ReferenceReused(row.new.reference.clone(), earlier.id);
            return Err(PurchaseRefusal::Record(reused));
        }
        let new = new?;
        let original = row.new.exported.and_then(|id| books.exported.get(&id));
        if original.is_some_and(|original| is_original(original, &new)) {
            return Ok(Standing::AlreadyThere.into());
        }
        check_time(&new, now).map_err(PurchaseRefusal::Record)?;
        Ok(Found { standing, warning: self.warning(&row.new) })
    }

    fn warning(&self, new: &ImportedPurchase) -> Option<Warning> {
        let joined_at = self.buyers.get(&new.buyer)?.joined_at;
        let before = new.occurred_at.is_some_and(|at| at < joined_at);
        before.then(|| Warning::SoldBeforeBuyerJoined(new.buyer.clone(), joined_at))
    }

    /// Whether a line before this one brings the same purchase.
    fn against_the_file(
        &mut self,
        Row { line, new }: &Row<ImportedPurchase>,
    ) -> Result<Standing, PurchaseRefusal> {
        let digest = Sha256::digest(new.reference.as_str());
        let key = u128::from_le_bytes(*digest.first_chunk().expect("32 bytes"));
        let mut rest = DefaultHasher::new();
        (&new.buyer, new.amount, new.payer).hash(&mut rest);
        let this = (*line, rest.finish());
        match self.references.entry(key) {
            Entry::Vacant(free) => {
                free.insert(this);
                Ok(Standing::New)
            }
            Entry::Occupied(taken) if taken.get().1 == this.1 => Ok(Standing::AlreadyThere),
            Entry::Occupied(taken) => Err(PurchaseRefusal::OtherInFile(new.reference.clone(), taken.get().0)),
        }
    }

    /// The purchase with its buyer's id. Nobody ever changes her address.
    fn resolve(&self, new: &ImportedPurchase) -> Result<NewPurchase, PurchaseRefusal> {
        let buyer = self.buyers.get(&new.buyer);
        let buyer = buyer.ok_or_else(|| PurchaseRefusal::UnknownBuyer(new.buyer.clone()))?;
        let (reference, occurred_at, payer) = (Some(new.reference.clone()), new.occurred_at, new.payer);
        let reported = Reported::ByImport;
        let metadata = new.metadata.clone();
        let sale = NewPurchase::new(buyer.id, new.amount);
        Ok(NewPurchase { reference, occurred_at, reported, payer, metadata, ..sale })
    }

    /// Writes the next rows of the file, all or none. Those that are there
    /// already are left alone. Every row was checked before.
    pub async fn write(
        &self,
        app: &App,
        rows: Vec<Row<ImportedPurchase>>,
        from: Option<Provenance>,
    ) -> Result<Tally, ImportError<PurchaseRefusal>> {
        let resolved = rows.iter().map(|row| match self.resolve(&row.new) {
            Ok(purchase) => Ok(Resolved { line: row.line, exported: row.new.exported, purchase }),
            Err(refusal) => Err(ImportError::Row { line: row.line, refusal }),
        });
        let resolved: Vec<Resolved> = resolved.collect::<Result<_, _>>()?;
        let (caller, clock) = (self.caller, Arc::clone(&app.clock));
        app.store
            .write(async move |tx| {
                let now = clock.now();
                let tally = write_rows(tx, now, &resolved).await?;
                if let Some(from) = from.as_ref().filter(|_| tally.new > 0) {
                    note(tx, &caller, now, "purchases", from).await?;
                }
                Ok(tally)
            })
            .await
    }
}

/// What the database holds of the purchases of some rows.
struct Books {
    recorded: HashMap<Reference, Purchase>,
    exported: HashMap<PurchaseId, Purchase>,
}

/// A row whose buyer was found.
struct Resolved {
    line: u64,
    exported: Option<PurchaseId>,
    purchase: NewPurchase,
}

async fn write_rows(
    tx: &mut Tx<'_>,
    now: Timestamp,
    rows: &[Resolved],
) -> Result<Tally, ImportError<PurchaseRefusal>> {
    let mut tally = Tally::default();
    let (mut lines, mut batch) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for Resolved { line, exported, purchase } in rows {
        if let Some(id) = exported
            && let Some((original, _)) = tx.purchase(*id).await?
            && is_original(&original, purchase)
        {
            tally.count(Standing::AlreadyThere);
            continue;
        }
        lines.push(*line);
        batch.push(purchase.clone());
    }
    for (line, answer) in lines.into_iter().zip(record_batch(tx, now, &batch).await?.answers) {
        match answer {
            Ok(recorded) if recorded.replayed => tally.count(Standing::AlreadyThere),
            Ok(_) => tally.count(Standing::New),
            Err(error) => return Err(ImportError::Row { line, refusal: PurchaseRefusal::Record(error) }),
        }
    }
    Ok(tally)
}

/// Whether this purchase, exported without a reference, is the one on the books. A
/// number says less than a reference, so the time has to be the same as well.
fn is_original(on_the_books: &Purchase, exported: &NewPurchase) -> bool {
    on_the_books.reference.is_none()
        && exported.is(on_the_books)
        && exported.occurred_at.is_none_or(|at| at == on_the_books.occurred_at)
}
