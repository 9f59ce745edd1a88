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

    /// Takes in another row that adds to the same one, if that is what it does.
    fn absorb(&mut self, other: &Self) -> bool {
        let sums = match self.table {
            Table::SourceTotals => 3..5,
            Table::Held => 2..3,
            Table::Purchases | Table::Entries => return false,
        };
        if self.place() != other.place() {
            return false;
        }
        let sum = |at: usize| match (self.cells.get(at), other.cells.get(at)) {
            (Some(Cell::Integer(one)), Some(Cell::Integer(more))) => one.checked_add(*more),
            _ => None,
        };
        let Some(added) = sums.clone().map(sum).collect::<Option<Vec<_>>>() else { return false };
        for (at, sum) in sums.zip(added) {
            self.cells[at] = Cell::Integer(sum);
        }
        true
    }
}

/// Adds rows in the order of their places, those of one place at once.
pub(super) fn add_all(conn: &Connection, mut rows: Vec<Row<'_>>) -> Result<()> {
    rows.sort_by_key(Row::place);
    rows.dedup_by(|next, kept| kept.absorb(next));
    for rows in rows.chunk_by(|one, next| one.table == next.table) {
        let mut insert = conn.prepare_cached(rows[0].table.insert())?;
        for row in rows {
            insert.execute(rusqlite::params_from_iter(&row.cells))?;
        }
    }
    Ok(())
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
