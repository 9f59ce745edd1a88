//! The journal: sales that were answered for and may not be in the books yet.
//!
//! Adding a sale to the books writes to five places far apart; writing it down
//! here is one row at the end for a whole batch. So under load sales are written
//! down first, and posted to the books in larger runs, which meet more of their
//! neighbours on each page. A batch leaves the journal when it is in the books,
//! and both are on disk before anybody is answered or anything is deleted, so
//! that at any moment the two together are the whole truth.
//!
//! The journal is also whose turn it is: **whoever changes the books, in whatever
//! process, holds the journal's write lock and has posted all of it first.**

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::connect;
use super::transaction::Open;
use crate::Result;

const LAST: &str = "select number from journal order by number desc limit 1";
const AFTER: &str = "select number, rows from journal where number > ?1 order by number";
const APPEND: &str = "insert into journal (number, rows) values (?1, ?2)";
/// The last one stays, so that numbers go on from it.
const FORGET: &str = "delete from journal where number <= ?1 and number < ?2";

/// A batch of sales that was written down.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// 1, 2, 3, … without a hole.
    pub(super) number: i64,
    /// How many purchases it has, where it matters.
    pub(super) sales: usize,
    /// What it adds to the books.
    pub(super) rows: Arc<[u8]>,
}

pub(super) struct Journal {
    conn: Connection,
}

impl Journal {
    pub(super) fn open(directory: &Path) -> Result<Self> {
        Ok(Self { conn: connect::journal(directory)? })
    }

    /// Waits until it is nobody else's turn.
    pub(super) fn turn(&mut self) -> Result<Turn<'_>> {
        Ok(Turn(Open::begin(&mut self.conn)?))
    }
}

/// The right to change the books, until it is dropped.
pub(super) struct Turn<'j>(Open<'j>);

impl Turn<'_> {
    /// The number of the last batch; 0 before the first.
    pub(super) fn last(&self) -> Result<i64> {
        let last = self.0.0.prepare_cached(LAST)?.query_row([], |row| row.get(0)).optional()?;
        Ok(last.unwrap_or(0))
    }

    /// The batches after this one.
    pub(super) fn after(&self, number: i64) -> Result<Vec<Written>> {
        let mut statement = self.0.0.prepare_cached(AFTER)?;
        let rows = statement.query_map([number], |row| {
            let rows: Vec<u8> = row.get(1)?;
            Ok(Written { number: row.get(0)?, sales: 0, rows: rows.into() })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Writes a batch down, forgets those up to `posted`, and ends the turn: when
    /// this answers `Ok`, the batch is on disk.
    pub(super) fn write_down(self, batch: &Written, posted: i64) -> Result<()> {
        let conn = &self.0.0;
        conn.prepare_cached(APPEND)?.execute(params![batch.number, &*batch.rows])?;
        conn.prepare_cached(FORGET)?.execute([posted, batch.number])?;
        self.0.commit()
    }
}

#[test]
fn every_statement_fits_the_journal() {
    let directory = tempfile::tempdir().unwrap();
    let journal = Journal::open(directory.path()).unwrap();
    for sql in [LAST, AFTER, APPEND, FORGET] {
        journal.conn.prepare(sql).unwrap();
    }
    let synchronous: i64 = journal.conn.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
    assert_eq!(synchronous, 2, "2 is FULL");
}
