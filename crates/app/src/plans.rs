//! The plan and its versions.
//!
//! A version is never changed once it is there: another one follows it, from
//! now on or from another day, and what was bought before keeps its own. One that is
//! to come can be withdrawn. Nothing is ever decided under one plan and found under another: a plan begins after
//! everything that was decided.

mod withdrawal;

use std::sync::Arc;

use domain::{Currency, Plan, PlanVersion, PurchaseId, Scope, Timestamp};
use serde_json::{Value, json};
use store::{PlanRecord, SaleTime, Snapshot};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::calendar::instant;
use crate::purchases::CLOCK_TOLERANCE_MS;
use crate::{App, Caller, ReadError};

pub use self::withdrawal::{WithdrawPlanError, withdraw};

/// Purchases, or members, that are looked at again under the lock, before those that came since:
/// more than all nodes together write at once.
const OVERLAP: i64 = 5_000;

/// When a plan begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begins {
    /// Now, or just after the newest sale when that was made by a clock that is a
    /// little ahead.
    #[default]
    Now,
    /// Now, or just after the newest sale, whenever that was made.
    AfterLastSale,
    /// At a time of its own.
    At(Timestamp),
}

/// Why no version was added.
#[derive(Debug, thiserror::Error)]
pub enum SetPlanError {
    /// The caller may not set the plan.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What is on the books is counted in another currency.
    #[error("this programme counts in {expected}, not in {given}, and a plan cannot change that")]
    CurrencyMismatch {
        /// The currency of every version so far.
        expected: Currency,
        /// The new plan's.
        given: Currency,
    },
    /// A purchase was decided under another plan since.
    #[error(
        "purchase {purchase} of {} was decided under another plan; this one can begin after it, or now when no \
         date is given",
        instant(*occurred_at)
    )]
    SaleInTheWay {
        /// The first of them.
        purchase: PurchaseId,
        /// When it was made.
        occurred_at: Timestamp,
    },
    /// The clock was ahead when something was sold, or it is behind now.
    #[error(
        "the newest sale, purchase {purchase}, is of {}, but it is {} by the clock; set the clock right, or ask for \
         after_last_sale to begin after that sale",
        instant(*occurred_at),
        instant(*now)
    )]
    LastSaleAhead {
        /// The newest sale.
        purchase: PurchaseId,
        /// When it was made.
        occurred_at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// The version in force.
pub async fn in_force(app: &App) -> Result<PlanRecord, store::Error> {
    let now = app.now();
    app.store
        .read(async move |view| {
            let (version, _) = view.plan_in_force(now).await?;
            Ok(view.plan(version).await?.expect("read in the same snapshot"))
        })
        .await
}

/// Up to `limit` versions, newest first, from just below `before`.
pub async fn versions(
    app: &App,
    caller: &Caller,
    before: Option<PlanVersion>,
    limit: usize,
) -> Result<Vec<PlanRecord>, ReadError> {
    caller.require(Scope::Read)?;
    let plans = app.store.read(async move |view| view.plans().await).await?;
    let below = |record: &PlanRecord| before.is_none_or(|before| record.version < before);
    Ok(plans.into_iter().rev().filter(below).take(limit).collect())
}

/// Adds a version of the plan.
///
/// All purchases are looked at before anybody is kept waiting; under the lock only
/// those that came since are.
pub async fn set(app: &App, caller: &Caller, plan: Plan, begins: Begins) -> Result<PlanRecord, SetPlanError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let now = clock.now();
    let (earliest, seen) = app
        .read_aside(async move |view| {
            let newest = view.purchases_page(None, 1).await?;
            let seen = newest.first().map_or(0, |(purchase, _)| purchase.id.get());
            Ok::<_, SetPlanError>((start(view, now, begins, PurchaseId::new(0)).await?, seen))
        })
        .await?;
    app.store
        .write(async move |tx| {
            // Whoever buys at the same time does so wholly before or wholly after.
            tx.lock_plans().await?;
            let now = clock.now();
            let (_, current) = tx.plan_in_force(now).await?;
            let (expected, given) = (current.currency, plan.currency);
            if given != expected {
                return Err(SetPlanError::CurrencyMismatch { expected, given });
            }
            let since = PurchaseId::new(seen.saturating_sub(OVERLAP).max(0));
            let effective_from = start(tx, now, begins, since).await?.max(earliest);
            let version = tx.append_plan(&plan, effective_from, now).await?;
            let detail = terms(&plan, effective_from);
            audit::note(tx, &caller, now, Action::SetPlan, format_args!("plan {version}"), detail).await?;
            Ok(PlanRecord {
                version,
                plan: plan.clone(),
                effective_from,
                created_at: now,
                withdrawn_at: None,
            })
        })
        .await
}

/// When a plan can begin, as far as purchases with greater ids are concerned: what
/// was bought keeps the plan that was in force at its time.
async fn start(
    view: &mut Snapshot<'_>,
    now: Timestamp,
    begins: Begins,
    after: PurchaseId,
) -> Result<Timestamp, SetPlanError> {
    if let Begins::At(from) = begins {
        return match view.first_decided_since(from, after).await? {
            Some(SaleTime { purchase, occurred_at }) => {
                Err(SetPlanError::SaleInTheWay { purchase, occurred_at })
            }
            None => Ok(from),
        };
    }
    match view.last_decided(after).await? {
        Some(SaleTime { purchase, occurred_at })
            if begins == Begins::Now && occurred_at >= now.plus_millis(CLOCK_TOLERANCE_MS) =>
        {
            Err(SetPlanError::LastSaleAhead { purchase, occurred_at, now })
        }
        Some(last) => Ok(last.occurred_at.plus_millis(1).max(now)),
        None => Ok(now),
    }
}

/// All that is decided by setting a plan, for the audit trail.
fn terms(plan: &Plan, effective_from: Timestamp) -> Value {
    json!({
        "currency": plan.currency.as_str(),
        "commission_above": plan.commission_above.to_string(),
        "max_direct_referrals": plan.max_direct_referrals,
        "levels": plan.levels.iter().map(|(_, rate)| rate.to_string()).collect::<Vec<_>>(),
        "rounding": plan.rounding.name(),
        "hold_days": plan.hold.days(),
        "max_commission": plan.max_commission.map(|most| most.to_string()),
        "effective_from_ms": effective_from.millis(),
    })
}
