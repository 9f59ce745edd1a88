//! Saying what became of payouts, of one or of many of a run.

use std::sync::Arc;

use app::payouts::{self, Of, SettledTogether, Settlement};
use axum::Json;
use axum::extract::State;
use domain::{PayoutId, PayoutRunId, Reason, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::payouts::PayoutBody;
use crate::Site;
use crate::extract::{Body, Fields, Id, SignedIn};
use crate::problem::{FieldError, Problem};

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
    let settlement = settlement(body.status, body.reason.as_deref())?;
    payouts::settle(&site.app, &caller, payout, settlement).await?;
    Ok(Json(payouts::find(&site.app, &caller, payout).await?.into()))
}

/// What became of payouts of a run.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleRunBody {
    status: Became,
    /// Why they failed: 1 to 200 characters on one line.
    #[schema(example = "the bank refused the file")]
    reason: Option<String>,
    /// Which payouts of the run; either this or `all`.
    #[schema(example = json!([1, 2, 3]))]
    ids: Option<Vec<i64>>,
    /// Every payout of the run, when it is `true`.
    all: Option<bool>,
}

/// A payout that was left as it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnsettledBody {
    payout_id: i64,
    /// `payout_settled`, or `payout_not_found` when the run has no such payout.
    #[schema(example = "payout_settled")]
    code: &'static str,
    #[schema(example = "This payout is failed already.")]
    detail: String,
}

/// What became of payouts that were settled together.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettledRunBody {
    run_id: i64,
    /// How many were settled now.
    settled: usize,
    /// How many had been settled in the same way before.
    already: usize,
    /// Those that were left as they are, by id, and why.
    conflicts: Vec<UnsettledBody>,
}

impl SettledRunBody {
    fn new(run: PayoutRunId, together: SettledTogether) -> Self {
        let conflict = |(payout, why): (PayoutId, payouts::PayoutError)| {
            let Problem { code, detail, .. } = why.into();
            UnsettledBody { payout_id: payout.get(), code, detail }
        };
        Self {
            run_id: run.get(),
            settled: together.settled,
            already: together.already,
            conflicts: together.unsettled.into_iter().map(conflict).collect(),
        }
    }
}

/// Say what became of many payouts of a run.
///
/// Of those named by `ids`, or of `all`. What had been settled in the same way
/// stays so and is counted; what had been settled in another way is told in
/// `conflicts` and left alone. Broken off, it can be sent again. Needs
/// `payouts:write`.
#[utoipa::path(patch, path = "/api/payouts/runs/{run_id}", tag = "payouts",
    params(("run_id" = i64, Path)), request_body = SettleRunBody,
    responses((status = 200, body = SettledRunBody), (status = 403, body = Problem),
        (status = 404, description = "`payout_run_not_found`", body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn settle_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(run): Id<PayoutRunId>,
    body: Result<Body<SettleRunBody>, Problem>,
) -> Result<Json<SettledRunBody>, Problem> {
    caller.require(Scope::PayoutsWrite)?;
    let Body(body) = body?;
    let settlement = settlement(body.status, body.reason.as_deref())?;
    let of = which(body.ids, body.all)?;
    let together = payouts::settle_run(&site.app, &caller, run, of, settlement).await?;
    Ok(Json(SettledRunBody::new(run, together)))
}

fn which(ids: Option<Vec<i64>>, all: Option<bool>) -> Result<Of, Problem> {
    let wrong = |detail: &str| {
        let field = |pointer: &str| FieldError { pointer: pointer.into(), detail: detail.into() };
        Problem::invalid_body(vec![field("/ids"), field("/all")])
    };
    match (ids, all.unwrap_or(false)) {
        (Some(ids), false) if !ids.is_empty() => Ok(Of::These(ids.into_iter().map(PayoutId::new).collect())),
        (None, true) => Ok(Of::Run),
        (None | Some(_), false) => Err(wrong("must name at least one payout, or `all` must be true")),
        (Some(_), true) => Err(wrong("only one of `ids` and `all` can be given")),
    }
}

fn settlement(status: Became, reason: Option<&str>) -> Result<Settlement, Problem> {
    let wrong = |detail: &str| {
        Problem::invalid_body(vec![FieldError { pointer: "/reason".into(), detail: detail.into() }])
    };
    match (status, reason) {
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
