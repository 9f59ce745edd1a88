//! Refunds: what was given back of a purchase, and what that took from whom.

use std::sync::Arc;

use app::refunds::{self, NewRefund, OfPurchase, Refunded};
use app::{Caller, rehearsal};
use axum::Json;
use axum::extract::State;
use domain::refund::Reversal;
use domain::{Currency, PurchaseId, Reference, Refund, Scope, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Fields, Id, IdempotencyKey, SignedIn};
use crate::problem::Problem;
use crate::rehearsal::{EffectsBody, Meant, Rehearsable};
use crate::wire::{AmountIn, Decimal, List, Once, When};

/// A refund.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefundBody {
    /// How much is given back: a string or a number with at most two decimals.
    amount: AmountIn,
    /// Your own id for the refund. With it a retry is safe; the
    /// `Idempotency-Key` header means the same.
    #[schema(example = "refund-1001-1")]
    reference: Option<String>,
}

/// A refund of a purchase that is named by its reference.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefundByReferenceBody {
    /// Your own id for the sale.
    #[schema(example = "order-1001")]
    reference_of_purchase: String,
    /// How much is given back: a string or a number with at most two decimals.
    amount: AmountIn,
    /// Your own id for the refund. With it a retry is safe; the
    /// `Idempotency-Key` header means the same.
    #[schema(example = "refund-1001-1")]
    reference: Option<String>,
}

/// What one level gave back.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReversalBody {
    #[schema(example = 1)]
    level: u8,
    /// Whom it was taken from.
    user_id: i64,
    amount: Decimal,
}

/// A refund and what it took back. None of it ever changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefundBody {
    refund_id: i64,
    purchase_id: i64,
    /// Who bought.
    user_id: i64,
    amount: Decimal,
    /// What is left of the purchase after it.
    net: Decimal,
    currency: String,
    reference: Option<String>,
    created_at: When,
    /// The levels that gave something back.
    reversals: Vec<ReversalBody>,
}

impl RefundBody {
    pub(crate) fn new(refund: &Refund, buyer: UserId, reversals: &[Reversal], currency: Currency) -> Self {
        let reversal = |reversal: &Reversal| ReversalBody {
            level: reversal.decision.level.number(),
            user_id: reversal.earner.get(),
            amount: Decimal(reversal.amount),
        };
        Self {
            refund_id: refund.id.get(),
            purchase_id: refund.purchase.get(),
            user_id: buyer.get(),
            amount: Decimal(refund.amount),
            net: Decimal(refund.net),
            currency: currency.to_string(),
            reference: refund.reference.as_ref().map(Reference::to_string),
            created_at: When(refund.created_at),
            reversals: reversals.iter().map(reversal).collect(),
        }
    }
}

impl From<&Refunded> for RefundBody {
    fn from(refunded: &Refunded) -> Self {
        let Refunded { refund, purchase, reversals, currency } = refunded;
        Self::new(refund, purchase.buyer, reversals, *currency)
    }
}

/// A refund that was recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefundedBody {
    message: &'static str,
    #[serde(flatten)]
    refund: RefundBody,
}

/// Refund a purchase.
///
/// Refunds a part of it, or all that is left, and takes back what its upline is
/// no longer due: what the purchase's own plan pays on the rest stays earned.
/// Needs `purchases:write`.
#[utoipa::path(post, path = "/api/purchases/{purchase_id}/refunds", tag = "purchases",
    request_body = NewRefundBody,
    params(("purchase_id" = i64, Path), ("dry_run" = Option<bool>, Query, description = "`true`: nothing is done, and answered is what it would do to whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as `reference`")),
    responses(
        (status = 201, body = RefundedBody),
        (status = 200, description = "Replayed: it was recorded before; `Idempotent-Replayed: true`. With `dry_run`, an `EffectsBody`", body = RefundedBody),
        (status = 403, body = Problem), (status = 404, description = "`purchase_not_found`", body = Problem),
        (status = 409, description = "`reference_reused`", body = Problem),
        (status = 422, description = "`refund_exceeds_purchase`, `invalid_amount`, `reference_mismatch` or `invalid_body`", body = Problem)))]
