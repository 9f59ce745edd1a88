//! Payout runs: who is due what, and taking it out of the balances.

use std::sync::Arc;

use app::payouts::{self, Due, Order, RUN_MAX};
use app::{Caller, NotedPayoutWarning};
use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{Currency, Money, PayoutRun, PayoutRunId, Reference, RefundId, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Id, IdempotencyKey, Page, SignedIn};
use crate::problem::Problem;
use crate::rehearsal::{Meant, Rehearsable};
use crate::wire::{AmountIn, Decimal, List, Once, When};

/// The most rows of a preview; all are counted.
const PREVIEW_ROWS: usize = 1_000;

/// The most warnings that are told of a run.
const WARNINGS_MAX: usize = 1_000;

/// Unless the caller names another, everybody who is due anything is paid.
const MINIMUM: Money = Money::from_paise(1);

/// Whoever is due less is left out, and who is named first: `?minimum=` and `?sort=`.
pub(crate) struct Asked {
    minimum: Money,
    order: Order,
}

#[derive(Deserialize)]
struct AskedQuery {
    minimum: Option<String>,
    sort: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let invalid =
            |detail: String| Problem::new(StatusCode::BAD_REQUEST, "invalid_query", "Invalid query", detail);
        let query = Query::<AskedQuery>::from_request_parts(parts, state).await;
        let Query(query) =
            query.map_err(|_| invalid("`minimum` and `sort` may be given once each.".into()))?;
        let minimum = query.minimum.map_or(Ok(MINIMUM), |text| Money::parse_amount(&text));
        let minimum = minimum.map_err(|error| invalid(format!("`minimum` {error}.")))?;
        let order = match query.sort.as_deref() {
            None | Some("user") => Order::User,
            Some("amount") => Order::Amount,
            Some(_) => return Err(invalid("`sort` must be `user` or `amount`.".into())),
        };
        Ok(Self { minimum, order })
    }
}

/// What one member could be paid now.
#[derive(Serialize, ToSchema)]
pub(crate) struct DueBody {
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    #[schema(example = "asha@example.com")]
    email: String,
    /// The part of her balance that is not on hold.
    amount: Decimal,
}

impl From<Due> for DueBody {
    fn from(due: Due) -> Self {
        Self {
            user_id: due.user.get(),
            user_name: due.name.to_string(),
            email: due.email.to_string(),
            amount: Decimal(due.amount),
        }
    }
}

/// What a run would pay.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    minimum: Decimal,
    /// How many payouts.
    payouts: usize,
    /// What they come to.
    total: Decimal,
    currency: String,
    /// The first 1,000 of them, by `sort`.
    data: Vec<DueBody>,
}

/// What a payout run would pay now.
///
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/preview", tag = "payouts",
    params(("minimum" = Option<String>, Query, description = "Whoever is due less is left out; 0.01 by default"),
        ("sort" = Option<String>, Query, description = "`user`, the oldest member first, or `amount`, the largest first")),
    responses((status = 200, body = PreviewBody), (status = 403, body = Problem)))]
pub(crate) async fn preview_payouts(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    asked: Result<Asked, Problem>,
) -> Result<Json<PreviewBody>, Problem> {
    payouts::may_look(&caller)?;
    let Asked { minimum, order } = asked?;
    Ok(Json(previewed(&site, &caller, minimum, order).await?))
}

async fn previewed(
    site: &Site,
    caller: &Caller,
    minimum: Money,
    order: Order,
) -> Result<PreviewBody, Problem> {
    let preview = payouts::preview(&site.app, caller, minimum, order, PREVIEW_ROWS).await?;
    let plan = app::plans::in_force(&site.app).await?.plan;
    Ok(PreviewBody {
        minimum: Decimal(minimum),
        payouts: preview.payouts,
        total: Decimal(preview.total),
        currency: plan.currency.to_string(),
        data: preview.due.into_iter().map(DueBody::from).collect(),
    })
}

/// A payout run, as it is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRunBody {
    /// Whoever is due less is left out; 0.01 by default.
    minimum: Option<AmountIn>,
    /// Your own id for the run. With it a retry is safe; the `Idempotency-Key`
    /// header means the same.
    #[schema(example = "payouts-2026-11")]
    reference: Option<String>,
}

/// Payouts that were made together. None of it ever changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunBody {
    run_id: i64,
    reference: Option<String>,
    /// Whoever was due less was left out.
    minimum: Decimal,
    /// How many payouts.
    payouts: i64,
    /// What they came to.
    total: Decimal,
    currency: String,
    /// Whether the run is full, so that others may still be due.
    more: bool,
    created_at: When,
}

impl RunBody {
    fn new(run: &PayoutRun, currency: Currency) -> Self {
        Self {
            run_id: run.id.get(),
            reference: run.reference.as_ref().map(Reference::to_string),
            minimum: Decimal(run.minimum),
            payouts: run.payouts,
            total: Decimal(run.total),
            currency: currency.to_string(),
            more: usize::try_from(run.payouts).is_ok_and(|payouts| payouts >= RUN_MAX),
            created_at: When(run.created_at),
        }
    }
}

