//! Which references nobody has used yet: most of those that come are new, and to
//! look for what is not there costs as much as to find it.
//!
//! References are never taken back and purchases are numbered without a gap, so
//! it is enough to know how far one has read. What is said to be new is new; what
//! is not said to be new has to be looked for.

use domain::{PurchaseId, Reference};
use fastbloom::BloomFilter;
use rusqlite::Connection;

use super::row;
use crate::Result;

pub(super) const AFTER: &str = "select id, reference from purchases where id > ?1 order by id limit ?2";

/// References in the first filter; each further one takes twice as many as the
/// one before.
const FIRST: usize = 65_536;

/// How many of the new ones are taken for known, in each filter.
const MISTAKEN: f64 = 0.002;

/// Purchases that are read at a time: some 2 ms.
const PAGE: usize = 4_096;

/// The references of all purchases up to one.
#[derive(Default)]
pub(super) struct References {
    filters: Vec<BloomFilter>,
    /// How many more the last filter takes.
    room: usize,
    read_to: i64,
}

impl References {
    /// Whether no purchase up to `newest` carries this reference. Some time after
    /// the start it is not known yet.
    pub(super) fn lack(&self, reference: &Reference, newest: i64) -> bool {
        self.read_to >= newest && !self.filters.iter().any(|filter| filter.contains(reference.as_str()))
    }

    /// Reads some of what the books hold and is not known yet, up to `newest`.
    pub(super) fn read_on(&mut self, books: &Connection, newest: i64) -> Result<()> {
        if self.read_to >= newest {
            return Ok(());
        }
        let mut page = books.prepare_cached(AFTER)?;
        let mut rows = page.query([self.read_to, row::limit(PAGE)])?;
        while let Some(found) = rows.next()? {
            if let Some(reference) = found.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)? {
                self.insert(reference);
            }
            self.read_to = row::get(found, 0)?;
        }
        Ok(())
    }

    /// Takes in a purchase that is written down.
    pub(super) fn add(&mut self, purchase: PurchaseId, reference: Option<&Reference>) {
        if let Some(reference) = reference {
            self.insert(reference.as_str());
        }
        // One that does not follow on what is known is read again.
        if self.read_to + 1 == purchase.get() {
            self.read_to = purchase.get();
        }
    }

    fn insert(&mut self, reference: &str) {
        if self.room == 0 {
            self.room = FIRST << self.filters.len();
            self.filters.push(BloomFilter::with_false_pos(MISTAKEN).expected_items(self.room));
        }
        if let Some(filter) = self.filters.last_mut() {
            filter.insert(reference);
            self.room -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_is_never_said_to_be_new() {
        let mut used = References::default();
        let reference = |number: i64| format!("order-{number}").parse::<Reference>().unwrap();
        let many = 300_000;
        for number in 1..=many {
            used.add(PurchaseId::new(number), Some(&reference(number)));
        }
        assert!((1..=many).all(|number| !used.lack(&reference(number), many)));
        let new = (many + 1..=2 * many).filter(|number| used.lack(&reference(*number), many)).count();
        assert!(new > 290_000, "most of what is new is said to be new: {new}");
        assert!(!used.lack(&reference(2 * many), many + 1), "purchases that are not known may carry it");
    }
}
