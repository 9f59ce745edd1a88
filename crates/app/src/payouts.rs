//! Paying members what they are due.
//!
//! A payout run takes what is available out of the balances at once, and makes
//! one payout for each member. Somebody sends the money and says for each payout
//! what became of it; what could not be sent comes back by a new line.

use std::sync::Arc;

use domain::{
    Account, Cause, Day, Email, Money, Name, Payout, PayoutId, PayoutRun, PayoutRunId, PayoutState,
    PayoutStatus, Reason, Reference, Scope, UserId,
};
use serde_json::json;
use store::{NewPayoutRun, Snapshot, Tx};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::books::{Books, out_of_range};
use crate::{App, Caller};

/// Payouts in one run; whoever is left over is due in the next.
pub const RUN_MAX: usize = 5_000;

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
    /// The first of them, by user.
    pub due: Vec<Due>,
}

/// What became of a payout, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It reached the member.
    Paid,
    /// It did not.
    Failed(Reason),
}

/// Why nothing was paid, settled or shown.
#[derive(Debug, thiserror::Error)]
pub enum PayoutError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody's available balance reaches the minimum.
    #[error("nobody is due {0} or more")]
    NothingDue(Money),
    /// Another run already has this reference.
    #[error("reference {0:?} belongs to another payout run")]
    ReferenceReused(Reference),
    /// There is no such run.
    #[error("payout run {0} does not exist")]
    RunNotFound(PayoutRunId),
    /// There is no such payout.
    #[error("payout {0} does not exist")]
    PayoutNotFound(PayoutId),
    /// There is no such user.
    #[error("user {0} does not exist")]
    UserNotFound(UserId),
    /// The payout was settled before, in another way.
    #[error("this payout is {0} already")]
    Settled(PayoutStatus),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What a run with this minimum would pay, with at most `limit` of its payouts.
pub async fn preview(
    app: &App,
    caller: &Caller,
    minimum: Money,
    limit: usize,
) -> Result<Preview, PayoutError> {
    may_look(caller)?;
    let today = app.now().day();
    app.read_aside(async move |view| {
        let all = all_due(view, minimum, today).await?;
        let total = all.iter().map(|(_, amount)| amount.paise()).sum();
        let mut due = Vec::with_capacity(all.len().min(limit));
        for (user, amount) in all.iter().take(limit) {
            let member = view.member(*user).await?.expect("she has an account").user;
            due.push(Due { user: *user, name: member.name, email: member.email, amount: *amount });
        }
        Ok(Preview { payouts: all.len(), total: Money::from_paise(total), due })
    })
    .await
}

/// Takes what is available out of the balance of everybody who is due `minimum`
/// or more, and makes a payout for each. The second value tells whether the run
/// was there before.
pub async fn make_run(
    app: &App,
    caller: &Caller,
    minimum: Money,
    reference: Option<Reference>,
) -> Result<(PayoutRun, bool), PayoutError> {
    caller.require(Scope::PayoutsWrite)?;
    let today = app.now().day();
    // Who is due is found beside the writers; how much, under the lock of her account.
    let due = app.read_aside(async move |view| all_due(view, minimum, today).await).await?;
    let users: Vec<UserId> = due.into_iter().take(RUN_MAX).map(|(user, _)| user).collect();
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let (run, lines, replayed) = app
        .store
        .write(async move |tx| {
            let mut books = Books::open(tx, users.iter().copied()).await?;
            if let Some(earlier) = earlier(tx, minimum, reference.as_ref()).await? {
                return Ok((earlier, Vec::new(), true));
            }
            let now = clock.now();
            let mut payouts = Vec::with_capacity(users.len());
            for user in &users {
                let amount = available(tx, books.account(*user), now.day()).await?;
                if is_due(amount, minimum) {
                    payouts.push((*user, amount));
                }
            }
            if payouts.is_empty() {
                return Err(PayoutError::NothingDue(minimum));
            }
            let new = NewPayoutRun { reference: reference.clone(), minimum, payouts, created_at: now };
            let (id, ids) = tx.insert_payout_run(&new).await?;
            for (payout, (user, amount)) in ids.into_iter().zip(&new.payouts) {
                let taken = Money::ZERO.checked_sub(*amount).expect("more than zero");
                books.post(Cause::Payout(payout), *user, taken, now).map_err(out_of_range)?;
            }
            let lines = books.close(tx).await?;
            let run = tx.payout_run(id).await?.expect("inserted in this transaction");
            let detail = json!({
                "payouts": run.payouts, "total": run.total.to_string(), "minimum": minimum.to_string(),
            });
            audit::note(tx, &caller, now, Action::MakePayouts, format_args!("payout run {id}"), detail)
                .await?;
            Ok((run, lines, false))
        })
        .await?;
    app.feed.publish(Vec::new(), lines);
    Ok((run, replayed))
}

