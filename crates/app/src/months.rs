//! The months of the programme: which of them are closed, and in which time zone
//! those to come lie.
//!
//! Nothing is booked in a closed month: what is told later than that is booked at
//! the first moment of the first open one. Months are closed in their order, and
//! whoever closes one holds the lock that everybody who books shares.

use std::ops::Range;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::{Month, Scope, Timestamp, UserId};
use serde_json::json;
use store::{ClosedMonth, Snapshot, Tx, ZoneRecord};
use tokio::time::MissedTickBehavior;

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::calendar::Calendar;
use crate::{App, Caller, ReadError};

/// How often to look whether a month has to be closed.
const LOOK_EVERY: Duration = Duration::from_mins(15);

/// A month of the programme, or of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthState {
    /// Which.
    pub month: Month,
    /// Its moments.
    pub times: Range<Timestamp>,
    /// The time zone it lies in, by its IANA name.
    pub time_zone: String,
    /// When it was closed; nothing while something can be booked in it.
    pub closed_at: Option<Timestamp>,
    /// When it was last opened again, if ever.
    pub reopened_at: Option<Timestamp>,
}

/// The months of the programme.
#[derive(Clone, Debug)]
pub struct Months {
    /// Every month from the first one in which something was booked, or that was
    /// closed, to this one; newest first.
    pub months: Vec<MonthState>,
    /// The one that can be closed next, if one has ended.
    pub next: Option<Month>,
}

/// Why a month was not closed, nor opened again.
#[derive(Debug, thiserror::Error)]
pub enum MonthError {
    /// The caller is not an admin.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The month has not ended.
    #[error("{0} has not ended")]
    NotEnded(Month),
    /// Another month comes first.
    #[error("months are closed in their order, and {0} comes first")]
    NotNext(Month),
    /// The month is not closed.
    #[error("{0} is not closed")]
    NotClosed(Month),
    /// A later month is closed.
    #[error("only the newest closed month can be opened again, which is {0}")]
    NotNewest(Month),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why another time zone was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetTimeZoneError {
    /// The caller is not an admin.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody knows a time zone of this name.
    #[error("\"{0}\" is no time zone; names are those of the IANA, such as Asia/Kolkata or Europe/Berlin")]
    Unknown(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The months of the programme.
pub async fn list(app: &App, caller: &Caller) -> Result<Months, ReadError> {
    caller.require(Scope::Read)?;
    let now = app.now();
    app.read_aside(async move |view| {
        let calendar = Calendar::read(view).await?;
        let closed = view.closed_months().await?;
        let oldest =
            view.oldest_booking().await?.map_or_else(|| calendar.month_of(now), |at| calendar.month_of(at));
        let first = closed.first().map_or(oldest, |closed| closed.month.min(oldest));
        let months = states(&calendar, &closed, first, now);
        let next = next(view, &calendar, &closed).await?;
        Ok(Months { months, next: next.filter(|month| calendar.times(*month).end <= now) })
    })
    .await
}

/// The months of a member, from the first in which something of hers was booked to
/// this one; newest first.
pub async fn of_member(app: &App, caller: &Caller, user: UserId) -> Result<Vec<MonthState>, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let calendar = Calendar::read(view).await?;
            let closed = view.closed_months().await?;
            let first = view.first_booked(user).await?.unwrap_or(now);
            Ok(states(&calendar, &closed, calendar.month_of(first), now))
        })
        .await
}

/// Closes a month that has ended, by default the next. To close it again changes
/// nothing.
pub async fn close(app: &App, caller: &Caller, month: Option<Month>) -> Result<MonthState, MonthError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    app.store.write(async move |tx| close_in(tx, &caller, clock.now(), month).await).await
}

async fn close_in(
    tx: &mut Tx<'_>,
    caller: &Caller,
    now: Timestamp,
    month: Option<Month>,
) -> Result<MonthState, MonthError> {
    // Whoever books at the same time does so wholly before or wholly after.
    tx.lock_plans().await?;
    let calendar = Calendar::read(tx).await?;
    let closed = tx.closed_months().await?;
    let next = next(tx, &calendar, &closed).await?;
    let month = month.or(next).unwrap_or_else(|| calendar.month_of(now));
    if closed.iter().any(|one| one.month == month && one.closed_at.is_some()) {
        return Ok(state(&calendar, &closed, month));
    }
    let ends_at = calendar.times(month).end;
    if ends_at > now {
        return Err(MonthError::NotEnded(month));
    }
    // Where nothing was ever booked, no month comes first.
    if let Some(next) = next.filter(|next| *next != month) {
        return Err(MonthError::NotNext(next));
    }
    tx.close_month(month, ends_at, now).await?;
    audit::note(tx, caller, now, Action::CloseMonth, format_args!("month {month}"), json!({})).await?;
    Ok(state(&calendar, &tx.closed_months().await?, month))
}

