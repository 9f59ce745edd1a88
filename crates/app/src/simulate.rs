//! What past purchases would have cost under another plan.
//!
//! Every purchase is decided twice on what refunds have left of it: by its own
//! plan, which gives what the ledgers hold, and by the other. The books are
//! read in one snapshot and never touched.

mod people;
mod replay;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use domain::{Currency, Level, LevelTotals, Money, Name, Plan, Rate, Scope, Timestamp, UserId};
use store::Snapshot;
use tokio::sync::Mutex;

use self::replay::Replay;
use crate::access::Denied;
use crate::{App, Caller};

/// Members who are named among those who gain most, and among those who lose most.
pub const NAMED: usize = 20;

/// What no simulation takes into account.
pub const NOTES: [&str; 2] = [
    "The tree stays as it is: another max_direct_referrals would have let in more members, or fewer.",
    "hold_days changes when a commission can be paid out, not how much it is.",
];

/// Another plan, and the purchases to try it on.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// What to pay.
    pub plan: Plan,
    /// Only purchases made at this time or later.
    pub since: Option<Timestamp>,
}

/// How far a simulation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The purchase that was looked at last, by its number.
    pub done: u64,
    /// The newest purchase.
    pub total: u64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The currency of all amounts.
    pub currency: Currency,
    /// Purchases that were decided again.
    pub purchases: u64,
    /// Purchases that were settled elsewhere: they pay nothing under any plan,
    /// and are counted here alone.
    pub settled_elsewhere: u64,
    /// Sum of the purchases.
    pub sales: Money,
    /// What was taken back of them.
    pub refunded: Money,
    /// What they cost: commissions less reversals.
    pub books: Cost,
    /// What they would have cost.
    pub plan: Cost,
    /// How many levels the other plan pays.
    pub depth: usize,
    /// Everybody who earned or would have earned something, by what she would
    /// have gained, most first.
    pub members: Vec<MemberChange>,
    /// How many members would have earned more.
    pub gain: u64,
    /// How many members would have earned less.
    pub lose: u64,
    /// How many members would have earned the same, if only nothing.
    pub unchanged: u64,
    /// The names of [`Simulation::gainers`] and [`Simulation::losers`].
    pub names: HashMap<UserId, Name>,
}

impl Simulation {
    /// How much more the purchases would have cost; negative when less.
    pub fn difference(&self) -> Money {
        // Neither is negative.
        self.plan.total.checked_sub(self.books.total).unwrap_or_default()
    }

    /// Those who would have gained most, at most [`NAMED`] of them.
    pub fn gainers(&self) -> impl Iterator<Item = &MemberChange> {
        self.members.iter().take_while(|member| member.difference() > Money::ZERO).take(NAMED)
    }

    /// Those who would have lost most, at most [`NAMED`] of them.
    pub fn losers(&self) -> impl Iterator<Item = &MemberChange> {
        self.members.iter().rev().take_while(|member| member.difference() < Money::ZERO).take(NAMED)
    }

    /// The levels that the other plan pays, and any deeper ones that were paid.
    pub fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        Level::nearest(self.books.by_level.depth().max(self.depth))
    }
}

/// What commissions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// All of them.
    pub total: Money,
    /// What share of the sales that is, less what was refunded; none without sales.
    pub share: Option<Rate>,
    /// At each level.
    pub by_level: LevelTotals,
}

/// What one member earned, and what she would have earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// Who.
    pub user: UserId,
    /// By the books: commissions less reversals.
    pub earned: Money,
    /// Under the other plan.
    pub would_earn: Money,
}

impl MemberChange {
    /// What she would have gained; negative when she would have lost.
    pub fn difference(&self) -> Money {
        // Neither is negative.
        self.would_earn.checked_sub(self.earned).unwrap_or_default()
    }
}

/// Why nothing was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The caller may not simulate.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What is on the books is counted in another currency.
    #[error("this programme counts in {expected}, not in {given}")]
    CurrencyMismatch {
        /// The currency of the books.
        expected: Currency,
        /// The other plan's.
        given: Currency,
    },
    /// Another simulation is running; one at a time is enough for the machine.
    #[error("another simulation is running")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Replays all purchases under another plan and tells `progress` how far it is.
/// It reads everything, so it is done for one caller at a time, away from the
/// threads that answer requests.
pub async fn simulate(
    app: &App,
    caller: &Caller,
    what_if: WhatIf,
    progress: impl Fn(Progress) + Send + 'static,
) -> Result<Simulation, SimulateError> {
    caller.require(Scope::Admin)?;
    let alone = Arc::clone(&app.simulating).try_lock_owned().map_err(|_| SimulateError::Busy)?;
    let now = app.now();
    app.read_aside(async move |view| {
        // Held by the replay itself: it goes on when its caller has hung up.
        let _alone = &alone;
        run(view, now, &what_if, &progress).await
    })
    .await
}

/// Keeps simulations from running side by side.
pub(crate) type Simulating = Arc<Mutex<()>>;

async fn run(
    view: &mut Snapshot<'_>,
    now: Timestamp,
    what_if: &WhatIf,
    progress: &impl Fn(Progress),
) -> Result<Simulation, SimulateError> {
    let (_, current) = view.plan_in_force(now).await?;
    let (expected, given) = (current.currency, what_if.plan.currency);
    if given != expected {
        return Err(SimulateError::CurrencyMismatch { expected, given });
    }
    let mut replay = Replay::prepare(view, what_if).await?;
    replay.run(view, progress).await?;
    let mut simulation = replay.finish()?;
    let named: Vec<UserId> =
        simulation.gainers().chain(simulation.losers()).map(|member| member.user).collect();
    let named = view.buyers(&named, 0).await?;
    simulation.names = named.into_iter().map(|(user, buyer)| (user, buyer.name)).collect();
    Ok(simulation)
}

/// By what they would have gained, most first, and then by their ids.
fn rank(members: &mut [MemberChange]) {
    members.sort_unstable_by_key(|member| (Reverse(member.difference()), member.user));
}
