//! Withdrawing a version of the plan that is still to come.
//!
//! It stays in the list with its number and is never in force. What it decided
//! already, by a clock that is ahead of ours, would have no plan: then it stays.

use std::sync::Arc;

use domain::{PlanVersion, PurchaseId, Scope, Timestamp, UserId};
use serde_json::json;
use store::{PlanRecord, Snapshot};

use super::OVERLAP;
use crate::access::Denied;
use crate::audit::{self, Action};
use crate::calendar::instant;
use crate::{App, Caller};

/// Why a version was not withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawPlanError {
    /// The caller may not set the plan.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such version.
    #[error("plan {0} does not exist")]
    NotFound(PlanVersion),
    /// It is in force, or was.
    #[error("plan {version} began at {}; set another one after it", instant(*began_at))]
    Began {
        /// Which.
        version: PlanVersion,
        /// Since when it is in force.
        began_at: Timestamp,
    },
    /// A sale was decided by it, or recorded while it was in force.
    #[error("purchase {purchase} was recorded under plan {version}; set another one after it")]
    Decided {
        /// Which.
        version: PlanVersion,
        /// The first of them.
        purchase: PurchaseId,
    },
    /// Somebody took her place by its limit.
    #[error("member {member} joined under plan {version}; set another one after it")]
    Joined {
        /// Which.
        version: PlanVersion,
        /// The first of them.
        member: UserId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Withdraws a version that has not begun and that decided nothing. To withdraw it
/// again changes nothing.
///
/// All purchases and members are looked at before anybody is kept waiting; under the
/// lock only those that came since are.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    version: PlanVersion,
) -> Result<PlanRecord, WithdrawPlanError> {
    caller.require(Scope::Admin)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let now = clock.now();
    let seen = app
        .read_aside(async move |view| {
            let seen = Seen::all(view).await?;
            withdrawable(view, version, now, Seen::NOTHING).await?;
            Ok::<_, WithdrawPlanError>(seen)
        })
        .await?;
    app.store
        .write(async move |tx| {
            // Whoever buys or joins at the same time does so wholly before or wholly after.
            tx.lock_plans().await?;
            let now = clock.now();
            let record = withdrawable(tx, version, now, seen).await?;
            if !tx.withdraw_plan(version, now).await? {
                return Ok(record);
            }
            let detail = json!({"effective_from_ms": record.effective_from.millis()});
            audit::note(tx, &caller, now, Action::WithdrawPlan, format_args!("plan {version}"), detail)
                .await?;
            Ok(PlanRecord { withdrawn_at: Some(now), ..record })
        })
        .await
}

/// The version, if it can be withdrawn as far as is not seen yet, or was before.
async fn withdrawable(
    view: &mut Snapshot<'_>,
    version: PlanVersion,
    now: Timestamp,
    seen: Seen,
) -> Result<PlanRecord, WithdrawPlanError> {
    use WithdrawPlanError as E;
    let record = view.plan(version).await?.ok_or(E::NotFound(version))?;
    if record.withdrawn_at.is_some() {
        return Ok(record);
    }
    if record.effective_from <= now {
        return Err(E::Began { version, began_at: record.effective_from });
    }
    if let Some(purchase) = view.first_purchase_under(version, seen.purchase).await? {
        return Err(E::Decided { version, purchase });
    }
    if let Some(member) = view.first_member_under(version, seen.member).await? {
        return Err(E::Joined { version, member });
    }
    Ok(record)
}

/// Up to which purchase and which member everything was looked at.
#[derive(Clone, Copy)]
struct Seen {
    purchase: PurchaseId,
    member: UserId,
}

impl Seen {
    const NOTHING: Self = Self { purchase: PurchaseId::new(0), member: UserId::new(0) };

    /// All that there is, but for so many of the newest as may still be written.
    async fn all(view: &mut Snapshot<'_>) -> store::Result<Self> {
        let purchase = view.purchases_page(None, 1).await?.first().map_or(0, |(newest, _)| newest.id.get());
        let member = view.members_page(None, 1).await?.first().map_or(0, |newest| newest.user.id.get());
        let but_newest = |id: i64| id.saturating_sub(OVERLAP).max(0);
        Ok(Self { purchase: PurchaseId::new(but_newest(purchase)), member: UserId::new(but_newest(member)) })
    }
}
