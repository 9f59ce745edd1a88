//! Points in time, days and months. The domain reads no clock and knows no time
//! zone; it is told.

use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Before everything.
    pub const MIN: Self = Self(i64::MIN);

    /// So many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many milliseconds later, at most the end of time.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// This many days of 24 hours earlier, at least the beginning of time.
    #[must_use]
    pub fn minus_days(self, days: u16) -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
        Self(self.0.saturating_sub(DAY_MS.saturating_mul(i64::from(days))))
    }
}

/// A day of the calendar, counted from 1970-01-01. When it begins is a matter of
/// the time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day with this number; 0 is 1970-01-01.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// This many days later.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(i64::from(days)))
    }
}

/// A month of the calendar such as `2026-11`, from the year 0 to 9999. When it
/// begins is a matter of the time zone.
///
/// ```
/// let november: domain::Month = "2026-11".parse().unwrap();
/// assert_eq!((november.year(), november.number()), (2026, 11));
/// assert_eq!(november.next().unwrap().to_string(), "2026-12");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    number: i8,
}

impl Month {
    /// January of the year 0.
    pub const FIRST: Self = Self { year: 0, number: 1 };

    /// The month with this number of this year, if there is one.
    pub fn new(year: i16, number: i8) -> Option<Self> {
        let exists = (0..=9999).contains(&year) && (1..=12).contains(&number);
        exists.then_some(Self { year, number })
    }

    /// Its year.
    pub const fn year(self) -> i16 {
        self.year
    }

    /// Its number in the year: 1 to 12.
    pub const fn number(self) -> i8 {
        self.number
    }

    /// The month after it.
    pub fn next(self) -> Option<Self> {
        match self.number {
            12 => Self::new(self.year.saturating_add(1), 1),
            number => Self::new(self.year, number.saturating_add(1)),
        }
    }

    /// The month before it.
    pub fn previous(self) -> Option<Self> {
        match self.number {
            1 => Self::new(self.year.saturating_sub(1), 12),
            number => Self::new(self.year, number.saturating_sub(1)),
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.number)
    }
}

/// Reads `2026-11`.
impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let (year, number) = text.split_once('-').ok_or(InvalidMonth)?;
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(number, 2) {
            return Err(InvalidMonth);
        }
        let year = year.parse().map_err(|_| InvalidMonth)?;
        let number = number.parse().map_err(|_| InvalidMonth)?;
        Self::new(year, number).ok_or(InvalidMonth)
    }
}

/// The text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a month such as 2026-11")]
pub struct InvalidMonth;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_and_two() {
        for text in ["2026-01", "2024-02", "0001-12", "9999-12"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in ["", "2026", "2026-1", "2026-00", "2026-13", "26-01", "2026-01-01", "+026-01", "٢٠٢٦-01"]
        {
            assert_eq!(text.parse::<Month>(), Err(InvalidMonth), "{text}");
        }
    }

    #[test]
    fn months_follow_one_another_across_years() {
        let december = Month::new(2026, 12).unwrap();
        let january = Month::new(2027, 1).unwrap();
        assert_eq!((december.next(), january.previous()), (Some(january), Some(december)));
        assert!(december < january);
        assert_eq!((Month::FIRST.previous(), Month::new(9999, 12).unwrap().next()), (None, None));
    }
}
