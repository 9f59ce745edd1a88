//! What a member earned. None of it costs more when there are more purchases.

use domain::{Account, Money, Plan, UserId};
use store::LedgerLine;

use crate::{App, Caller, ReadError};

/// Commissions shown with the totals.
const NEWEST: usize = 50;

/// The totals of a member's ledger and its newest commissions.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Her totals.
    pub account: Account,
    /// The plan in force.
    pub plan: Plan,
    /// Her newest commissions, newest first.
    pub newest: Vec<LedgerLine>,
    /// The part of her balance that cannot be paid out yet.
    pub pending: Money,
}

/// The totals of a user's ledger, with the newest 50 commissions.
pub async fn statement(app: &App, caller: &Caller, user: UserId) -> Result<Statement, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.store
        .read(async |view| {
            let account = view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let (_, plan) = view.plan_in_force(now).await?;
            let newest = view.newest_commissions(user, NEWEST).await?;
            let pending = view.pending(user, now.day()).await?;
            Ok(Statement { account, plan, newest, pending })
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
) -> Result<Vec<LedgerLine>, ReadError> {
    caller.may_see(user)?;
    app.store
        .read(async |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            Ok(view.entries_page(user, before, limit).await?)
        })
        .await
}
