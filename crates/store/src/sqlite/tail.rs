//! What the clerk has in mind while sales are written down: those that are not
//! in the books yet, as far as the next sale needs them, and what was last read
//! of the books, so that it need not be read again.

use std::collections::{HashMap, VecDeque};
use std::mem;

use domain::{Account, Entry, Purchase, Reference, Totals, UserId};

use super::books::Posted;
use super::journal::Written;
use super::rows::{self, Cell, Table};
use crate::{Buyer, Result};

/// Accounts and buyers that are remembered: about 20 MB of them.
const REMEMBERED: usize = 50_000;

/// The end of the journal, and the batch that comes next.
#[derive(Default)]
pub(super) struct Tail {
    batches: VecDeque<Batch>,
    purchases: HashMap<Reference, Purchase>,
    accounts: HashMap<UserId, (i64, Totals)>,
    last_purchase: i64,
    draft: Batch,
    rows: Vec<u8>,
    memory: Memory,
}

/// What one batch brought.
#[derive(Default)]
struct Batch {
    number: i64,
    purchases: Vec<Purchase>,
    entries: Vec<Entry>,
}

/// The books, with the journal in them, as they were after so many changes and
/// the batch of this number, and are as long as there is no other. Postings of
/// the journal do not count, but batches do that another process has written.
#[derive(Default)]
struct Memory {
    changes: i64,
    number: i64,
    accounts: HashMap<UserId, Account>,
    buyers: HashMap<UserId, Buyer>,
    /// Levels of the uplines of these buyers.
    depth: usize,
}

impl Tail {
    /// Begins a batch on top of books that have come this far, and of a journal
    /// whose last batch has this number.
    pub(super) fn begin(&mut self, books: Posted, last: i64) {
        while let Some(batch) = self.batches.pop_front_if(|batch| batch.number <= books.number) {
            self.forget(batch);
        }
        let number = last.max(books.number);
        if (self.memory.changes, self.memory.number) != (books.changes, number) {
            self.memory = Memory { changes: books.changes, number, ..Memory::default() };
        }
        self.draft = Batch::default();
        self.rows.clear();
    }

    fn forget(&mut self, batch: Batch) {
        for reference in batch.purchases.into_iter().filter_map(|purchase| purchase.reference) {
            self.purchases.remove(&reference);
        }
        for entry in batch.entries {
            // A later batch may have moved it on.
            if self.accounts.get(&entry.user).is_some_and(|(seq, _)| *seq == entry.seq) {
                self.accounts.remove(&entry.user);
            }
        }
    }

    /// The number of its last batch.
    pub(super) fn number(&self) -> Option<i64> {
        self.batches.back().map(|batch| batch.number)
    }

    /// The purchase in it that has this reference.
    pub(super) fn purchase(&self, reference: &Reference) -> Option<&Purchase> {
        self.purchases.get(reference)
    }

    /// The id after those that it was ever given.
    pub(super) fn next_purchase(&self) -> i64 {
        self.last_purchase + 1
    }

    /// An account as it stands at the end, from the books unless it is remembered.
    pub(super) fn account(
        &mut self,
        user: UserId,
        in_the_books: impl FnOnce() -> Result<Account>,
    ) -> Result<Account> {
        if let Some(account) = self.memory.accounts.get(&user) {
            return Ok(account.clone());
        }
        let mut account = in_the_books()?;
        if let Some((seq, totals)) = self.accounts.get(&user) {
            (account.seq, account.totals) = (*seq, *totals);
        }
        make_room(&mut self.memory.accounts).insert(user, account.clone());
        Ok(account)
    }

    /// A buyer with so many levels of her upline, if she is remembered.
    pub(super) fn buyer(&self, user: UserId, depth: usize) -> Option<&Buyer> {
        self.memory.buyers.get(&user).filter(|_| self.memory.depth == depth)
    }

    /// Remembers a buyer.
    pub(super) fn meet(&mut self, user: UserId, depth: usize, buyer: &Buyer) {
        if self.memory.depth != depth {
            self.memory.buyers.clear();
            self.memory.depth = depth;
        }
        make_room(&mut self.memory.buyers).insert(user, buyer.clone());
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
            self.purchases.extend(purchase.reference.clone().map(|reference| (reference, purchase.clone())));
        }
        for entry in &batch.entries {
            self.accounts.insert(entry.user, (entry.seq, entry.totals));
            if let Some(account) = self.memory.accounts.get_mut(&entry.user) {
                (account.seq, account.totals) = (entry.seq, entry.totals);
            }
        }
        self.memory.number = number;
        self.batches.push_back(batch);
    }
}

/// Starts anew rather than choose what to forget: whoever buys is remembered at
/// once.
fn make_room<K, V>(remembered: &mut HashMap<K, V>) -> &mut HashMap<K, V> {
    if remembered.len() >= REMEMBERED {
        remembered.clear();
    }
    remembered
}
