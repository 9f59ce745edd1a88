//! The statement of a month.
//!
//! A month has the lines that were booked in it, in the order of their booking.
//! Nearly all of them stand in that order in the ledger, too, so they are a range
//! of it; the few that are late are found by an index of their own. So every line
//! stands in exactly one statement, each opens with what the one before closed
//! with, and a late line changes no other month.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use domain::{Currency, Money, Month, Name, Overflow, Timestamp, Totals, UserId};
use store::{LateSum, LedgerLine, Snapshot, Store};

use super::Posted;
use crate::books::out_of_range;
use crate::calendar::Calendar;
use crate::months::{MonthState, state};
use crate::{App, Caller, ReadError};

/// The most lines of a statement; [`month_lines`] has them all.
pub const MONTH_LINES_MAX: usize = 10_000;

/// Lines read at a time.
const PAGE: usize = 500;

/// What a month did to a member's ledger.
#[derive(Clone, Debug)]
pub struct MonthStatement {
    /// The month.
    pub month: MonthState,
    /// What the member is called.
    pub name: Name,
    /// The deployment's currency.
    pub currency: Currency,
    /// The sums before the month.
    pub opening: Totals,
    /// The sums after it, or so far.
    pub closing: Totals,
    /// The first [`MONTH_LINES_MAX`] lines, in the order of their booking.
    pub lines: Vec<MonthLine>,
    /// How many lines the month has.
    pub line_count: i64,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthLine {
    /// The line of the ledger.
    pub posted: Posted,
    /// The statement's balance after it. The line's own is that of its `seq`.
    pub balance: Money,
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
    app.read_aside(async move |view| {
        let name = view.member(user).await?.ok_or(ReadError::UserNotFound(user))?.user.name;
        let (_, plan) = view.plan_in_force(now).await?;
        let calendar = Calendar::read(view).await?;
        let closed = view.closed_months().await?;
        let month = month.unwrap_or_else(|| calendar.month_of(now));
        let times = calendar.times(month);
        let (opening, closing) =
            (before(view, user, times.start).await?, before(view, user, times.end).await?);
        let mut rest = MonthPages::new(user, times, &opening, &closing);
        let mut lines = Vec::new();
        while lines.len() < MONTH_LINES_MAX
            && let Some(page) = rest.next(view).await?
        {
            lines.extend(page);
        }
        lines.truncate(MONTH_LINES_MAX);
        Ok(MonthStatement {
            month: state(&calendar, &closed, month),
            name,
            currency: plan.currency,
            opening: opening.totals,
            closing: closing.totals,
            lines,
            line_count: closing.lines - opening.lines,
        })
    })
    .await
}

/// Every line of a month, in the order of their booking, in parts. The parts may
/// be read one after another: what is booked in the month since it was asked for
/// is left out.
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
    let now = app.now();
    let (month, rest) = app
        .read_aside(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let calendar = Calendar::read(view).await?;
            let month = month.unwrap_or_else(|| calendar.month_of(now));
            let times = calendar.times(month);
            let opening = before(view, user, times.start).await?;
            let closing = before(view, user, times.end).await?;
            Ok::<_, ReadError>((month, MonthPages::new(user, times, &opening, &closing)))
        })
        .await?;
    Ok(MonthLines { month, store: Arc::clone(&app.store), rest })
}

impl MonthLines {
    /// The next lines; nothing after the last.
    pub async fn next(&mut self) -> store::Result<Option<Vec<MonthLine>>> {
        let rest = self.rest.clone();
        let (page, rest) = self
            .store
            .read(async move |view| {
                let mut rest = rest.clone();
                Ok::<_, store::Error>((rest.next(view).await?, rest))
            })
            .await?;
        self.rest = rest;
        Ok(page)
    }
}

/// What was booked in a ledger before some moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// The last line up to which all were booked before it.
    seq: i64,
    /// The last line of the ledger when this was asked.
    head: i64,
    /// What they come to, with those that are late.
    pub(super) totals: Totals,
    /// How many they are.
    lines: i64,
}

