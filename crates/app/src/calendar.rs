//! The days and months of the programme, in the time zones that count for it.
//!
//! A zone counts from a month on, so each month lies in one zone, and so do its
//! days. A month ends where the next one begins: whatever zones they lie in,
//! every moment belongs to one day and one month.

use std::ops::Range;

use domain::{Day, HoldDays, Month, Timestamp};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::{Snapshot, ZoneRecord};

/// Days and months in the time zones of a programme.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Oldest first. The first one reaches back for ever.
    zones: Vec<Zone>,
}

#[derive(Clone, Debug)]
struct Zone {
    from: Month,
    name: String,
    rules: TimeZone,
}

/// The days and months of UTC.
impl Default for Calendar {
    fn default() -> Self {
        Self { zones: vec![Zone { from: Month::FIRST, name: "UTC".to_owned(), rules: TimeZone::UTC }] }
    }
}

impl Calendar {
    /// The calendar of a programme.
    pub(crate) async fn read(view: &mut Snapshot<'_>) -> store::Result<Self> {
        Self::new(&view.time_zones().await?)
    }

    /// The calendar that these zones make, which are in the order of their months
    /// and, for one month, in that in which they were set.
    pub(crate) fn new<'r>(records: impl IntoIterator<Item = &'r ZoneRecord>) -> store::Result<Self> {
        let mut zones: Vec<Zone> = Vec::new();
        for ZoneRecord { from, name, .. } in records {
            let rules = TimeZone::get(name);
            let rules = rules.map_err(|_| store::Error::inconsistent("time_zones", "name", name))?;
            zones.pop_if(|zone| zone.from == *from);
            zones.push(Zone { from: *from, name: name.clone(), rules });
        }
        if zones.is_empty() {
            return Err(store::Error::inconsistent("time_zones", "from_month", "no time zone"));
        }
        Ok(Self { zones })
    }

    /// The name by which the IANA knows a time zone, if it knows it.
    pub fn zone_name(text: &str) -> Option<String> {
        TimeZone::get(text).ok()?.iana_name().map(str::to_owned)
    }

    /// The name by the IANA of the zone that a month lies in.
    pub fn zone_of(&self, month: Month) -> &str {
        &self.zone(month).name
    }

    /// The name of the zone that a moment lies in.
    pub fn zone_at(&self, at: Timestamp) -> &str {
        self.zone_of(self.month_of(at))
    }

    /// The month that this is a moment of.
    pub fn month_of(&self, at: Timestamp) -> Month {
        let newest = self.zones.last().expect("there always is a zone");
        let mut month = month_of(date_at(at, &newest.rules));
        while at < self.start_of_month(month)
            && let Some(before) = month.previous()
        {
            month = before;
        }
        while let Some(next) = month.next()
            && at >= self.start_of_month(next)
        {
            month = next;
        }
        month
    }

    /// The moments of a month.
    pub fn times(&self, month: Month) -> Range<Timestamp> {
        self.start_of_month(month)..self.end_of_month(month)
    }

    /// The day that this is a moment of.
    pub fn day_of(&self, at: Timestamp) -> Day {
        let month = self.month_of(at);
        let first = first_day(month);
        // Where the zone changes with the month, its first or last hours may be
        // another month's by the clock on the wall.
        day(date_at(at, &self.zone(month).rules).clamp(first, first.last_of_month()))
    }

    /// The first moment of a day.
    pub fn start_of(&self, day: Day) -> Timestamp {
        let date = date(day);
        let month = month_of(date);
        match date.day() {
            1 => self.start_of_month(month),
            _ => midnight(date, &self.zone(month).rules).min(self.end_of_month(month)),
        }
    }

    /// When what is held from a moment on can be paid out, if it is held at all.
    pub(crate) fn matures_at(&self, hold: HoldDays, from: Timestamp) -> Option<Timestamp> {
        let on = || hold.available_on(self.day_of(from));
        (hold.days() > 0).then(|| self.start_of(on()))
    }

    fn start_of_month(&self, month: Month) -> Timestamp {
        midnight(first_day(month), &self.zone(month).rules)
    }

    fn end_of_month(&self, month: Month) -> Timestamp {
        month.next().map_or(Timestamp::from_millis(i64::MAX), |next| self.start_of_month(next))
    }

    fn zone(&self, month: Month) -> &Zone {
        let counts = self.zones.iter().rev().find(|zone| zone.from <= month);
        counts.or(self.zones.first()).expect("there always is a zone")
    }
}

/// The date of a day.
pub(crate) fn date(day: Day) -> Date {
    let span = Span::new().try_days(day.number()).ok();
    let found = span.and_then(|days| Date::constant(1970, 1, 1).checked_add(days).ok());
    found.unwrap_or(if day.number() < 0 { Date::MIN } else { Date::MAX })
}

fn day(date: Date) -> Day {
    let days = Date::constant(1970, 1, 1).until(date).expect("both are dates").get_days();
    Day::new(i64::from(days))
}

/// A time as it is written in a message: RFC 3339, UTC.
pub(crate) fn instant(at: Timestamp) -> jiff::Timestamp {
    let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    let millis = at.millis().clamp(first.as_millisecond(), last.as_millisecond());
    jiff::Timestamp::from_millisecond(millis).unwrap_or(first)
}

fn date_at(at: Timestamp, rules: &TimeZone) -> Date {
    rules.to_datetime(instant(at)).date()
}

fn month_of(date: Date) -> Month {
    Month::new(date.year(), date.month()).unwrap_or(Month::FIRST)
}

fn first_day(month: Month) -> Date {
    Date::new(month.year(), month.number(), 1).expect("every month has a first day")
}

