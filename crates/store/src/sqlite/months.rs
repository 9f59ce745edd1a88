//! The months of the programme: in which time zones they lie, and which of them
//! are closed.

use domain::{Month, Timestamp};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{ClosedMonth, Result, ZoneRecord};

pub(super) const ZONES: &str = "select from_month, name, set_at from time_zones order by from_month, set_at";
pub(super) const SET_ZONE: &str = "\
insert into time_zones (from_month, name, set_at) values (?1, ?2, ?3)
on conflict (from_month, set_at) do update set name = excluded.name";
pub(super) const CLOSED: &str =
    "select month, ends_at, closed_at, reopened_at from closed_months order by month";
pub(super) const OPEN_FROM: &str = "select max(ends_at) from closed_months where closed_at is not null";
pub(super) const CLOSE: &str = "\
insert into closed_months (month, ends_at, closed_at) values (?1, ?2, ?3)
on conflict (month) do update set ends_at = excluded.ends_at, closed_at = excluded.closed_at";
pub(super) const REOPEN: &str =
    "update closed_months set closed_at = null, reopened_at = ?2 where month = ?1 and closed_at is not null";
pub(super) const OLDEST: &str = "\
select min(at) from (
    select min(coalesce(booked_at, occurred_at)) as at from purchases
    union all
    select min(created_at) from adjustments
) oldest";

impl Session<'_> {
    pub(crate) fn time_zones(&mut self) -> Result<Vec<ZoneRecord>> {
        self.conn.prepare_cached(ZONES)?.query_and_then([], zone)?.collect()
    }

    pub(crate) fn set_time_zone(&mut self, zone: &ZoneRecord) -> Result<()> {
        let values = params![zone.from.to_string(), zone.name, zone.set_at.millis()];
        self.conn.prepare_cached(SET_ZONE)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn closed_months(&mut self) -> Result<Vec<ClosedMonth>> {
        self.conn.prepare_cached(CLOSED)?.query_and_then([], closed)?.collect()
    }

    pub(crate) fn open_from(&mut self) -> Result<Timestamp> {
        let mut statement = self.conn.prepare_cached(OPEN_FROM)?;
        let mut rows = statement.query_and_then([], |found| row::time_or_min(found, 0))?;
        rows.next().unwrap_or(Ok(Timestamp::MIN))
    }

    pub(crate) fn close_month(&mut self, month: Month, ends_at: Timestamp, now: Timestamp) -> Result<()> {
        let values = params![month.to_string(), ends_at.millis(), now.millis()];
        self.conn.prepare_cached(CLOSE)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn reopen_month(&mut self, month: Month, now: Timestamp) -> Result<bool> {
        let values = params![month.to_string(), now.millis()];
        Ok(self.conn.prepare_cached(REOPEN)?.execute(values)? == 1)
    }

    pub(crate) fn oldest_booking(&mut self) -> Result<Option<Timestamp>> {
        let mut statement = self.conn.prepare_cached(OLDEST)?;
        let mut rows = statement.query_and_then([], |found| row::time_option(found, 0))?;
        rows.next().unwrap_or(Ok(None))
    }
}

fn zone(found: &Row<'_>) -> Result<ZoneRecord> {
    Ok(ZoneRecord {
        from: row::parse(found, 0, ("time_zones", "from_month"))?,
        name: row::get(found, 1)?,
        set_at: row::time(found, 2)?,
    })
}

fn closed(found: &Row<'_>) -> Result<ClosedMonth> {
    Ok(ClosedMonth {
        month: row::parse(found, 0, ("closed_months", "month"))?,
        ends_at: row::time(found, 1)?,
        closed_at: row::time_option(found, 2)?,
        reopened_at: row::time_option(found, 3)?,
    })
}
