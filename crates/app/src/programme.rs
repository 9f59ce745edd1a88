//! The programme as a whole.

use domain::{Scope, Timestamp};
use store::{Ailment, ProgrammeTotals};
use tokio::sync::Mutex;

use crate::{App, Caller, ReadError};

/// How old the totals may be, in milliseconds.
const FRESH_FOR_MS: i64 = 2_000;

/// The totals that were last summed, and when.
#[derive(Debug, Default)]
pub(crate) struct Totals(Mutex<Option<(Timestamp, ProgrammeTotals)>>);

/// What keeps the database from doing all of its work, if it answers.
pub async fn ailments(app: &App) -> Result<Vec<Ailment>, store::Error> {
    app.store.ailments().await
}

/// Files of the database that others on this machine can get at, if there are any.
pub fn exposure(app: &App) -> Result<Option<store::Exposure>, store::Error> {
    app.store.exposure()
}

/// Sums over the whole programme, at most two seconds old, and when they were
/// summed. Summing reads everything, so it is done by one caller at a time,
/// away from the threads that answer requests.
pub async fn totals(app: &App, caller: &Caller) -> Result<(Timestamp, ProgrammeTotals), ReadError> {
    caller.require(Scope::Read)?;
    let mut last = app.totals.0.lock().await;
    let now = app.now();
    if let Some((at, totals)) = &*last
        && (0..FRESH_FOR_MS).contains(&(now.millis() - at.millis()))
    {
        return Ok((*at, totals.clone()));
    }
    let totals = app.read_aside(async move |view| view.programme_totals().await).await?;
    Ok(last.insert((now, totals)).clone())
}
