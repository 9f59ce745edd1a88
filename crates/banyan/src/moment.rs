//! Points in time as people write and read them.

use std::str::FromStr;

use domain::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A point in time: RFC 3339, or a day, which begins at midnight UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

/// The text is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day such as 2026-01-31, or a time such as 2026-01-31T09:30:00+05:30")]
pub(crate) struct InvalidMoment;

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let time = match text.parse::<jiff::Timestamp>() {
            Ok(time) => time,
            // jiff reads the day of a longer text, too.
            Err(_) if text.len() == "2026-01-31".len() => {
                let day: Date = text.parse().map_err(|_| InvalidMoment)?;
                day.to_zoned(TimeZone::UTC).map_err(|_| InvalidMoment)?.timestamp()
            }
            Err(_) => return Err(InvalidMoment),
        };
        Ok(Self(Timestamp::from_millis(time.as_millisecond())))
    }
}

/// RFC 3339, UTC, to the millisecond.
pub(crate) fn rfc_3339(at: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc_and_a_time_says_where() {
        for (text, written) in [
            ("2026-01-31", "2026-01-31T00:00:00.000Z"),
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
            ("2026-01-31T09:30:00+05:30", "2026-01-31T04:00:00.000Z"),
            ("2026-01-31t09:30:00.1239z", "2026-01-31T09:30:00.123Z"),
            ("1969-12-31", "1969-12-31T00:00:00.000Z"),
        ] {
            let Moment(at) = text.parse().unwrap();
            assert_eq!(rfc_3339(at), written, "{text}");
            assert_eq!(written.parse(), Ok(Moment(at)), "it reads back");
        }
        for text in [
            "",
            "today",
            "31.01.2026",
            "2026-02-30",
            "2026-01-31T09:30:00",
            "2026-01-31 ",
            "20260131",
            "2026-1-31",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(InvalidMoment), "{text}");
        }
    }
}
