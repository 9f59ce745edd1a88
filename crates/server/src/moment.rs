//! Points in time as people write and read them.

use std::fmt;
use std::str::FromStr;

use app::Calendar;
use domain::{Day, Timestamp};
use jiff::civil::Date;

/// A time of RFC 3339 such as `2026-12-01T09:30:00Z`, or a day such as
/// `2026-12-01`, which begins when the time zone of the programme says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The time.
    Time(Timestamp),
    /// The first moment of the day.
    Day(Day),
}

impl Moment {
    /// The time that is meant.
    pub fn by(self, calendar: &Calendar) -> Timestamp {
        match self {
            Self::Time(time) => time,
            Self::Day(day) => calendar.start_of(day),
        }
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let read = match text.as_bytes() {
            [_, _, _, _, b'-', _, _, b'-', _, _] => text.parse().and_then(day).map(Self::Day),
            _ => text.parse::<jiff::Timestamp>().map(|time| {
                let millis = time.as_millisecond();
                Self::Time(Timestamp::from_millis(millis))
            }),
        };
        read.map_err(|_| InvalidMoment)
    }
}

fn day(date: Date) -> Result<Day, jiff::Error> {
    let since = Date::constant(1970, 1, 1).until(date)?;
    Ok(Day::new(i64::from(since.get_days())))
}

/// A time as it is written: RFC 3339, UTC, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rfc3339(pub Timestamp);

impl fmt::Display for Rfc3339 {
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
    fn a_day_begins_by_the_calendar_and_a_time_says_its_zone() {
        for (text, millis) in [
            ("1970-01-01", 0),
            ("1970-01-02", 86_400_000),
            ("1970-01-01T00:00:00.001Z", 1),
            ("1970-01-01T05:30:00+05:30", 0),
            ("2026-12-01", 1_796_083_200_000),
            ("1969-12-31", -86_400_000),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment.by(&Calendar::default()), Timestamp::from_millis(millis), "{text}");
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
