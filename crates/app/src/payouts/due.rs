//! Who is due what, and what a run would pay.

use std::cmp::Reverse;

use domain::{Account, Email, Money, Name, Overflow, Timestamp, UserId};
use store::Snapshot;

use super::{PayoutError, may_look};
use crate::books::out_of_range;
use crate::{App, Caller};

/// Accounts looked at together.
const PAGE: usize = 5_000;

/// What a member could be paid now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub user: UserId,
    /// What she is called.
    pub name: Name,
    /// Where she can be reached.
    pub email: Email,
    /// The part of her balance that is not on hold.
    pub amount: Money,
}

/// What a run would pay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// How many payouts.
    pub payouts: usize,
    /// What they come to.
    pub total: Money,
    /// The first of them.
    pub due: Vec<Due>,
}

/// In which order a preview names those who are due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Those who have been members longest first.
    #[default]
    User,
    /// Those who are due most first, and of equal amounts the oldest member.
    Amount,
}

/// What a run with this minimum would pay, with at most `limit` of its payouts in
/// this order.
pub async fn preview(
    app: &App,
    caller: &Caller,
    minimum: Money,
    order: Order,
    limit: usize,
) -> Result<Preview, PayoutError> {
    may_look(caller)?;
    let now = app.now();
    app.read_aside(async move |view| {
        let mut all = all_due(view, minimum, now).await?;
        let total = Money::sum(all.iter().map(|(_, amount)| *amount));
        let total = total.map_err(|_| store::Error::OutOfRange("all that is due"))?;
        let payouts = all.len();
        if order == Order::Amount {
            all.sort_by_key(|(user, amount)| (Reverse(*amount), *user));
        }
        all.truncate(limit);
        let users: Vec<UserId> = all.iter().map(|(user, _)| *user).collect();
        let members = view.members_by_id(&users).await?;
        let due = all.into_iter().map(|(user, amount)| {
            let member = &members[&user].user;
            Due { user, name: member.name.clone(), email: member.email.clone(), amount }
        });
        Ok(Preview { payouts, total, due: due.collect() })
    })
    .await
}

/// Everybody who is due `minimum` or more, by user.
pub(super) async fn all_due(
    view: &mut Snapshot<'_>,
    minimum: Money,
    now: Timestamp,
) -> Result<Vec<(UserId, Money)>, PayoutError> {
    let mut due = Vec::new();
    let mut last = UserId::new(0);
    loop {
        let page = view.scan_accounts(last, PAGE).await?;
        let Some(newest) = page.last() else { return Ok(due) };
        last = newest.user;
        for account in page {
            let amount = available(view, &account, now).await?;
            if is_due(amount, minimum) {
                due.push((account.user, amount));
            }
        }
    }
}

pub(super) fn is_due(available: Money, minimum: Money) -> bool {
    available > Money::ZERO && available >= minimum
}

/// The part of a balance that is not on hold.
pub(super) async fn available(
    view: &mut Snapshot<'_>,
    account: &Account,
    now: Timestamp,
) -> store::Result<Money> {
    let balance = account.totals.balance();
    if balance <= Money::ZERO {
        return Ok(balance);
    }
    let pending = view.pending(account.user, now).await?;
    balance.checked_sub(pending).ok_or(Overflow).map_err(out_of_range)
}
