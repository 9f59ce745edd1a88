//! The statement of a month.
//!
//! A month is the lines after the last one before it, up to the last one in it.
//! So every line stands in exactly one statement and each opens with what the
//! one before closed with, also when a clock went back.

use std::sync::Arc;

use domain::{Currency, Entry, Name, Totals, UserId};
use store::{Snapshot, Store};

use super::Posted;
use crate::calendar::Month;
use crate::{App, Caller, ReadError};

/// The most lines of a statement; [`month_lines`] has them all.
pub const MONTH_LINES_MAX: usize = 10_000;

/// Lines read at a time.
const PAGE: usize = 500;

/// What a month did to a member's ledger.
#[derive(Clone, Debug)]
pub struct MonthStatement {
    /// The month.
    pub month: Month,
    /// What the member is called.
    pub name: Name,
    /// The deployment's currency.
    pub currency: Currency,
    /// The sums before the month.
    pub opening: Totals,
    /// The sums after it, or so far.
    pub closing: Totals,
    /// The first [`MONTH_LINES_MAX`] lines, oldest first.
    pub lines: Vec<Posted>,
    /// How many lines the month has.
    pub line_count: i64,
}

/// The statement of a month, by default of this one.
pub async fn month(
    app: &App,
    caller: &Caller,
    user: UserId,
    month: Option<Month>,
) -> Result<MonthStatement, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    let month = month.unwrap_or_else(|| Month::of(now));
    app.read_aside(async move |view| {
        let name = view.member(user).await?.ok_or(ReadError::UserNotFound(user))?.user.name;
        let (_, plan) = view.plan_in_force(now).await?;
        let (opening, closing) = bounds(view, user, month).await?;
        let mut rest = MonthPages { user, after: seq(opening.as_ref()), last: seq(closing.as_ref()) };
        let line_count = rest.last - rest.after;
        let mut lines = Vec::new();
        while lines.len() < MONTH_LINES_MAX
            && let Some(page) = rest.next(view).await?
        {
            lines.extend(page);
        }
        lines.truncate(MONTH_LINES_MAX);
        let totals = |line: Option<Entry>| line.map_or_else(Totals::default, |line| line.totals);
        Ok(MonthStatement {
            month,
            name,
            currency: plan.currency,
            opening: totals(opening),
            closing: totals(closing),
            lines,
            line_count,
        })
    })
    .await
}

/// Every line of a month, oldest first, in parts. A ledger only grows, so the
/// parts may be read one after another and still are of one moment.
#[derive(Debug)]
pub struct MonthLines {
    /// The month.
    pub month: Month,
    store: Arc<Store>,
    rest: MonthPages,
}

/// Every line of a month, by default of this one.
pub async fn month_lines(
    app: &App,
    caller: &Caller,
    user: UserId,
    month: Option<Month>,
) -> Result<MonthLines, ReadError> {
    caller.may_see(user)?;
    let month = month.unwrap_or_else(|| Month::of(app.now()));
    let rest = app
        .read_aside(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let (opening, closing) = bounds(view, user, month).await?;
            Ok::<_, ReadError>(MonthPages { user, after: seq(opening.as_ref()), last: seq(closing.as_ref()) })
        })
        .await?;
    Ok(MonthLines { month, store: Arc::clone(&app.store), rest })
}

impl MonthLines {
    /// The next lines; nothing after the last.
    pub async fn next(&mut self) -> store::Result<Option<Vec<Posted>>> {
        let rest = self.rest;
        let (page, rest) = self
            .store
            .read(async move |view| {
                let mut rest = rest;
                Ok::<_, store::Error>((rest.next(view).await?, rest))
            })
            .await?;
        self.rest = rest;
        Ok(page)
    }
}

/// Lines of a ledger that were not read yet.
#[derive(Clone, Copy, Debug)]
struct MonthPages {
    user: UserId,
    after: i64,
    last: i64,
}

impl MonthPages {
    async fn next(&mut self, view: &mut Snapshot<'_>) -> store::Result<Option<Vec<Posted>>> {
        let left = usize::try_from(self.last - self.after).unwrap_or(0);
        let lines = view.entries_after(self.user, self.after, left.min(PAGE)).await?;
        let Some(newest) = lines.last() else { return Ok(None) };
        self.after = newest.entry.seq;
        Posted::all(view, lines).await.map(Some)
    }
}

/// The last line before a month, and the last one up to its end.
async fn bounds(
    view: &mut Snapshot<'_>,
    user: UserId,
    month: Month,
) -> store::Result<(Option<Entry>, Option<Entry>)> {
    let times = month.times();
    let opening = view.last_entry_before(user, times.start).await?;
    let closing = view.last_entry_before(user, times.end).await?;
    Ok((opening, closing))
}

fn seq(line: Option<&Entry>) -> i64 {
    line.map_or(0, |line| line.seq)
}
