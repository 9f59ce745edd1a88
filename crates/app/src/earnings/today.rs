//! What a member earned today, whatever the order in which it was written.

use domain::{Timestamp, Totals, UserId};

use super::month::before;
use crate::calendar::Calendar;
use crate::{App, Caller, ReadError};

/// A day of a member's ledger so far.
#[derive(Clone, Debug)]
pub struct Today {
    /// When the day began.
    pub began_at: Timestamp,
    /// The time zone it is a day of, by its IANA name.
    pub time_zone: String,
    /// The sums before it.
    pub opening: Totals,
    /// The sums by now.
    pub closing: Totals,
    /// The newest line.
    pub seq: i64,
}

/// What was booked today in a user's ledger.
pub async fn today(app: &App, caller: &Caller, user: UserId) -> Result<Today, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let account = view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let calendar = Calendar::read(view).await?;
            let began_at = calendar.start_of(calendar.day_of(now));
            let opening = before(view, user, began_at).await?.totals;
            let time_zone = calendar.zone_at(now).to_owned();
            Ok(Today { began_at, time_zone, opening, closing: account.totals, seq: account.seq })
        })
        .await
}