/// What was booked in a member's ledger before a moment.
pub(super) async fn before(view: &mut Snapshot<'_>, user: UserId, at: Timestamp) -> store::Result<Before> {
    let seq = view.seq_booked_before(user, at).await?;
    let head = view.heads(&[user]).await?.first().map_or(0, |(_, seq)| *seq);
    let line = view.entry(user, seq).await?;
    let (mut totals, mut lines) = (line.map(|line| line.entry.totals).unwrap_or_default(), seq);
    for LateSum { kind, level, amount, lines: late } in view.late_sums(user, Timestamp::MIN..at, seq).await? {
        totals = totals.and(kind, level, amount).ok_or_else(|| out_of_range(Overflow))?;
        lines += late;
    }
    Ok(Before { seq, head, totals, lines })
}

/// Lines of a month that were not read yet: those that stand in the order of
/// their booking, and those that are late.
#[derive(Clone, Debug)]
struct MonthPages {
    user: UserId,
    /// The statement's balance so far.
    balance: Money,
    in_order: Part<i64>,
    late: Part<(Timestamp, i64)>,
    /// The last line in the order of booking.
    last: i64,
    /// The last line of the ledger when the month was asked for.
    head: i64,
    end: Timestamp,
}

/// Lines that were read and not handed out, and where to read on.
#[derive(Clone, Debug)]
struct Part<K> {
    read: VecDeque<LedgerLine>,
    after: K,
    more: bool,
}

impl<K> Part<K> {
    fn new(after: K) -> Self {
        Self { read: VecDeque::new(), after, more: true }
    }

    fn is_empty(&self) -> bool {
        self.read.is_empty()
    }
}

impl MonthPages {
    fn new(user: UserId, times: Range<Timestamp>, opening: &Before, closing: &Before) -> Self {
        Self {
            user,
            balance: opening.totals.balance(),
            in_order: Part::new(opening.seq),
            // Before the first line that any moment of the month can have.
            late: Part::new((times.start, 0)),
            last: closing.seq,
            head: closing.head,
            end: times.end,
        }
    }

    async fn next(&mut self, view: &mut Snapshot<'_>) -> store::Result<Option<Vec<MonthLine>>> {
        let mut page = Vec::new();
        while page.len() < PAGE {
            self.fill(view).await?;
            let from = match (self.in_order.read.front(), self.late.read.front()) {
                (Some(line), Some(late)) if key(late) < key(line) => &mut self.late.read,
                (None, Some(_)) => &mut self.late.read,
                (Some(_), _) => &mut self.in_order.read,
                (None, None) => break,
            };
            page.extend(from.pop_front());
        }
        if page.is_empty() {
            return Ok(None);
        }
        let mut lines = Vec::with_capacity(page.len());
        for posted in Posted::all(view, page).await? {
            let balance = self.balance.checked_add(posted.line.entry.amount);
            self.balance = balance.ok_or_else(|| out_of_range(Overflow))?;
            lines.push(MonthLine { posted, balance: self.balance });
        }
        Ok(Some(lines))
    }

    /// Reads on where nothing is left of what was read.
    async fn fill(&mut self, view: &mut Snapshot<'_>) -> store::Result<()> {
        while self.in_order.is_empty() && self.in_order.more {
            let left = usize::try_from(self.last - self.in_order.after).unwrap_or(0).min(PAGE);
            let lines = view.entries_after(self.user, self.in_order.after, left).await?;
            self.in_order.more = lines.last().is_some_and(|line| line.entry.seq < self.last);
            self.in_order.after = lines.last().map_or(self.last, |line| line.entry.seq);
            self.in_order.read.extend(lines.into_iter().filter(|line| !line.entry.is_late()));
        }
        while self.late.is_empty() && self.late.more {
            let lines = view.late_entries(self.user, self.late.after, self.end, PAGE).await?;
            self.late.more = lines.len() == PAGE;
            self.late.after = lines.last().map_or(self.late.after, key);
            self.late.read.extend(lines.into_iter().filter(|line| line.entry.seq <= self.head));
        }
        Ok(())
    }
}

/// Where a line stands in its month.
fn key(line: &LedgerLine) -> (Timestamp, i64) {
    (line.entry.times.booked_at, line.entry.seq)
}
