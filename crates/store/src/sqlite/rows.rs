//! Rows that are added to tables that sales make grow, and the same rows as
//! bytes: what the journal keeps is what the books get.

use std::mem;
use std::ops::Range;

use rusqlite::Connection;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use super::{accounts, entries, purchases, sources};
use crate::{Error, Result};

/// A table that a sale adds to, in the order in which rows refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Table {
    Purchases,
    Entries,
    SourceTotals,
    Held,
}

impl Table {
    const fn insert(self) -> &'static str {
        match self {
            Self::Purchases => purchases::INSERT,
            Self::Entries => entries::APPEND,
            Self::SourceTotals => sources::ADD,
            Self::Held => accounts::HOLD,
        }
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
}

impl From<i64> for Cell<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
        }))
    }
}

/// Rows of many batches, with the cells of all of them in one place.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    rows: Vec<Row>,
    cells: Vec<Cell<'a>>,
}

/// One row of one table: where it goes, and which cells are its own. Rows that are
/// added in the order of their places fall on few pages.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    place: (Table, i64, i64),
    cells: Range<usize>,
}

impl<'a> Rows<'a> {
    /// Takes in the rows that [`write()`] made these bytes of.
    pub(super) fn read(&mut self, mut bytes: &'a [u8]) -> Result<()> {
        while !bytes.is_empty() {
            let ((table, count), mut rest) =
                postcard::take_from_bytes::<(Table, usize)>(bytes).map_err(unreadable)?;
            let first = self.cells.len();
            for _ in 0..count {
                let (cell, more) = postcard::take_from_bytes(rest).map_err(unreadable)?;
                self.cells.push(cell);
                rest = more;
            }
            let place = (table, self.integer(first), self.integer(first + 1));
            self.rows.push(Row { place, cells: first..self.cells.len() });
            bytes = rest;
        }
        Ok(())
    }

    /// Adds them to their tables in the order of their places, those of one place
    /// at once.
    pub(super) fn add(self, conn: &Connection) -> Result<()> {
        self.add_by(conn, Table::insert)
    }

    /// The same, by other statements.
    pub(super) fn add_by(mut self, conn: &Connection, insert: impl Fn(Table) -> &'static str) -> Result<()> {
        self.rows.sort_by_key(|row| row.place);
        let mut rows = mem::take(&mut self.rows);
        rows.dedup_by(|next, kept| self.sum_up(kept, next));
        for rows in rows.chunk_by(|one, next| one.place.0 == next.place.0) {
            let mut statement = conn.prepare_cached(insert(rows[0].place.0))?;
            for row in rows {
                statement.execute(rusqlite::params_from_iter(&self.cells[row.cells.clone()]))?;
            }
        }
        Ok(())
    }

    /// Adds one row to another that adds to the same one, if that is what they do.
    fn sum_up(&mut self, kept: &Row, next: &Row) -> bool {
        let sums = match kept.place.0 {
            Table::SourceTotals => 3..5,
            Table::Held => 2..3,
            Table::Purchases | Table::Entries => return false,
        };
        let sum =
            |at: usize| self.integer(kept.cells.start + at).checked_add(self.integer(next.cells.start + at));
        if kept.place != next.place || sums.clone().any(|at| sum(at).is_none()) {
            return false;
        }
        for at in sums {
            let more = self.integer(next.cells.start + at);
            let cell = &mut self.cells[kept.cells.start + at];
            if let Cell::Integer(sum) = cell {
                *sum += more;
            }
        }
        true
    }

    fn integer(&self, at: usize) -> i64 {
        match self.cells.get(at) {
            Some(Cell::Integer(value)) => *value,
            _ => 0,
        }
    }
}

pub(super) fn add(conn: &Connection, table: Table, cells: &[Cell<'_>]) -> Result<()> {
    conn.prepare_cached(table.insert())?.execute(rusqlite::params_from_iter(cells))?;
    Ok(())
}

/// Puts a row behind those that `bytes` holds.
pub(super) fn write(bytes: Vec<u8>, table: Table, cells: &[Cell<'_>]) -> Result<Vec<u8>> {
    postcard::to_extend(&(table, cells), bytes).map_err(unreadable)
}

fn unreadable(error: postcard::Error) -> Error {
    Error::Engine(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Rows<'_>> {
        let mut rows = Rows::default();
        rows.read(bytes)?;
        Ok(rows)
    }

    #[test]
    fn rows_come_back_from_their_bytes_as_they_were() {
        let sale = [7.into(), "order-1".into(), Cell::Null, i64::MIN.into()];
        let bytes = write(Vec::new(), Table::Purchases, &sale).unwrap();
        let bytes = write(bytes, Table::Held, &[i64::MAX.into(), 3.into()]).unwrap();
        let rows = read(&bytes).unwrap();
        assert_eq!(rows.cells[rows.rows[0].cells.clone()], sale);
        assert_eq!(rows.rows[0].place.0, Table::Purchases);
        assert_eq!(rows.rows[1].place, (Table::Held, i64::MAX, 3));
        assert_eq!(rows.rows.len(), 2);
    }

    #[test]
    fn rows_that_were_cut_off_are_no_rows() {
        let bytes = write(Vec::new(), Table::Held, &[1.into(), 300.into(), "x".into()]).unwrap();
        assert!((1..bytes.len()).all(|cut| read(&bytes[..cut]).is_err()));
    }

    #[test]
    fn what_adds_to_the_same_row_is_summed_up() {
        let mut bytes = Vec::new();
        for row in
            [[1, 1, 7, 100, 1], [2, 1, 7, 5, 1], [1, 1, 7, 50, 1], [1, 2, 8, 1, 1], [1, 1, 7, i64::MAX, 1]]
        {
            bytes = write(bytes, Table::SourceTotals, &row.map(Cell::from)).unwrap();
        }
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "create table source_totals (source_id integer, level integer, earner_id integer, amount integer,
                purchases integer, primary key (source_id, level)) strict, without rowid;
             create table added (amount integer, purchases integer) strict;
             create trigger each_insert before insert on source_totals
             begin insert into added values (new.amount, new.purchases); end",
        )
        .unwrap();
        read(&bytes).unwrap().add(&conn).unwrap_err();
        let mut added = conn.prepare("select amount, purchases from added").unwrap();
        let added = added.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let added: Vec<(i64, i64)> = added.map(|row| row.unwrap()).collect();
        assert_eq!(added, [(150, 2)], "and what would be too much is left to the database to refuse");
    }
}