/// The first moment of a day, which is not midnight where clocks are put forward
/// at midnight.
fn midnight(date: Date, rules: &TimeZone) -> Timestamp {
    let start = date.to_zoned(rules.clone()).map(|start| start.timestamp().as_millisecond());
    Timestamp::from_millis(start.unwrap_or(i64::MIN))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY_MS: i64 = 86_400_000;

    /// Zones that count from the months with these names on.
    fn calendar(zones: &[(&str, &str)]) -> Calendar {
        let record = |(from, name): &(&str, &str)| ZoneRecord {
            from: from.parse().unwrap(),
            name: (*name).to_owned(),
            set_at: Timestamp::from_millis(0),
        };
        Calendar::new(&zones.iter().map(record).collect::<Vec<_>>()).unwrap()
    }

    fn millis(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn dates_are_counted_from_1970() {
        for (number, text) in [(0, "1970-01-01"), (-1, "1969-12-31"), (20_454, "2026-01-01")] {
            assert_eq!(date(Day::new(number)).to_string(), text);
            assert_eq!(day(date(Day::new(number))), Day::new(number));
        }
    }

    #[test]
    fn days_and_months_begin_at_midnight_by_the_clock_on_the_wall() {
        for (zone, month, start) in [
            ("UTC", "2026-11", "2026-11-01T00:00:00Z"),
            ("Asia/Kolkata", "2026-11", "2026-10-31T18:30:00Z"),
            ("America/New_York", "2026-11", "2026-11-01T04:00:00Z"),
            ("America/New_York", "2026-12", "2026-12-01T05:00:00Z"),
            ("Pacific/Kiritimati", "2027-01", "2026-12-31T10:00:00Z"),
        ] {
            let calendar = calendar(&[("0000-01", zone)]);
            let start = millis(start);
            assert_eq!(calendar.times(month.parse().unwrap()).start, start, "{zone}");
            assert_eq!(calendar.month_of(start).to_string(), month);
            assert_ne!(calendar.month_of(start.plus_millis(-1)).to_string(), month);
            assert_eq!(calendar.zone_at(start), zone);
        }
    }

    #[test]
    fn a_day_without_a_midnight_begins_when_its_clock_does() {
        // Clocks were put forward from 0:00 to 1:00 there.
        let calendar = calendar(&[("0000-01", "America/Sao_Paulo")]);
        let start = millis("2018-11-04T03:00:00Z");
        let first = calendar.day_of(start);
        assert_eq!((date(first).to_string(), calendar.start_of(first)), ("2018-11-04".into(), start));
        assert_eq!(date(calendar.day_of(start.plus_millis(-1))).to_string(), "2018-11-03");
    }

    #[test]
    fn where_the_zone_changes_no_moment_is_left_out_and_none_counts_twice() {
        for (before, after, ends_at) in [
            ("UTC", "Asia/Kolkata", "2026-11-30T18:30:00Z"),
            ("UTC", "America/New_York", "2026-12-01T05:00:00Z"),
            ("America/New_York", "Pacific/Kiritimati", "2026-11-30T10:00:00Z"),
            ("Pacific/Kiritimati", "America/New_York", "2026-12-01T05:00:00Z"),
        ] {
            let calendar = calendar(&[("0000-01", before), ("2026-12", after)]);
            let ends_at = millis(ends_at);
            let [november, december] =
                ["2026-11", "2026-12"].map(|text| calendar.times(text.parse().unwrap()));
            assert_eq!((november.end, december.start), (ends_at, ends_at), "{before} {after}");
            assert_eq!(date(calendar.day_of(ends_at.plus_millis(-1))).month(), 11);
            assert_eq!(date(calendar.day_of(ends_at)).to_string(), "2026-12-01");
        }
    }

    #[test]
    fn of_two_zones_for_one_month_the_one_that_was_set_last_counts() {
        let calendar =
            calendar(&[("0000-01", "UTC"), ("2026-12", "Asia/Tokyo"), ("2026-12", "Asia/Kolkata")]);
        let zones =
            ["2026-11", "2026-12", "2027-01"].map(|text| calendar.zone_of(text.parse().unwrap()).to_owned());
        assert_eq!(zones, ["UTC", "Asia/Kolkata", "Asia/Kolkata"]);
    }

    #[test]
    fn a_zone_is_known_by_the_name_of_the_iana_alone() {
        assert_eq!(Calendar::zone_name("asia/kolkata").as_deref(), Some("Asia/Kolkata"));
        for name in ["", "IST+5", "Asia/Atlantis", "+05:30"] {
            assert_eq!(Calendar::zone_name(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_belongs_to_one_day_of_one_month(
            day in 0..40_000_i64,
            within in 0..DAY_MS,
            zones in prop::sample::subsequence(
                vec!["Asia/Kolkata", "America/New_York", "Pacific/Apia", "Europe/Berlin", "Africa/Casablanca"],
                0..4,
            ),
        ) {
            let months = ["1990-03", "2011-12", "2030-11", "2050-06"];
            let later = months.into_iter().zip(zones);
            let calendar = calendar(&std::iter::once(("0000-01", "UTC")).chain(later).collect::<Vec<_>>());
            let at = Timestamp::from_millis(day * DAY_MS + within);
            let month = calendar.month_of(at);
            prop_assert!(calendar.times(month).contains(&at));
            prop_assert_eq!(calendar.times(month).end, calendar.times(month.next().unwrap()).start);
            let today = calendar.day_of(at);
            prop_assert!(calendar.start_of(today) <= at);
            prop_assert!(at < calendar.start_of(today.plus_days(1)));
            prop_assert_eq!(month_of(date(today)), month);
        }
    }
}