/// Says what became of a payout. Saying the same again changes nothing.
pub async fn settle(
    app: &App,
    caller: &Caller,
    payout: PayoutId,
    settlement: Settlement,
) -> Result<Payout, PayoutError> {
    caller.require(Scope::PayoutsWrite)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let (payout, lines) = app
        .store
        .write(async move |tx| {
            let found = tx.payout(payout).await?.ok_or(PayoutError::PayoutNotFound(payout))?;
            // Whoever settles it at the same time is waited for.
            let mut books = Books::open(tx, [found.user]).await?;
            let mut payout = tx.payout(payout).await?.expect("it was there");
            match (&payout.state, &settlement) {
                (PayoutState::Pending, _) => {}
                (PayoutState::Paid(_), Settlement::Paid) => return Ok((payout, Vec::new())),
                (PayoutState::Failed(_, was), Settlement::Failed(is)) if was == is => {
                    return Ok((payout, Vec::new()));
                }
                (state, _) => return Err(PayoutError::Settled(state.status())),
            }
            let now = clock.now();
            let (state, action, detail) = match settlement.clone() {
                Settlement::Paid => (PayoutState::Paid(now), Action::MarkPayoutPaid, json!({})),
                Settlement::Failed(reason) => {
                    let detail = json!({"reason": reason.as_str()});
                    books
                        .post(Cause::PayoutReturned(payout.id), payout.user, payout.amount, now)
                        .map_err(out_of_range)?;
                    (PayoutState::Failed(now, reason), Action::MarkPayoutFailed, detail)
                }
            };
            if !tx.settle_payout(payout.id, &state).await? {
                return Err(PayoutError::Settled(state.status()));
            }
            let lines = books.close(tx).await?;
            audit::note(tx, &caller, now, action, format_args!("payout {}", payout.id), detail).await?;
            payout.state = state;
            Ok((payout, lines))
        })
        .await?;
    app.feed.publish(Vec::new(), lines);
    Ok(payout)
}

/// Up to `limit` runs, newest first, from just below `before`.
pub async fn runs(
    app: &App,
    caller: &Caller,
    before: Option<PayoutRunId>,
    limit: usize,
) -> Result<Vec<PayoutRun>, PayoutError> {
    may_look(caller)?;
    Ok(app.store.read(async move |view| view.payout_runs_page(before, limit).await).await?)
}

/// One run.
pub async fn run(app: &App, caller: &Caller, id: PayoutRunId) -> Result<PayoutRun, PayoutError> {
    may_look(caller)?;
    let found = app.store.read(async move |view| view.payout_run(id).await).await?;
    found.ok_or(PayoutError::RunNotFound(id))
}

/// One payout with its member's name.
pub async fn find(app: &App, caller: &Caller, id: PayoutId) -> Result<(Payout, Name), PayoutError> {
    may_look(caller)?;
    app.store
        .read(async move |view| {
            let payout = view.payout(id).await?.ok_or(PayoutError::PayoutNotFound(id))?;
            Ok(named(view, vec![payout]).await?.remove(0))
        })
        .await
}

/// Up to `limit` payouts of a run with their members' names, by id, from the
/// one after `after`.
pub async fn of_run(
    app: &App,
    caller: &Caller,
    run: PayoutRunId,
    after: PayoutId,
    limit: usize,
) -> Result<Vec<(Payout, Name)>, PayoutError> {
    may_look(caller)?;
    app.store
        .read(async move |view| {
            view.payout_run(run).await?.ok_or(PayoutError::RunNotFound(run))?;
            let payouts = view.payouts_of_run(run, after, limit).await?;
            Ok(named(view, payouts).await?)
        })
        .await
}

/// Up to `limit` payouts to a member with her name, newest first, from just
/// below `before`.
pub async fn of_user(
    app: &App,
    caller: &Caller,
    user: UserId,
    before: Option<PayoutId>,
    limit: usize,
) -> Result<Vec<(Payout, Name)>, PayoutError> {
    caller.may_see(user).or_else(|_| caller.require(Scope::PayoutsWrite))?;
    app.store
        .read(async move |view| {
            view.member(user).await?.ok_or(PayoutError::UserNotFound(user))?;
            let payouts = view.payouts_of_user(user, before, limit).await?;
            Ok(named(view, payouts).await?)
        })
        .await
}

async fn named(view: &mut Snapshot<'_>, payouts: Vec<Payout>) -> store::Result<Vec<(Payout, Name)>> {
    let mut named = Vec::with_capacity(payouts.len());
    for payout in payouts {
        let member = view.member(payout.user).await?.expect("a payout refers to its member");
        named.push((payout, member.user.name));
    }
    Ok(named)
}

/// The run that carries this reference, when it has the same minimum.
async fn earlier(
    tx: &mut Tx<'_>,
    minimum: Money,
    reference: Option<&Reference>,
) -> Result<Option<PayoutRun>, PayoutError> {
    let Some(reference) = reference else { return Ok(None) };
    match tx.payout_run_by_reference(reference).await? {
        Some(run) if run.minimum != minimum => Err(PayoutError::ReferenceReused(reference.clone())),
        earlier => Ok(earlier),
    }
}

/// Everybody who is due `minimum` or more, by user.
async fn all_due(
    view: &mut Snapshot<'_>,
    minimum: Money,
    today: Day,
) -> Result<Vec<(UserId, Money)>, PayoutError> {
    let mut due = Vec::new();
    let mut last = UserId::new(0);
    loop {
        let page = view.scan_accounts(last, PAGE).await?;
        let Some(newest) = page.last() else { return Ok(due) };
        last = newest.user;
        for account in page {
            let amount = available(view, &account, today).await?;
            if is_due(amount, minimum) {
                due.push((account.user, amount));
            }
        }
    }
}

fn is_due(available: Money, minimum: Money) -> bool {
    available > Money::ZERO && available >= minimum
}

/// The part of a balance that is not on hold.
async fn available(view: &mut Snapshot<'_>, account: &Account, today: Day) -> store::Result<Money> {
    let balance = account.totals.balance();
    if balance <= Money::ZERO {
        return Ok(balance);
    }
    let pending = view.pending(account.user, today).await?;
    Ok(balance.checked_sub(pending).unwrap_or_default())
}

/// Who may pay may look at what there is to pay.
pub fn may_look(caller: &Caller) -> Result<(), Denied> {
    caller.require(Scope::Read).or_else(|_| caller.require(Scope::PayoutsWrite))
}
