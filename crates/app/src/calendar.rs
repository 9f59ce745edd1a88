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
