//! Points in time as people write and read them.

use std::fmt;
use std::str::FromStr;

use domain::Timestamp;
use jiff::tz::TimeZone;

/// A time of RFC 3339 such as `2026-12-01T09:30:00Z`, or a day such as
/// `2026-12-01`, which begins at midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let time = match text.as_bytes() {
            [_, _, _, _, b'-', _, _, b'-', _, _] => text
                .parse::<jiff::civil::Date>()
                .and_then(|day| day.to_zoned(TimeZone::UTC))
                .map(|midnight| midnight.timestamp()),
            _ => text.parse(),
        };
        let time = time.map_err(|_| InvalidMoment)?;
        Ok(Self(Timestamp::from_millis(time.as_millisecond())))
    }
}

/// RFC 3339, UTC, milliseconds.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_millisecond(self.0.millis()).unwrap_or_default();
        write!(f, "{time:.3}")
    }
}

/// The text is neither a time nor a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMoment;

impl fmt::Display for InvalidMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a day such as \"2026-12-01\" or a time such as \"2026-12-01T09:30:00Z\"")
    }
}

impl std::error::Error for InvalidMoment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc_and_a_time_says_its_zone() {
        for (text, millis) in [
            ("1970-01-01", 0),
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:00:00.001Z", 1),
            ("1970-01-01T05:30:00+05:30", 0),
            ("2026-12-01", 1_796_083_200_000),
            ("1969-12-31", -86_400_000),
        ] {
            assert_eq!(text.parse(), Ok(Moment(Timestamp::from_millis(millis))), "{text}");
        }
        for text in [
            "",
            "2026-12-1",
            "2026-13-01",
            "2026-02-30",
            "2026-W49-2",
            "20261201",
            "2026-12-01T00:00:00",
            "now",
            "12",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(InvalidMoment), "{text}");
        }
    }
}
