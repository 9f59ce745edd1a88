//! How domain values look in JSON.

use std::borrow::Cow;
use std::fmt;

use app::Caller;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::{InvalidAmount, Level, Metadata, Money, Name, Timestamp};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::Rfc3339;
use crate::digits::Digits;
use crate::problem::Problem;

/// Money going out: a decimal string with two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "61.73")]
pub(crate) struct Decimal(pub(crate) Money);

impl Decimal {
    /// What [`Money`] prints.
    fn digits(self) -> Digits {
        let paise = self.0.paise();
        let mut digits = Digits::new();
        digits.number(paise.unsigned_abs() % 100, 2);
        digits.mark(b'.');
        digits.number(paise.unsigned_abs() / 100, 1);
        if paise < 0 {
            digits.mark(b'-');
        }
        digits
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.digits().as_str())
    }
}

/// Money coming in: a string or a number, read from its digits and never by
/// way of a float.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = String, example = "2500.00")]
pub(crate) struct AmountIn(Box<RawValue>);

impl<'de> Deserialize<'de> for AmountIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

impl AmountIn {
    /// The amount, when it is one; more than zero.
    pub(crate) fn parse(&self) -> Result<Money, InvalidAmount> {
        Money::parse_amount(self.digits())
    }

    /// The amount, when it is one, or zero.
    pub(crate) fn parse_or_zero(&self) -> Result<Money, InvalidAmount> {
        self.digits().parse()
    }

    fn digits(&self) -> &str {
        let raw = self.0.get();
        raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw)
    }

    /// The amount in this field of a body.
    pub(crate) fn read(&self, pointer: &str) -> Result<Money, Problem> {
        self.parse().map_err(|error| Problem::field("invalid_amount", "Invalid amount", pointer, error))
    }
}

/// A point in time going out: RFC 3339, UTC, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-01-31T09:30:00.000Z")]
pub(crate) struct When(pub(crate) Timestamp);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Rfc3339(self.0).fmt(f)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a shop has noted, as an object of texts.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = std::collections::HashMap<String, String>, example = json!({"till": "4"}))]
pub(crate) struct Notes(pub(crate) Metadata);

impl Serialize for Notes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// What the levels are called in an object.
const LEVEL_NAMES: [&str; Level::MAX as usize] = [
    "level_1", "level_2", "level_3", "level_4", "level_5", "level_6", "level_7", "level_8", "level_9",
    "level_10",
];

/// Something for each level, as an object `{"level_1": …, "level_2": …}`.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = std::collections::HashMap<String, T>)]
pub(crate) struct ByLevel<T>(Vec<(Level, T)>);

impl<T> ByLevel<T> {
    /// One value for each of these levels.
    pub(crate) fn new(levels: impl Iterator<Item = Level>, value: impl Fn(Level) -> T) -> Self {
        Self(levels.map(|level| (level, value(level))).collect())
    }
}

impl<T: Serialize> Serialize for ByLevel<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (level, value) in &self.0 {
            map.serialize_entry(LEVEL_NAMES[level.index()], value)?;
        }
        map.end()
    }
}

/// Part of a list, and where the next part begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows.
    pub(crate) data: Vec<T>,
    /// What to send as `cursor` for the next part; null when this is the last.
    #[schema(example = "1017")]
    pub(crate) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// The first `limit` rows. One row more tells that there is another part.
    pub(crate) fn new(mut data: Vec<T>, limit: usize, cursor: impl Fn(&T) -> i64) -> Self {
        let more = data.len() > limit;
        data.truncate(limit);
        let last = data.last().filter(|_| more);
        Self { next_cursor: last.map(|row| cursor(row).to_string()), data }
    }
}

/// The answer to what has one effect however often it is sent: 201 the first
/// time, then 200 and the same body.
pub(crate) struct Once<T> {
    /// What it came to.
    pub(crate) body: T,
    /// Whether it had come to that before.
    pub(crate) replayed: bool,
}

impl<T: Serialize> IntoResponse for Once<T> {
    fn into_response(self) -> Response {
        let body = Json(self.body);
        match self.replayed {
            true => (StatusCode::OK, [("idempotent-replayed", "true")], body).into_response(),
            false => (StatusCode::CREATED, body).into_response(),
        }
    }
}

/// The name of somebody at this level below a member, as the caller may see it.
pub(crate) fn name_for<'a>(caller: &Caller, level: Level, name: &'a Name) -> Cow<'a, str> {
    if caller.sees_names_at(level) { name.as_str().into() } else { name.masked().into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_from_their_digits() {
        let read = |json: &str| serde_json::from_str::<AmountIn>(json).unwrap().parse();
        for (json, paise) in [("2500", 2_500_00), ("1000.10", 1_000_10), ("\"61.73\"", 61_73), ("0.01", 1)] {
            assert_eq!(read(json), Ok(Money::from_paise(paise)), "{json}");
        }
        for (json, why) in [
            ("1e3", InvalidAmount::NotANumber),
            ("1.5e2", InvalidAmount::NotANumber),
            ("null", InvalidAmount::NotANumber),
            ("[5]", InvalidAmount::NotANumber),
            ("true", InvalidAmount::NotANumber),
            ("\"\"", InvalidAmount::NotANumber),
            ("\"1\\u0030\"", InvalidAmount::NotANumber),
            ("0.1000000000000000055", InvalidAmount::TooManyDecimals),
            ("-5", InvalidAmount::NotPositive),
            ("0", InvalidAmount::NotPositive),
            ("1000000000.01", InvalidAmount::TooLarge),
        ] {
            assert_eq!(read(json), Err(why), "{json}");
        }
    }

    proptest! {
        #[test]
        fn amounts_are_written_as_money_prints(paise: i64) {
            let money = Money::from_paise(paise);
            let written = Decimal(money).digits();
            prop_assert_eq!(written.as_str(), money.to_string());
        }
    }

    #[test]
    fn every_level_has_its_name() {
        for level in Level::all() {
            assert_eq!(LEVEL_NAMES[level.index()], format!("level_{level}"));
        }
    }

    #[test]
    fn times_are_rfc_3339_in_milliseconds() {
        let json = |millis| serde_json::to_string(&When(Timestamp::from_millis(millis))).unwrap();
        assert_eq!(json(0), "\"1970-01-01T00:00:00.000Z\"");
        assert_eq!(json(1_800_000_000_120), "\"2027-01-15T08:00:00.120Z\"");
    }
}
