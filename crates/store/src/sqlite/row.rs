//! From SQL values to domain values and back. A value that this program never
//! writes is reported with its place, never guessed at.

use std::str::FromStr;

use domain::{Level, Metadata, Money, Timestamp, Totals, UserId};
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::{Constraint, Error, Result, levels, notes};

/// A table and a column, for the error when the value is wrong.
pub(super) type Place = (&'static str, &'static str);

/// The column as the type that SQL holds.
pub(super) fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T> {
    Ok(row.get(column)?)
}

/// A text column as the domain type that reads it.
pub(super) fn parse<T: FromStr>(row: &Row<'_>, column: usize, (table, name): Place) -> Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    text.parse().map_err(|_| Error::inconsistent(table, name, text))
}

/// An optional text column as the domain type that reads it.
pub(super) fn parse_option<T: FromStr>(row: &Row<'_>, column: usize, place: Place) -> Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => parse(row, column, place).map(Some),
    }
}

/// A text that people wrote, which stays readable whatever is taken from them today.
pub(super) fn stored<T>(
    row: &Row<'_>,
    column: usize,
    place: Place,
    read: fn(&str) -> Option<T>,
) -> Result<T> {
    let text = row.get_ref(column)?.as_str().map_err(rusqlite::Error::from)?;
    read(text).ok_or_else(|| Error::inconsistent(place.0, place.1, text))
}

/// The same, or nothing.
pub(super) fn stored_option<T>(
    row: &Row<'_>,
    column: usize,
    place: Place,
    read: fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => stored(row, column, place, read).map(Some),
    }
}

/// An amount in paise.
pub(super) fn money(row: &Row<'_>, column: usize) -> Result<Money> {
    get(row, column).map(Money::from_paise)
}

/// Milliseconds since 1970.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    get(row, column).map(Timestamp::from_millis)
}

/// Milliseconds since 1970, or nothing.
pub(super) fn time_option(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    Ok(get::<Option<i64>>(row, column)?.map(Timestamp::from_millis))
}

/// Milliseconds since 1970, or before everything.
pub(super) fn time_or_min(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    Ok(time_option(row, column)?.unwrap_or(Timestamp::MIN))
}

/// The notes of a shop.
pub(super) fn metadata(row: &Row<'_>, column: usize, (table, name): Place) -> Result<Metadata> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    notes::decode(text).ok_or_else(|| Error::inconsistent(table, name, text.unwrap_or_default()))
}

/// A user's id.
pub(super) fn user(row: &Row<'_>, column: usize) -> Result<UserId> {
    get(row, column).map(UserId::new)
}

/// A level's number.
pub(super) fn level(row: &Row<'_>, column: usize, (table, name): Place) -> Result<Level> {
    let number: i64 = get(row, column)?;
    let level = u8::try_from(number).ok().and_then(Level::new);
    level.ok_or_else(|| Error::inconsistent(table, name, number))
}

/// The four columns of the sums after an entry.
pub(super) fn totals(row: &Row<'_>, first: usize) -> Result<Totals> {
    let by_level = row.get_ref(first)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Totals {
        by_level: levels::decode_totals(by_level)
            .ok_or_else(|| Error::inconsistent("entries", "by_level", by_level))?,
        reversed: money(row, first + 1)?,
        paid: money(row, first + 2)?,
        adjusted: money(row, first + 3)?,
    })
}

/// A SQL `limit`.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let constraint = [
            ("users.email", Constraint::Email),
            ("users.code", Constraint::ReferralCode),
            ("users.reference", Constraint::RegistrationReference),
            ("users.external_id", Constraint::ExternalId),
            ("purchases.reference", Constraint::PurchaseReference),
            ("refunds.reference", Constraint::RefundReference),
            ("payout_runs.reference", Constraint::PayoutReference),
            ("adjustments.reference", Constraint::AdjustmentReference),
        ];
        if let rusqlite::Error::SqliteFailure(failure, message) = &error {
            let message = message.as_deref().unwrap_or_default();
            let taken = constraint.into_iter().find(|(column, _)| message.ends_with(column));
            match (failure.code, taken) {
                (ErrorCode::ConstraintViolation, Some((_, constraint))) => return Self::Conflict(constraint),
                (ErrorCode::DatabaseBusy, _) => return Self::Busy,
                (ErrorCode::Unknown, _) if message == "integer overflow" => {
                    return Self::OutOfRange("amounts");
                }
                _ => {}
            }
        }
        Self::Engine(Box::new(error))
    }
}