pub(crate) async fn create_refund(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(purchase): Id<PurchaseId>,
    meant: Result<Meant, Problem>,
    key: Result<IdempotencyKey, Problem>,
    body: Result<Body<NewRefundBody>, Problem>,
) -> Result<Rehearsable<RefundedBody, EffectsBody>, Problem> {
    caller.require(Scope::PurchasesWrite)?;
    let meant = meant?;
    let (key, Body(body)) = (key?, body?);
    let (amount, reference) = (body.amount.read("/amount")?, key.or(body.reference.as_deref())?);
    let new = NewRefund { purchase: purchase.into(), amount, reference };
    refunded(&site, &caller, new, meant).await
}

/// Refund a purchase by your own id for it.
///
/// As `POST /api/purchases/{purchase_id}/refunds` does. Needs `purchases:write`.
#[utoipa::path(post, path = "/api/refunds", tag = "purchases", request_body = NewRefundByReferenceBody,
    params(("dry_run" = Option<bool>, Query, description = "`true`: nothing is done, and answered is what it would do to whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same as `reference`")),
    responses(
        (status = 201, body = RefundedBody),
        (status = 200, description = "Replayed: it was recorded before; `Idempotent-Replayed: true`. With `dry_run`, an `EffectsBody`", body = RefundedBody),
        (status = 403, body = Problem), (status = 404, description = "`purchase_not_found`", body = Problem),
        (status = 409, description = "`reference_reused`", body = Problem),
        (status = 422, description = "`refund_exceeds_purchase`, `invalid_amount`, `reference_mismatch` or `invalid_body`", body = Problem)))]
pub(crate) async fn create_refund_by_reference(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    meant: Result<Meant, Problem>,
    key: Result<IdempotencyKey, Problem>,
    body: Result<Body<NewRefundByReferenceBody>, Problem>,
) -> Result<Rehearsable<RefundedBody, EffectsBody>, Problem> {
    caller.require(Scope::PurchasesWrite)?;
    let meant = meant?;
    let (key, Body(body)) = (key?, body?);
    let mut fields = Fields::default();
    let purchase = fields.read("/reference_of_purchase", &body.reference_of_purchase);
    let purchase = purchase.map(OfPurchase::Reference).ok_or_else(|| fields.problem())?;
    let (amount, reference) = (body.amount.read("/amount")?, key.or(body.reference.as_deref())?);
    refunded(&site, &caller, NewRefund { purchase, amount, reference }, meant).await
}

async fn refunded(
    site: &Site,
    caller: &Caller,
    new: NewRefund,
    meant: Meant,
) -> Result<Rehearsable<RefundedBody, EffectsBody>, Problem> {
    if meant == Meant::AsARehearsal {
        let effects = EffectsBody::new(rehearsal::refund(&site.app, caller, new).await?);
        return effects.map(Rehearsable::Would).ok_or_else(Problem::internal);
    }
    let (refunded, replayed) = refunds::refund(&site.app, caller, new).await?;
    let body = RefundedBody { message: "Purchase refunded.", refund: RefundBody::from(&refunded) };
    Ok(Rehearsable::Done(Once { body, replayed }))
}

/// The refunds of a purchase, oldest first.
#[utoipa::path(get, path = "/api/purchases/{purchase_id}/refunds", tag = "purchases",
    params(("purchase_id" = i64, Path)),
    responses((status = 200, body = List<RefundBody>), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list_refunds(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(purchase): Id<PurchaseId>,
) -> Result<Json<List<RefundBody>>, Problem> {
    let refunds = refunds::list(&site.app, &caller, purchase).await?;
    Ok(Json(List { data: refunds.iter().map(RefundBody::from).collect(), next_cursor: None }))
}
