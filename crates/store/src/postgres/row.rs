//! From SQL values to domain values and back. A value that this program never
//! writes is reported with its place, never guessed at.

use std::str::FromStr;

use domain::{Level, Metadata, Money, Timestamp, Totals, UserId};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql};

use crate::{Error, Result, levels, notes};

/// A table and a column, for the error when the value is wrong.
pub(super) type Place = (&'static str, &'static str);

/// The column as the type that SQL holds.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|error| Error::Engine(error.into()))
}

/// A count that is zero or more.
pub(super) fn count<T: TryFrom<i64>>(row: &Row, column: usize, (table, name): Place) -> Result<T> {
    let number: i64 = get(row, column)?;
    T::try_from(number).map_err(|_| Error::inconsistent(table, name, number))
}

/// A text column as the domain type that reads it.
pub(super) fn parse<T: FromStr>(row: &Row, column: usize, (table, name): Place) -> Result<T> {
    let text: &str = get(row, column)?;
    text.parse().map_err(|_| Error::inconsistent(table, name, text))
}

/// An optional text column as the domain type that reads it.
pub(super) fn parse_option<T: FromStr>(row: &Row, column: usize, place: Place) -> Result<Option<T>> {
    match get::<Option<&str>>(row, column)? {
        None => Ok(None),
        Some(_) => parse(row, column, place).map(Some),
    }
}

/// A text that people wrote, which stays readable whatever is taken from them today.
pub(super) fn stored<T>(row: &Row, column: usize, place: Place, read: fn(&str) -> Option<T>) -> Result<T> {
    let text: &str = get(row, column)?;
    read(text).ok_or_else(|| Error::inconsistent(place.0, place.1, text))
}

/// The same, or nothing.
pub(super) fn stored_option<T>(
    row: &Row,
    column: usize,
    place: Place,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    match get::<Option<&str>>(row, column)? {
        None => Ok(None),
        Some(_) => stored(row, column, place, read).map(Some),
    }
}

/// An amount in paise.
pub(super) fn money(row: &Row, column: usize) -> Result<Money> {
    get(row, column).map(Money::from_paise)
}

/// Milliseconds since 1970.
pub(super) fn time(row: &Row, column: usize) -> Result<Timestamp> {
    get(row, column).map(Timestamp::from_millis)
}

/// Milliseconds since 1970, or nothing.
pub(super) fn time_option(row: &Row, column: usize) -> Result<Option<Timestamp>> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis))
}

/// Milliseconds since 1970, or before everything.
pub(super) fn time_or_min(row: &Row, column: usize) -> Result<Timestamp> {
    Ok(time_option(row, column)?.unwrap_or(Timestamp::MIN))
}

/// The notes of a shop.
pub(super) fn metadata(row: &Row, column: usize, (table, name): Place) -> Result<Metadata> {
    let text: Option<&str> = get(row, column)?;
    notes::decode(text).ok_or_else(|| Error::inconsistent(table, name, text.unwrap_or_default()))
}

/// A user's id.
pub(super) fn user(row: &Row, column: usize) -> Result<UserId> {
    get(row, column).map(UserId::new)
}

/// A number, such as the id of a row that was inserted.
pub(super) fn number(row: &Row) -> Result<i64> {
    get(row, 0)
}

/// A level's number.
pub(super) fn level(row: &Row, column: usize, (table, name): Place) -> Result<Level> {
    let number: i64 = get(row, column)?;
    let level = u8::try_from(number).ok().and_then(Level::new);
    level.ok_or_else(|| Error::inconsistent(table, name, number))
}

/// The four columns of the sums after an entry.
pub(super) fn totals(row: &Row, first: usize) -> Result<Totals> {
    let by_level: &str = get(row, first)?;
    Ok(Totals {
        by_level: levels::decode_totals(by_level)
            .ok_or_else(|| Error::inconsistent("entries", "by_level", by_level))?,
        reversed: money(row, first + 1)?,
        paid: money(row, first + 2)?,
        adjusted: money(row, first + 3)?,
    })
}

/// One value of each element: a column of a batch.
pub(super) fn column<'a, S, T>(of: &'a [S], value: impl FnMut(&'a S) -> T) -> Vec<T> {
    of.iter().map(value).collect()
}

/// The same, to be bound later.
pub(super) fn kept<'a, S, T>(of: &'a [S], value: impl FnMut(&'a S) -> T) -> Box<dyn ToSql + Sync>
where
    Vec<T>: ToSql + Sync + 'static,
{
    Box::new(column(of, value))
}

/// A SQL `limit`, or how many of something there are.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