/// What is to be known of a payout before its money is sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct WarningBody {
    /// `refunded_sale`: a sale whose commission it pays was refunded while it was
    /// pending; `backdated_sale`: it pays for a sale that was told late and fell under
    /// an earlier plan. There may be other kinds in later releases.
    #[schema(example = "refunded_sale")]
    kind: &'static str,
    payout_id: i64,
    /// What became of the payout: `pending` or `paid`.
    #[schema(example = "pending")]
    status: &'static str,
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: String,
    purchase_id: i64,
    refund_id: Option<i64>,
    /// How much of the payout she is no longer due, or is due by that sale.
    amount: Decimal,
    created_at: When,
}

impl From<NotedPayoutWarning> for WarningBody {
    fn from(noted: NotedPayoutWarning) -> Self {
        Self {
            kind: noted.kind.name(),
            payout_id: noted.payout.get(),
            status: noted.status.name(),
            user_id: noted.user.get(),
            user_name: noted.user_name.to_string(),
            purchase_id: noted.purchase.get(),
            refund_id: noted.refund.map(RefundId::get),
            amount: Decimal(noted.amount),
            created_at: When(noted.created_at),
        }
    }
}

/// A payout run, and what came up since it was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunDetailBody {
    #[serde(flatten)]
    run: RunBody,
    /// What is to be known of its payouts, oldest first; at most 1,000. What failed
    /// is left out: its money is back.
    warnings: Vec<WarningBody>,
    /// Whether there are more warnings.
    more_warnings: bool,
}

/// A payout run that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeBody {
    message: &'static str,
    #[serde(flatten)]
    run: RunBody,
}

/// Make a payout run.
///
/// Takes what is available out of the balance of everybody who is due `minimum`
/// or more, at most 5,000 members at a time, and makes a pending payout for each.
/// Needs `payouts:write`.
#[utoipa::path(post, path = "/api/payouts/runs", tag = "payouts", request_body = NewRunBody,
    params(("dry_run" = Option<bool>, Query, description = "`true`: nothing is done, and answered is what it would do to whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as `reference`")),
    responses(
        (status = 201, body = MadeBody),
        (status = 200, description = "Replayed: it was made before; `Idempotent-Replayed: true`. With `dry_run`, as `GET /api/payouts/preview`", body = MadeBody),
        (status = 403, body = Problem), (status = 409, description = "`reference_reused`", body = Problem),
        (status = 422, description = "`nothing_due`, `invalid_amount`, `reference_mismatch` or `invalid_body`", body = Problem)))]
pub(crate) async fn create_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    meant: Result<Meant, Problem>,
    key: Result<IdempotencyKey, Problem>,
    body: Result<Body<NewRunBody>, Problem>,
) -> Result<Rehearsable<MadeBody, PreviewBody>, Problem> {
    caller.require(Scope::PayoutsWrite)?;
    let (meant, key, Body(body)) = (meant?, key?, body?);
    let minimum = body.minimum.map_or(Ok(MINIMUM), |amount| amount.read("/minimum"))?;
    let reference = key.or(body.reference.as_deref())?;
    if meant == Meant::AsARehearsal {
        return Ok(Rehearsable::Would(previewed(&site, &caller, minimum, Order::Amount).await?));
    }
    let (run, replayed) = payouts::make_run(&site.app, &caller, minimum, reference).await?;
    let plan = app::plans::in_force(&site.app).await?.plan;
    let body = MadeBody { message: "Payouts made.", run: RunBody::new(&run, plan.currency) };
    Ok(Rehearsable::Done(Once { body, replayed }))
}

/// Every payout run, newest first.
///
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/runs", tag = "payouts",
    params(("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<RunBody>), (status = 403, body = Problem)))]
pub(crate) async fn list_runs(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    page: Result<Page, Problem>,
) -> Result<Json<List<RunBody>>, Problem> {
    payouts::may_look(&caller)?;
    let page = page?;
    let before = page.before.map(PayoutRunId::new);
    let runs = payouts::runs(&site.app, &caller, before, page.limit + 1).await?;
    let plan = app::plans::in_force(&site.app).await?.plan;
    let rows = runs.iter().map(|run| RunBody::new(run, plan.currency));
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.run_id)))
}

/// A payout run, with what is to be known before its money is sent.
///
/// Needs `read` or `payouts:write`.
#[utoipa::path(get, path = "/api/payouts/runs/{run_id}", tag = "payouts", params(("run_id" = i64, Path)),
    responses((status = 200, body = RunDetailBody), (status = 403, body = Problem),
        (status = 404, description = "`payout_run_not_found`", body = Problem)))]
pub(crate) async fn get_run(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(run): Id<PayoutRunId>,
) -> Result<Json<RunDetailBody>, Problem> {
    let run = payouts::run(&site.app, &caller, run).await?;
    let mut warnings = payouts::warnings(&site.app, &caller, run.id, WARNINGS_MAX + 1).await?;
    let more_warnings = warnings.len() > WARNINGS_MAX;
    warnings.truncate(WARNINGS_MAX);
    let plan = app::plans::in_force(&site.app).await?.plan;
    let warnings = warnings.into_iter().map(WarningBody::from).collect();
    Ok(Json(RunDetailBody { run: RunBody::new(&run, plan.currency), warnings, more_warnings }))
}
