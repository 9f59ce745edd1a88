//! The months of the programme: in which time zones they lie, and which of them
//! are closed.

use domain::{Month, Timestamp};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{ClosedMonth, Result, ZoneRecord};

pub(super) const ZONES: &str = "select from_month, name, set_at from time_zones order by from_month, set_at";
pub(super) const SET_ZONE: &str = "\
insert into time_zones (from_month, name, set_at) values ($1, $2, $3)
on conflict (from_month, set_at) do update set name = excluded.name";
pub(super) const CLOSED: &str =
    "select month, ends_at, closed_at, reopened_at from closed_months order by month";
pub(super) const OPEN_FROM: &str = "select max(ends_at) from closed_months where closed_at is not null";
pub(super) const CLOSE: &str = "\
insert into closed_months (month, ends_at, closed_at) values ($1, $2, $3)
on conflict (month) do update set ends_at = excluded.ends_at, closed_at = excluded.closed_at";
pub(super) const REOPEN: &str =
    "update closed_months set closed_at = null, reopened_at = $2 where month = $1 and closed_at is not null";
pub(super) const OLDEST: &str = "\
select min(at) from (
    select min(coalesce(booked_at, occurred_at)) as at from purchases
    union all
    select min(created_at) from adjustments
) oldest";

impl Session<'_> {
    pub(crate) async fn time_zones(&mut self) -> Result<Vec<ZoneRecord>> {
        self.open.rows(ZONES, &[], zone).await
    }

    pub(crate) async fn set_time_zone(&mut self, zone: &ZoneRecord) -> Result<()> {
        let from = zone.from.to_string();
        self.open.change(SET_ZONE, &[&from, &zone.name, &zone.set_at.millis()]).await.map(drop)
    }

    pub(crate) async fn closed_months(&mut self) -> Result<Vec<ClosedMonth>> {
        self.open.rows(CLOSED, &[], closed).await
    }

    /// Whoever closes a month holds the plans alone, so it stays open while they
    /// are shared.
    pub(crate) async fn open_from(&mut self) -> Result<Timestamp> {
        self.share_plans();
        let found = self.open.row(OPEN_FROM, &[], |found| row::time_or_min(found, 0)).await?;
        Ok(found.unwrap_or(Timestamp::MIN))
    }

    pub(crate) async fn close_month(
        &mut self,
        month: Month,
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        self.open.change(CLOSE, &[&month.to_string(), &ends_at.millis(), &now.millis()]).await.map(drop)
    }

    pub(crate) async fn reopen_month(&mut self, month: Month, now: Timestamp) -> Result<bool> {
        Ok(self.open.change(REOPEN, &[&month.to_string(), &now.millis()]).await? == 1)
    }

    pub(crate) async fn oldest_booking(&mut self) -> Result<Option<Timestamp>> {
        self.open.be_patient().await?;
        Ok(self.open.row(OLDEST, &[], |found| row::time_option(found, 0)).await?.flatten())
    }
}

fn zone(found: &Row) -> Result<ZoneRecord> {
    Ok(ZoneRecord {
        from: row::parse(found, 0, ("time_zones", "from_month"))?,
        name: row::get(found, 1)?,
        set_at: row::time(found, 2)?,
    })
}

fn closed(found: &Row) -> Result<ClosedMonth> {
    Ok(ClosedMonth {
        month: row::parse(found, 0, ("closed_months", "month"))?,
        ends_at: row::time(found, 1)?,
        closed_at: row::time_option(found, 2)?,
        reopened_at: row::time_option(found, 3)?,
    })
}
