//! The plan and its versions.
//!
//! A version is never changed once it is there: another one follows it, from
//! now on or from a later day, and what was bought before keeps its own.

use std::sync::Arc;

use domain::{Currency, Plan, PlanVersion, Scope, Timestamp};
use serde_json::{Value, json};
use store::{PlanRecord, Tx};

use crate::access::Denied;
use crate::audit::{self, Action};
use crate::{App, Caller, ReadError};

/// Purchases looked at for the latest time: more than all nodes together write
/// while their clocks differ.
const NEWEST: usize = 5_000;

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
    /// Purchases may have been made under another plan since.
    #[error("a plan cannot begin in the past; leave the date out to begin now")]
    EffectiveDateInPast,
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

/// Adds a version that is in force from a moment on, or from now on.
pub async fn set(
    app: &App,
    caller: &Caller,
    plan: Plan,
    effective_from: Option<Timestamp>,
) -> Result<PlanRecord, SetPlanError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
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
            let earliest = earliest(tx, now).await?;
            let effective_from = effective_from.unwrap_or(earliest);
            if effective_from < earliest {
                return Err(SetPlanError::EffectiveDateInPast);
            }
            let version = tx.append_plan(&plan, effective_from, now).await?;
            let detail = terms(&plan, effective_from);
            audit::note(tx, &caller, now, Action::SetPlan, format_args!("plan {version}"), detail).await?;
            Ok(PlanRecord { version, plan: plan.clone(), effective_from, created_at: now })
        })
        .await
}

/// Now, or just after the newest purchases when the clock has gone back, or is
/// behind that of another node: what was bought keeps the plan that was in force
/// at its time.
async fn earliest(tx: &mut Tx<'_>, now: Timestamp) -> store::Result<Timestamp> {
    let newest = tx.purchases_page(None, NEWEST).await?;
    let latest = newest.iter().map(|(purchase, _)| purchase.occurred_at.plus_millis(1)).max();
    Ok(latest.map_or(now, |latest| latest.max(now)))
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
