//! Paying members what they are due.
//!
//! A payout run takes what is available out of the balances at once, and makes
//! one payout for each member. Somebody sends the money and says for each payout
//! what became of it; what could not be sent comes back by a new line.

mod due;
mod settling;
pub(crate) mod warnings;

use std::sync::Arc;

use domain::{
    Cause, Money, Payout, PayoutId, PayoutRun, PayoutRunId, PayoutStatus, Reference, Scope, UserId,
};
use serde_json::json;
use store::{Member, NewPayoutRun, Snapshot};

pub use due::{Due, Order, Preview, preview};
pub use settling::{Of, SettledTogether, Settlement, settle, settle_run};
pub use warnings::warnings;

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::books::{Books, distinct, out_of_range};
use crate::{App, Caller};

use self::due::{all_due, available, is_due};

/// Payouts in one run; whoever is left over is due in the next.
pub const RUN_MAX: usize = 5_000;

/// Why nothing was paid, settled or shown.
#[derive(Debug, thiserror::Error)]
pub enum PayoutError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nobody's available balance reaches the minimum.
    #[error("nobody is due {0} or more")]
    NothingDue(Money),
    /// Another run, this one, already has this reference.
    #[error("reference {0:?} belongs to another payout run")]
    ReferenceReused(Reference, PayoutRunId),
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

/// Backdated sales that are told of on one run.
const BACKDATED_MAX: usize = 1_000;

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
    let known = reference.clone();
    let known = async move |view: &mut Snapshot<'_>| earlier(view, minimum, known.as_ref()).await;
    if let Some(earlier) = app.store.read(known).await? {
        return Ok((earlier, true));
    }
    let now = app.now();
    // Who is due is found beside the writers; how much, under the lock of her account.
    let due = app.read_aside(async move |view| all_due(view, minimum, now).await).await?;
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
                let amount = available(tx, books.account(*user), now).await?;
                if is_due(amount, minimum) {
                    payouts.push((*user, amount));
                }
            }
            if payouts.is_empty() {
                return Err(PayoutError::NothingDue(minimum));
            }
            let backdated = tx.backdated_since_the_last_run(BACKDATED_MAX).await?;
            let new = NewPayoutRun { reference: reference.clone(), minimum, payouts, created_at: now };
            let (id, ids) = tx.insert_payout_run(&new).await?;
            for (payout, (user, amount)) in ids.into_iter().zip(&new.payouts) {
                let taken = Money::ZERO.checked_sub(*amount).expect("more than zero");
                books.post(Cause::Payout(payout), *user, taken, now).map_err(out_of_range)?;
            }
            let lines = books.close(tx).await?;
            warnings::note_backdated(tx, id, &lines, &backdated, now).await?;
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

/// One payout with its member.
pub async fn find(app: &App, caller: &Caller, id: PayoutId) -> Result<(Payout, Member), PayoutError> {
    may_look(caller)?;
    app.store
        .read(async move |view| {
            let payout = view.payout(id).await?.ok_or(PayoutError::PayoutNotFound(id))?;
            Ok(with_members(view, vec![payout]).await?.remove(0))
        })
        .await
}

/// Up to `limit` payouts of a run with their members, by id, from the
/// one after `after`.
pub async fn of_run(
    app: &App,
    caller: &Caller,
    run: PayoutRunId,
    after: PayoutId,
    limit: usize,
) -> Result<Vec<(Payout, Member)>, PayoutError> {
    may_look(caller)?;
    app.store
        .read(async move |view| {
            view.payout_run(run).await?.ok_or(PayoutError::RunNotFound(run))?;
            let payouts = view.payouts_of_run(run, after, limit).await?;
            Ok(with_members(view, payouts).await?)
        })
        .await
}

/// Up to `limit` payouts to a member with her, newest first, from just
/// below `before`.
pub async fn of_user(
    app: &App,
    caller: &Caller,
    user: UserId,
    before: Option<PayoutId>,
    limit: usize,
) -> Result<Vec<(Payout, Member)>, PayoutError> {
    caller.may_see(user).or_else(|_| caller.require(Scope::PayoutsWrite))?;
    app.store
        .read(async move |view| {
            view.member(user).await?.ok_or(PayoutError::UserNotFound(user))?;
            let payouts = view.payouts_of_user(user, before, limit).await?;
            Ok(with_members(view, payouts).await?)
        })
        .await
}

async fn with_members(view: &mut Snapshot<'_>, payouts: Vec<Payout>) -> store::Result<Vec<(Payout, Member)>> {
    let users: Vec<UserId> = distinct(payouts.iter().map(|payout| payout.user));
    let members = view.members_by_id(&users).await?;
    let with_member = |payout: Payout| {
        let member = members[&payout.user].clone();
        (payout, member)
    };
    Ok(payouts.into_iter().map(with_member).collect())
}

/// The run that carries this reference, when it has the same minimum.
async fn earlier(
    view: &mut Snapshot<'_>,
    minimum: Money,
    reference: Option<&Reference>,
) -> Result<Option<PayoutRun>, PayoutError> {
    let Some(reference) = reference else { return Ok(None) };
    match view.payout_run_by_reference(reference).await? {
        Some(run) if run.minimum != minimum => Err(PayoutError::ReferenceReused(reference.clone(), run.id)),
        earlier => Ok(earlier),
    }
}

/// Who may pay may look at what there is to pay.
pub fn may_look(caller: &Caller) -> Result<(), Denied> {
    caller.require(Scope::Read).or_else(|_| caller.require(Scope::PayoutsWrite))
}
