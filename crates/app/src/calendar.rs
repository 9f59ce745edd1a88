//! Days and months as people write them. All of them are UTC.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use domain::{Day, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

/// A month such as `2026-11`.
///
/// ```
/// use domain::Timestamp;
///
/// let month: app::Month = "2026-01".parse().unwrap();
/// assert_eq!(month.times().start, Timestamp::from_millis(1_767_225_600_000));
/// assert_eq!(app::Month::of(month.times().start).to_string(), "2026-01");
/// assert_eq!(app::Month::of(month.times().end).to_string(), "2026-02");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    first: Date,
    /// The first day of the next one.
    end: Date,
}

impl Month {
    /// The month of this moment.
    pub fn of(at: Timestamp) -> Self {
        Self::from_first(date(at.day()).first_of_month()).expect("the end of time is far")
    }

    /// Its moments.
    pub fn times(self) -> Range<Timestamp> {
        start(self.first)..start(self.end)
    }

    fn from_first(first: Date) -> Option<Self> {
        let end = first.checked_add(1.month()).ok()?;
        Some(Self { first, end })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

/// Reads `2026-11`.
impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let (year, month) = text.split_once('-').ok_or(InvalidMonth)?;
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(InvalidMonth);
        }
        let number = |text: &str| text.parse().map_err(|_| InvalidMonth);
        let month = i8::try_from(number(month)?).map_err(|_| InvalidMonth)?;
        let first = Date::new(number(year)?, month, 1).map_err(|_| InvalidMonth)?;
        Self::from_first(first).ok_or(InvalidMonth)
    }
}

/// The text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a month such as 2026-11")]
pub struct InvalidMonth;

/// The date of a day.
pub(crate) fn date(day: Day) -> Date {
    let span = Span::new().try_days(day.number()).ok();
    span.and_then(|days| Date::constant(1970, 1, 1).checked_add(days).ok()).unwrap_or(Date::MAX)
}

fn start(date: Date) -> Timestamp {
    let midnight = date.to_zoned(TimeZone::UTC).expect("no day of UTC is left out");
    Timestamp::from_millis(midnight.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_and_two() {
        for text in ["2026-01", "2024-02", "0001-12", "9999-11"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "2026",
            "2026-1",
            "2026-00",
            "2026-13",
            "26-01",
            "2026-01-01",
            "+026-01",
            "9999-12",
            "٢٠٢٦-01",
        ] {
            assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text}");
        }
    }

    #[test]
    fn months_follow_one_another_without_a_gap() {
        let mut month: Month = "2023-12".parse().unwrap();
        for days in [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            let Range { start, end } = month.times();
            assert_eq!(end.day().number() - start.day().number(), days, "{month}");
            assert_eq!(Month::of(end.plus_millis(-1)), month);
            month = Month::of(end);
        }
        assert_eq!(month.to_string(), "2025-01");
    }

    #[test]
    fn dates_are_counted_from_1970() {
        for (day, text) in [(0, "1970-01-01"), (-1, "1969-12-31"), (20_454, "2026-01-01")] {
            assert_eq!(date(Day::new(day)).to_string(), text);
        }
    }
}
