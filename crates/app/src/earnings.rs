//! What a member earned. None of it costs more when there are more purchases.

mod month;
mod newest;
mod today;

use std::sync::Arc;

use domain::{Account, Cause, Level, Money, Overflow, PayoutState, Plan, Reason, UserId};
use store::{Commission, LedgerLine, Snapshot};

use crate::books::out_of_range;
use crate::{App, Caller, ReadError};

pub use month::{MONTH_LINES_MAX, MonthLine, MonthLines, MonthStatement, month, month_lines};
pub(crate) use newest::Newest;
pub use today::{Today, today};

/// The totals of a member's ledger and its newest commissions.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Her totals.
    pub account: Account,
    /// The plan in force.
    pub plan: Plan,
    /// Her newest 50 commissions, newest first.
    pub newest: Arc<[Commission]>,
    /// The part of her balance that cannot be paid out yet.
    pub pending: Money,
    /// The part that can.
    pub available: Money,
}

impl Statement {
    /// The levels that the plan in force pays, and every deeper one that ever
    /// earned her something.
    pub fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        let newest = self.newest.iter().map(|commission| commission.origin.level.index() + 1).max();
        let earned = self.account.totals.by_level.depth().max(newest.unwrap_or(0));
        Level::nearest(earned.max(self.plan.levels.depth()))
    }
}

/// A line of a ledger with what somebody said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The line.
    pub line: LedgerLine,
    /// Why a payout came back, or a balance was adjusted.
    pub reason: Option<Reason>,
}

impl Posted {
    /// Looks up why there are these lines.
    pub(crate) async fn all(view: &mut Snapshot<'_>, lines: Vec<LedgerLine>) -> store::Result<Vec<Self>> {
        let mut posted = Vec::with_capacity(lines.len());
        for line in lines {
            let reason = reason(view, line.entry.cause).await?;
            posted.push(Self { line, reason });
        }
        Ok(posted)
    }
}

async fn reason(view: &mut Snapshot<'_>, cause: Cause) -> store::Result<Option<Reason>> {
    let found = match cause {
        Cause::PayoutReturned(payout) => match view.payout(payout).await?.map(|payout| payout.state) {
            Some(PayoutState::Failed(_, reason)) => Some(reason),
            _ => None,
        },
        Cause::Adjustment(adjustment) => view.adjustment(adjustment).await?.map(|found| found.reason),
        Cause::Commission(_) | Cause::Reversal(..) | Cause::Payout(_) => None,
    };
    Ok(found)
}

/// The totals of a user's ledger, with the newest 50 commissions.
pub async fn statement(app: &App, caller: &Caller, user: UserId) -> Result<Statement, ReadError> {
    caller.may_see(user)?;
    let (now, known) = (app.now(), Arc::clone(&app.newest));
    app.store
        .glance(async move |view| {
            let account = view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let (_, plan) = view.plan_in_force(now).await?;
            let newest = known.of(&account, view).await?;
            let pending = view.pending(user, now).await?;
            let available = account.totals.balance().checked_sub(pending);
            let available = available.ok_or(Overflow).map_err(out_of_range)?;
            Ok(Statement { account, plan, newest, pending, available })
        })
        .await
}

/// Up to `limit` lines of a user's ledger, newest first, from just below `before`.
pub async fn entries(
    app: &App,
    caller: &Caller,
    user: UserId,
    before: Option<i64>,
    limit: usize,
) -> Result<Vec<Posted>, ReadError> {
    caller.may_see(user)?;
    app.store
        .read(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let lines = view.entries_page(user, before, limit).await?;
            Ok(Posted::all(view, lines).await?)
        })
        .await
}
