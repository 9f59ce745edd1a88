//! Payouts: money sent to members, and what became of it.

use std::sync::Arc;

use app::payouts::{self, Settlement};
use axum::Json;
use axum::extract::State;
use domain::{Name, Payout, PayoutId, PayoutRunId, PayoutState, Reason, Scope, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Fields, Id, Page, SignedIn};
use crate::problem::{FieldError, Problem};
use crate::wire::{Decimal, List, When};

/// Money sent to one member.
#[derive(Serialize, ToSchema)]
pub(crate) struct PayoutBody {
    payout_id: i64,
    /// The run that made it.
    run_id: i64,
    /// To whom.
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    amount: Decimal,
    /// `pending`, `paid` or `failed`.
    #[schema(example = "pending")]
    status: &'static str,
    /// Why it failed.
    reason: Option<String>,
    created_at: When,
    /// When it was said to be paid or failed.
    settled_at: Option<When>,
}

impl From<(Payout, Name)> for PayoutBody {
    fn from((payout, name): (Payout, Name)) -> Self {
        let status = payout.state.status().name();
        let (reason, settled_at) = match payout.state {
            PayoutState::Pending => (None, None),
            PayoutState::Paid(at) => (None, Some(When(at))),
            PayoutState::Failed(at, reason) => (Some(reason.to_string()), Some(When(at))),
        };
        Self {
            payout_id: payout.id.get(),
            run_id: payout.run.get(),
            user_id: payout.user.get(),
            user_name: name.to_string(),
            amount: Decimal(payout.amount),
            status,
            reason,
            created_at: When(payout.created_at),
            settled_at,
        }
    }
}

/// The payouts of a run, in the order of their ids.
///
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/runs/{run_id}/payouts", tag = "payouts",
    params(("run_id" = i64, Path), ("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<PayoutBody>), (status = 403, body = Problem),
        (status = 404, description = "`payout_run_not_found`", body = Problem)))]
pub(crate) async fn list_payouts_of_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(run): Id<PayoutRunId>,
    page: Result<Page, Problem>,
) -> Result<Json<List<PayoutBody>>, Problem> {
    payouts::may_look(&caller)?;
    let page = page?;
    let after = PayoutId::new(page.before.unwrap_or(0));
    let payouts = payouts::of_run(&site.app, &caller, run, after, page.limit + 1).await?;
    let rows = payouts.into_iter().map(PayoutBody::from);
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.payout_id)))
}

/// The payouts to a member, newest first.
///
/// For herself, and with `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/users/{user_id}/payouts", tag = "payouts",
    params(("user_id" = i64, Path), ("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"),
        ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<PayoutBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list_payouts_of_user(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
    page: Page,
) -> Result<Json<List<PayoutBody>>, Problem> {
    let before = page.before.map(PayoutId::new);
    let payouts = payouts::of_user(&site.app, &caller, user, before, page.limit + 1).await?;
    let rows = payouts.into_iter().map(PayoutBody::from);
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.payout_id)))
}

/// What became of a payout.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Became {
    /// It reached the member.
    Paid,
    /// It did not, and the money goes back to her balance.
    Failed,
}

/// What became of a payout.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleBody {
    status: Became,
    /// Why it failed: 1 to 200 characters on one line.
    #[schema(example = "account closed")]
    reason: Option<String>,
}

/// Say what became of a payout.
///
/// Saying the same again changes nothing. What failed comes back to the balance.
/// Needs `payouts:write`.
#[utoipa::path(patch, path = "/api/payouts/{payout_id}", tag = "payouts",
    params(("payout_id" = i64, Path)), request_body = SettleBody,
    responses((status = 200, body = PayoutBody), (status = 403, body = Problem),
        (status = 404, description = "`payout_not_found`", body = Problem),
        (status = 409, description = "`payout_settled`", body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn settle_payout(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(payout): Id<PayoutId>,
    body: Result<Body<SettleBody>, Problem>,
) -> Result<Json<PayoutBody>, Problem> {
    caller.require(Scope::PayoutsWrite)?;
    let Body(body) = body?;
    payouts::settle(&site.app, &caller, payout, settlement(&body)?).await?;
    Ok(Json(payouts::find(&site.app, &caller, payout).await?.into()))
}

fn settlement(body: &SettleBody) -> Result<Settlement, Problem> {
    let wrong = |detail: &str| {
        Problem::invalid_body(vec![FieldError { pointer: "/reason".into(), detail: detail.into() }])
    };
    match (body.status, body.reason.as_deref()) {
        (Became::Paid, None) => Ok(Settlement::Paid),
        (Became::Paid, Some(_)) => Err(wrong("is only for payouts that failed")),
        (Became::Failed, None) => Err(wrong("must say why the payout failed")),
        (Became::Failed, Some(text)) => {
            let mut fields = Fields::default();
            let reason = fields.read::<Reason>("/reason", text).ok_or_else(|| fields.problem())?;
            Ok(Settlement::Failed(reason))
        }
    }
}
