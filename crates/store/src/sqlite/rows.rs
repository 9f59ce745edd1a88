//! Rows that are added to tables that sales make grow, and the same rows as
//! bytes: what the journal keeps is what the books get.

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

/// One row of one table.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row<'a> {
    table: Table,
    #[serde(borrow)]
    cells: Vec<Cell<'a>>,
}

impl Row<'_> {
    /// Where it goes: rows that are added in this order fall on few pages.
    pub(super) fn place(&self) -> (Table, i64, i64) {
        let key = |at: usize| match self.cells.get(at) {
            Some(Cell::Integer(value)) => *value,
            _ => 0,
        };
        (self.table, key(0), key(1))
    }

    pub(super) fn add(&self, conn: &Connection) -> Result<()> {
        add(conn, self.table, &self.cells)
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

/// The rows that [`write()`] put there.
pub(super) fn read(mut bytes: &[u8]) -> Result<Vec<Row<'_>>> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let (row, rest) = postcard::take_from_bytes(bytes).map_err(unreadable)?;
        rows.push(row);
        bytes = rest;
    }
    Ok(rows)
}

fn unreadable(error: postcard::Error) -> Error {
    Error::Engine(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_from_their_bytes_as_they_were() {
        let sale = [7.into(), "order-1".into(), Cell::Null, i64::MIN.into()];
        let bytes = write(Vec::new(), Table::Purchases, &sale).unwrap();
        let bytes = write(bytes, Table::Held, &[i64::MAX.into(), 3.into()]).unwrap();
        let rows = read(&bytes).unwrap();
        assert_eq!(rows[0], Row { table: Table::Purchases, cells: sale.to_vec() });
        assert_eq!(rows[1].place(), (Table::Held, i64::MAX, 3));
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn rows_that_were_cut_off_are_no_rows() {
        let bytes = write(Vec::new(), Table::Held, &[1.into(), 300.into(), "x".into()]).unwrap();
        assert!((1..bytes.len()).all(|cut| read(&bytes[..cut]).is_err()));
    }
}