/// Opens the newest closed month again. To open one again that is open by now changes
/// nothing.
pub async fn reopen(app: &App, caller: &Caller, month: Month) -> Result<MonthState, MonthError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    app.store
        .write(async move |tx| {
            tx.lock_plans().await?;
            let now = clock.now();
            let calendar = Calendar::read(tx).await?;
            let closed = tx.closed_months().await?;
            let known = closed.iter().find(|closed| closed.month == month);
            let known = known.ok_or(MonthError::NotClosed(month))?;
            if known.closed_at.is_none() {
                return Ok(state(&calendar, &closed, month));
            }
            if let Some(newest) = newest_closed(&closed).filter(|newest| *newest != month) {
                return Err(MonthError::NotNewest(newest));
            }
            tx.reopen_month(month, now).await?;
            audit::note(tx, &caller, now, Action::ReopenMonth, format_args!("month {month}"), json!({}))
                .await?;
            Ok(state(&calendar, &tx.closed_months().await?, month))
        })
        .await
}

/// The time zones of the programme, those that counted first, and the calendar that
/// they make.
pub async fn time_zones(app: &App, caller: &Caller) -> Result<(Vec<ZoneRecord>, Calendar), ReadError> {
    caller.require(Scope::Read)?;
    let zones = app.store.read(async move |view| view.time_zones().await).await?;
    let calendar = Calendar::new(&zones)?;
    Ok((zones, calendar))
}

/// The calendar of the programme: when its days and months begin.
pub async fn calendar(app: &App) -> Result<Calendar, store::Error> {
    app.store.read(async move |view| Calendar::read(view).await).await
}

/// Sets the time zone whose days and months count from the next month on: what was
/// booked stays in its month.
pub async fn set_time_zone(app: &App, caller: &Caller, name: &str) -> Result<ZoneRecord, SetTimeZoneError> {
    caller.require(Scope::Admin)?;
    let name = Calendar::zone_name(name).ok_or_else(|| SetTimeZoneError::Unknown(name.to_owned()))?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    app.store
        .write(async move |tx| {
            tx.lock_plans().await?;
            let now = clock.now();
            let this_month = Calendar::read(tx).await?.month_of(now);
            let from = this_month.next().unwrap_or(this_month);
            let zone = ZoneRecord { from, name: name.clone(), set_at: now };
            tx.set_time_zone(&zone).await?;
            let detail = json!({"time_zone": name, "from_month": from.to_string()});
            audit::note(tx, &caller, now, Action::SetTimeZone, "programme", detail).await?;
            Ok(zone)
        })
        .await
}

/// The month that is closed next: the one after the newest closed one, or the first
/// in which something was booked.
async fn next(
    view: &mut Snapshot<'_>,
    calendar: &Calendar,
    closed: &[ClosedMonth],
) -> store::Result<Option<Month>> {
    match newest_closed(closed) {
        Some(newest) => Ok(newest.next()),
        None => Ok(view.oldest_booking().await?.map(|at| calendar.month_of(at))),
    }
}

fn newest_closed(closed: &[ClosedMonth]) -> Option<Month> {
    closed.iter().filter(|month| month.closed_at.is_some()).map(|month| month.month).max()
}

/// The months from one to that of now, newest first.
fn states(calendar: &Calendar, closed: &[ClosedMonth], first: Month, now: Timestamp) -> Vec<MonthState> {
    let this_month = calendar.month_of(now);
    let months = std::iter::successors(Some(this_month.max(first)), |month| month.previous());
    months.take_while(|month| *month >= first).map(|month| state(calendar, closed, month)).collect()
}

pub(crate) fn state(calendar: &Calendar, closed: &[ClosedMonth], month: Month) -> MonthState {
    let closing = closed.iter().find(|closed| closed.month == month);
    MonthState {
        month,
        times: calendar.times(month),
        time_zone: calendar.zone_of(month).to_owned(),
        closed_at: closing.and_then(|closing| closing.closed_at),
        reopened_at: closing.and_then(|closing| closing.reopened_at),
    }
}

/// Closes each month so many days of 24 hours after its end, for as long as there is
/// an application. It does not matter how many nodes do so.
pub async fn close_by_themselves(app: Weak<App>, after_days: u16) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let Some(app) = app.upgrade() else { return };
        if let Err(error) = close_what_is_due(&app, after_days).await {
            tracing::warn!(%error, "a month that is due could not be closed; it is tried again");
        }
    }
}

/// Closes what ended so many days of 24 hours ago.
pub async fn close_what_is_due(app: &App, after_days: u16) -> Result<(), MonthError> {
    loop {
        let long_ago = app.now().minus_days(after_days);
        let due = app
            .read_aside(async move |view| {
                let calendar = Calendar::read(view).await?;
                let closed = view.closed_months().await?;
                let next = next(view, &calendar, &closed).await?;
                Ok::<_, store::Error>(next.filter(|month| calendar.times(*month).end <= long_ago))
            })
            .await?;
        let Some(month) = due else { return Ok(()) };
        match close(app, &Caller::Admin, Some(month)).await {
            // Another node was faster.
            Ok(_) | Err(MonthError::NotNext(_)) => {}
            Err(error) => return Err(error),
        }
    }
}
