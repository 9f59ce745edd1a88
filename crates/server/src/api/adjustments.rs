//! Corrections of balances by an admin.

use std::sync::Arc;

use app::adjustments::{self, NewAdjustment};
use app::rehearsal;
use axum::extract::State;
use domain::{Adjustment, Money, Reason, Reference, Scope, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Fields, Id, IdempotencyKey, SignedIn};
use crate::problem::Problem;
use crate::rehearsal::{EffectsBody, Meant, Rehearsable};
use crate::wire::{AmountIn, Decimal, Once, When};

/// Which way a correction goes.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// To the member.
    Credit,
    /// From the member.
    Debit,
}

/// A correction, as it is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAdjustmentBody {
    direction: Direction,
    /// How much: a string or a number with at most two decimals.
    amount: AmountIn,
    /// Why, for the member to read: 1 to 200 characters on one line.
    #[schema(example = "prize of the spring campaign")]
    reason: String,
    /// Your own id for the adjustment. With it a retry is safe; the
    /// `Idempotency-Key` header means the same.
    reference: Option<String>,
}

/// A correction of one member's balance. None of it ever changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdjustedBody {
    message: &'static str,
    adjustment_id: i64,
    user_id: i64,
    direction: Direction,
    amount: Decimal,
    reason: String,
    reference: Option<String>,
    created_at: When,
}

impl From<Adjustment> for AdjustedBody {
    fn from(adjustment: Adjustment) -> Self {
        let (direction, amount) = match Money::ZERO.checked_sub(adjustment.amount) {
            Some(taken) if taken > Money::ZERO => (Direction::Debit, taken),
            _ => (Direction::Credit, adjustment.amount),
        };
        Self {
            message: "Balance adjusted.",
            adjustment_id: adjustment.id.get(),
            user_id: adjustment.user.get(),
            direction,
            amount: Decimal(amount),
            reason: adjustment.reason.to_string(),
            reference: adjustment.reference.as_ref().map(Reference::to_string),
            created_at: When(adjustment.created_at),
        }
    }
}

/// Adjust a member's balance.
///
/// Adds a line to her ledger, which she sees with its reason. Needs `admin`.
#[utoipa::path(post, path = "/api/users/{user_id}/adjustments", tag = "earnings",
    request_body = NewAdjustmentBody,
    params(("user_id" = i64, Path), ("dry_run" = Option<bool>, Query, description = "`true`: nothing is done, and answered is what it would do to whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as `reference`")),
    responses(
        (status = 201, body = AdjustedBody),
        (status = 200, description = "Replayed: it was made before; `Idempotent-Replayed: true`. With `dry_run`, an `EffectsBody`", body = AdjustedBody),
        (status = 403, body = Problem), (status = 404, description = "`user_not_found`", body = Problem),
        (status = 409, description = "`reference_reused`", body = Problem),
        (status = 422, description = "`invalid_amount`, `reference_mismatch` or `invalid_body`", body = Problem)))]
pub(crate) async fn create_adjustment(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    meant: Result<Meant, Problem>,
    key: Result<IdempotencyKey, Problem>,
    body: Result<Body<NewAdjustmentBody>, Problem>,
) -> Result<Rehearsable<AdjustedBody, EffectsBody>, Problem> {
    caller.require(Scope::Admin)?;
    let (meant, key, Body(body)) = (meant?, key?, body?);
    let new = new_adjustment(user, &body, key)?;
    if meant == Meant::AsARehearsal {
        let effect = rehearsal::adjustment(&site.app, &caller, user, new.amount).await?;
        return EffectsBody::new(vec![effect]).map(Rehearsable::Would).ok_or_else(Problem::internal);
    }
    let (adjustment, replayed) = adjustments::adjust(&site.app, &caller, new).await?;
    Ok(Rehearsable::Done(Once { body: adjustment.into(), replayed }))
}

fn new_adjustment(
    user: UserId,
    body: &NewAdjustmentBody,
    key: IdempotencyKey,
) -> Result<NewAdjustment, Problem> {
    let amount = body.amount.read("/amount")?;
    let mut fields = Fields::default();
    let reason = fields.read::<Reason>("/reason", &body.reason).ok_or_else(|| fields.problem())?;
    let amount = match body.direction {
        Direction::Credit => amount,
        Direction::Debit => Money::ZERO.checked_sub(amount).expect("no amount is that large"),
    };
    Ok(NewAdjustment { user, amount, reason, reference: key.or(body.reference.as_deref())? })
}
