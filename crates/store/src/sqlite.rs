//! SQLite, inside the process.
//!
//! One thread, the clerk, does everything that changes the database. Sales go
//! to the books or, under load, to the journal, from which another thread posts
//! them to the books; readers have connections of their own. Nothing here is
//! async: a use case that runs on this engine is polled once and is done.

mod accounts;
mod addresses;
mod adjustments;
mod audit;
mod backup;
mod books;
mod checkpoint;
mod clerk;
mod connect;
mod engine;
mod entries;
mod journal;
mod keys;
mod members;
mod months;
mod payouts;
mod people;
mod plans;
mod private;
mod purchases;
mod readers;
mod references;
mod refunds;
mod restore;
mod row;
mod rows;
mod sessions;
mod sources;
#[cfg(test)]
mod statements;
mod tail;
mod totals;
mod transaction;
mod upgrade;
#[cfg(test)]
mod written_down;

pub use self::backup::backup;
pub(crate) use self::engine::Engine;
pub use self::private::Exposure;
pub use self::restore::Restore;

use std::path::Path;

use domain::UserId;
use rusqlite::Connection;

use self::rows::{Cell, Table};
use self::tail::Tail;
use crate::{Error, Result};

/// The newest migration that was run on the database of a directory, and the newest
/// that there is.
pub(crate) fn schema(directory: &Path) -> Result<(Option<u32>, u32)> {
    let (path, newest) = (connect::path_in(directory), connect::newest_migration().unwrap_or_default());
    // Empty until it is made.
    if std::fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
        restore::expect_none_cut_off(directory)?;
        return Ok((None, newest));
    }
    match connect::is_ours(&path) {
        true => Ok((connect::schema_version(&connect::reader(&path)?)?, newest)),
        false => Err(Error::Foreign(path)),
    }
}

/// One transaction on one connection. Its methods are spread over the files of
/// this folder, by table.
pub(crate) struct Session<'c> {
    conn: &'c mut Connection,
    onto: Onto<'c>,
}

/// What a transaction writes to.
enum Onto<'c> {
    /// Nothing: it looks.
    Nothing,
    /// The books; whom it changes is noted.
    Books(&'c mut Vec<UserId>),
    /// The journal, where sales are written down.
    Journal(&'c mut Tail),
}

impl Session<'_> {
    /// Adds a row that a sale brings.
    fn add(&mut self, table: Table, cells: &[Cell<'_>]) -> Result<()> {
        match &mut self.onto {
            Onto::Journal(tail) => tail.add(table, cells),
            Onto::Books(_) | Onto::Nothing => rows::add(self.conn, table, cells),
        }
    }
}
