//! Points in time. The domain reads no clock; it is told.

/// There are no leap seconds on this clock.
const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// So many milliseconds after the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The day, UTC, that this is a moment of.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(MILLIS_PER_DAY))
    }

    /// This many milliseconds later, at most the end of time.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// A day, UTC, counted from 1970-01-01.
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

    /// Its first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(MILLIS_PER_DAY))
    }

    /// This many days later.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(i64::from(days)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_utc() {
        for (millis, day) in [(0, 0), (MILLIS_PER_DAY - 1, 0), (MILLIS_PER_DAY, 1), (-1, -1)] {
            assert_eq!(Timestamp::from_millis(millis).day(), Day::new(day), "{millis}");
        }
        assert_eq!(Day::new(2).start(), Timestamp::from_millis(2 * MILLIS_PER_DAY));
        assert_eq!(Day::new(2).start().day().plus_days(3), Day::new(5));
    }
}
