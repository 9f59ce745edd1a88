//! What the clerk has in mind while sales are written down: those that are not
//! in the books yet, as far as the next sale needs them, and what was last read
//! of the books, so that it need not be read again.

use std::collections::{HashMap, VecDeque};
use std::mem;

use domain::{Account, Entry, Purchase, Reference, UserId};
use rusqlite::Connection;

use super::books::Posted;
use super::journal::Written;
use super::people::People;
use super::references::References;
use super::rows::{self, Cell, Table};
use crate::{Buyer, Result};

/// The end of the journal, and the batch that comes next.
#[derive(Default)]
pub(super) struct Tail {
    batches: VecDeque<Batch>,
    purchases: HashMap<Reference, Purchase>,
    last_purchase: i64,
    draft: Batch,
    rows: Vec<u8>,
    people: People,
    seen: Seen,
    references: References,
}

/// What one batch brought.
#[derive(Default)]
struct Batch {
    number: i64,
    purchases: Vec<Purchase>,
    entries: Vec<Entry>,
}

/// People are remembered as they were after so many changes of the books and the
/// batch of this number. What this process changes or writes down since is known;
/// of what another does, nothing is. Postings of the journal do not count.
#[derive(Default, PartialEq, Eq)]
struct Seen {
    changes: i64,
    number: i64,
}

impl Tail {
    /// Begins a batch on top of books that have come this far, and of a journal
    /// whose last batch has this number.
    pub(super) fn begin(&mut self, books: Posted, last: i64) {
        while let Some(batch) = self.batches.pop_front_if(|batch| batch.number <= books.number) {
            self.forget(batch);
        }
        let now = Seen { changes: books.changes, number: last.max(books.number) };
        if self.seen != now {
            self.people.forget_all();
            self.seen = now;
        }
        self.draft = Batch::default();
        self.rows.clear();
    }

    /// Reads on in the books, some of what later sales may need.
    pub(super) fn read_on(&mut self, books: &Connection) -> Result<()> {
        self.people.read_on(books)
    }

    /// This process has changed the books so many times, and these people in them.
    pub(super) fn changed(&mut self, times: i64, people: &[UserId]) {
        self.seen.changes += times;
        for user in people {
            self.people.forget(*user);
        }
    }

    fn forget(&mut self, batch: Batch) {
        for reference in batch.purchases.into_iter().filter_map(|purchase| purchase.reference) {
            self.purchases.remove(&reference);
        }
        for entry in &batch.entries {
            self.people.posted(entry);
        }
    }

    #[cfg(test)]
    pub(super) fn forget_people(&mut self) {
        self.people.forget_all();
    }

    /// The number of its last batch.
    pub(super) fn number(&self) -> Option<i64> {
        self.batches.back().map(|batch| batch.number)
    }

    /// The purchase in it that has this reference.
    pub(super) fn purchase(&self, reference: &Reference) -> Option<&Purchase> {
        self.purchases.get(reference)
    }

    /// Those of the references that may stand in books whose newest purchase is
    /// this one.
    pub(super) fn known<'r>(
        &mut self,
        references: &[&'r Reference],
        books: &Connection,
        newest: i64,
    ) -> Result<Vec<&'r Reference>> {
        self.references.read_on(books, newest)?;
        Ok(references.iter().copied().filter(|reference| !self.references.lack(reference, newest)).collect())
    }

    /// The id after those that it was ever given.
    pub(super) fn next_purchase(&self) -> i64 {
        self.last_purchase + 1
    }

    /// An account as it stands at the end.
    pub(super) fn account(&mut self, books: &Connection, user: UserId) -> Result<Option<Account>> {
        self.people.account(books, user)
    }

    /// A buyer with so many levels of her upline.
    pub(super) fn buyer(&mut self, books: &Connection, user: UserId, depth: usize) -> Result<Option<Buyer>> {
        self.people.buyer(books, user, depth)
    }

    /// Adds a row to the batch.
    pub(super) fn add(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<()> {
        self.rows = rows::write(mem::take(&mut self.rows), table, cells)?;
        Ok(())
    }

    pub(super) fn add_purchases(&mut self, purchases: &[&Purchase]) {
        self.draft.purchases.extend(purchases.iter().copied().cloned());
    }

    pub(super) fn add_entries(&mut self, entries: &[Entry]) {
        self.draft.entries.extend_from_slice(entries);
    }

    /// What the batch adds to the books, if anything.
    pub(super) fn written(&self, number: i64) -> Option<Written> {
        let sales = self.draft.purchases.len();
        (!self.rows.is_empty()).then(|| Written { number, sales, rows: self.rows.as_slice().into() })
    }

    /// The batch is on disk: the next one stands on it.
    pub(super) fn keep(&mut self, number: i64) {
        let batch = Batch { number, ..mem::take(&mut self.draft) };
        for purchase in &batch.purchases {
            self.last_purchase = self.last_purchase.max(purchase.id.get());
            self.references.add(purchase.id, purchase.reference.as_ref());
            self.purchases.extend(purchase.reference.clone().map(|reference| (reference, purchase.clone())));
        }
        for entry in &batch.entries {
            self.people.add(entry);
        }
        self.seen.number = number;
        self.batches.push_back(batch);
    }
}
