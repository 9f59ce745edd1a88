//! Reporting purchases, and seeing what they paid.

pub(crate) mod bulk;

use std::sync::Arc;

use app::explain::{self, Step};
use app::purchases::{self, NewPurchase, Payer, WhoBought};
use app::{Calendar, months};
use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use domain::{Currency, Decision, Purchase, PurchaseId, Reference, Scope, UserId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::refunds::RefundBody;
use crate::extract::{Body, Fields, Id, IdempotencyKey, Page, SignedIn, invalid_query, present, query_field};
use crate::problem::{FieldError, Problem};
use crate::wire::{AmountIn, Decimal, List, Notes, Once, When};
use crate::{Moment, Site};

/// A sale.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPurchaseBody {
    /// Who bought; either this or `external_user_id`.
    #[schema(example = 42)]
    #[serde(default, deserialize_with = "present")]
    user_id: Option<i64>,
    /// Who bought, by your own number of her.
    #[schema(example = "customer-17")]
    #[serde(default, deserialize_with = "present")]
    external_user_id: Option<String>,
    /// For how much: a string or a number with at most two decimals.
    amount: AmountIn,
    /// Your own id for the sale. With it a retry is safe; the `Idempotency-Key`
    /// header means the same.
    #[schema(example = "order-1001")]
    reference: Option<String>,
    /// Refused when it is not the programme's.
    #[schema(example = "INR")]
    currency: Option<String>,
    /// When it was made, if that was not just now: it picks the plan.
    #[schema(example = "2026-10-30T18:05:00+05:30")]
    occurred_at: Option<String>,
    /// Whether its commissions were paid elsewhere: then it is recorded and pays
    /// nobody.
    settled_elsewhere: Option<bool>,
    /// What you note of it: up to 20 texts of 500 characters.
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    metadata: Option<Box<RawValue>>,
}

/// What one level was paid.
#[derive(Serialize, ToSchema)]
pub(crate) struct EarningBody {
    #[schema(example = 1)]
    level: u8,
    /// Who earned.
    user_id: i64,
    #[schema(example = "5%")]
    rate: String,
    amount: Decimal,
}

/// What was decided about one level, paid or not.
#[derive(Serialize, ToSchema)]
pub(crate) struct DecisionBody {
    #[schema(example = 1)]
    level: u8,
    /// Who stands at that level; null when the upline ends before it.
    user_id: Option<i64>,
    /// `paid`, `capped`, `below_threshold`, `inactive`, `no_referrer` or `rounds_to_zero`.
    #[schema(example = "paid")]
    outcome: &'static str,
    #[schema(example = "5%")]
    rate: String,
    amount: Decimal,
}

impl From<&Decision> for DecisionBody {
    fn from(decision: &Decision) -> Self {
        Self {
            level: decision.level.number(),
            user_id: decision.earner.map(|earner| earner.user.get()),
            outcome: decision.outcome.name(),
            rate: decision.rate.to_string(),
            amount: Decimal(decision.amount),
        }
    }
}

/// A purchase and what it paid. None of it ever changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct PurchaseBody {
    purchase_id: i64,
    /// Who bought.
    user_id: i64,
    amount: Decimal,
    currency: String,
    reference: Option<String>,
    /// The version of the plan it was made under.
    plan_version: i64,
    /// When it was made.
    created_at: When,
    /// Which month, and which day, it belongs to: when it was made, or the first
    /// moment of the first open month where its own was closed.
    booked_at: When,
    /// When it was recorded.
    recorded_at: When,
    /// The levels that were paid.
    earnings: Vec<EarningBody>,
    /// Every level of the plan.
    decisions: Vec<DecisionBody>,
    /// What the shop has noted of it.
    metadata: Notes,
}

impl PurchaseBody {
    fn new(purchase: &Purchase, currency: Currency) -> Self {
        let earning = |decision: &Decision| {
            decision.payee().map(|payee| EarningBody {
                level: decision.level.number(),
                user_id: payee.get(),
                rate: decision.rate.to_string(),
                amount: Decimal(decision.amount),
            })
        };
        Self {
            purchase_id: purchase.id.get(),
            user_id: purchase.buyer.get(),
            amount: Decimal(purchase.amount),
            currency: currency.to_string(),
            reference: purchase.reference.as_ref().map(Reference::to_string),
            plan_version: purchase.plan.get(),
            created_at: When(purchase.occurred_at),
            booked_at: When(purchase.booked_at),
            recorded_at: When(purchase.recorded_at),
            earnings: purchase.decisions.iter().filter_map(earning).collect(),
            decisions: purchase.decisions.iter().map(DecisionBody::from).collect(),
            metadata: Notes(purchase.metadata.clone()),
        }
    }
}

/// A purchase that was recorded.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordedBody {
    message: &'static str,
    #[serde(flatten)]
    purchase: PurchaseBody,
}

/// Report a purchase.
///
/// Pays the buyer's upline at once. A purchase that earns nothing is recorded
/// all the same and says why. Needs `purchases:write`.
#[utoipa::path(post, path = "/api/purchases", tag = "purchases", request_body = NewPurchaseBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "The same as `reference`")),
    responses(
        (status = 201, body = RecordedBody),
        (status = 200, description = "Replayed: it was recorded before; `Idempotent-Replayed: true`", body = RecordedBody),
        (status = 403, body = Problem), (status = 404, description = "`user_not_found`", body = Problem),
        (status = 409, description = "`reference_reused`", body = Problem),
        (status = 422, description = "`invalid_amount`, `currency_mismatch`, `reference_mismatch`, `in_the_future`, `too_long_ago` or `invalid_body`", body = Problem),
        (status = 503, description = "`overloaded`: nothing was recorded", body = Problem)))]
pub(crate) async fn create_purchase(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    key: Result<IdempotencyKey, Problem>,
    body: Result<Body<NewPurchaseBody>, Problem>,
) -> Result<Once<RecordedBody>, Problem> {
    caller.require(Scope::PurchasesWrite)?;
    let (key, Body(body)) = (key?, body?);
    // Most sales are of now, and name no day.
    let calendar = match body.occurred_at {
        Some(_) => months::calendar(&site.app).await?,
        None => Calendar::default(),
    };
    let recorded = purchases::record(&site.app, &caller, new_purchase(body, key, &calendar)?).await?;
    let purchase = PurchaseBody::new(&recorded.purchase, recorded.currency);
    let body = RecordedBody { message: message(&recorded.purchase), purchase };
    Ok(Once { body, replayed: recorded.replayed })
}

fn new_purchase(
    body: NewPurchaseBody,
    key: IdempotencyKey,
    calendar: &Calendar,
) -> Result<NewPurchase, Problem> {
    let buyer = who_bought(body.user_id, body.external_user_id.as_deref())?;
    let amount = body.amount.read("/amount")?;
    let currency = body.currency.as_deref().map(str::parse::<Currency>).transpose();
    let currency = currency
        .map_err(|error| Problem::field("currency_mismatch", "Currency mismatch", "/currency", error))?;
    let reference = key.or(body.reference.as_deref())?;
    let mut fields = Fields::default();
    let occurred_at =
        body.occurred_at.as_deref().and_then(|text| fields.read::<Moment>("/occurred_at", text));
    let metadata = fields.read_notes(body.metadata.as_deref());
    fields.check()?;
    Ok(NewPurchase {
        currency,
        reference,
        occurred_at: occurred_at.map(|moment| moment.by(calendar)),
        payer: if body.settled_elsewhere.unwrap_or(false) { Payer::Elsewhere } else { Payer::Programme },
        metadata,
        ..NewPurchase::new(buyer, amount)
    })
}

fn who_bought(user: Option<i64>, external: Option<&str>) -> Result<WhoBought, Problem> {
    let mut fields = Fields::default();
    match (user, external) {
        (Some(user), None) => Ok(WhoBought::User(UserId::new(user))),
        (None, Some(text)) => {
            let id = fields.read("/external_user_id", text).map(WhoBought::External);
            id.ok_or_else(|| fields.problem())
        }
        (None, None) | (Some(_), Some(_)) => {
            let detail = "exactly one of `user_id` and `external_user_id` must be given";
            let field = |pointer: &str| FieldError { pointer: pointer.into(), detail: detail.into() };
            Err(Problem::invalid_body(vec![field("/user_id"), field("/external_user_id")]))
        }
    }
}

fn message(purchase: &Purchase) -> &'static str {
    match purchase.decisions.iter().any(|decision| decision.outcome.pays()) {
        _ if Payer::of(purchase) == Payer::Elsewhere => {
            "Purchase recorded; its commissions were settled elsewhere."
        }
        true => "Purchase recorded and earnings distributed.",
        false => "Purchase recorded; it earns nothing, see decisions.",
    }
}

/// A purchase in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct PurchaseRow {
    #[serde(flatten)]
    purchase: PurchaseBody,
    /// What the buyer is called.
    user_name: String,
    /// What all levels were paid together, before anything was taken back.
    commission: Decimal,
    /// How much of the amount was given back.
    refunded: Decimal,
    /// How much of the amount is left.
    net: Decimal,
}

impl PurchaseRow {
    pub(crate) fn new(purchase: &Purchase, buyer: &str, currency: Currency) -> Self {
        Self {
            purchase: PurchaseBody::new(purchase, currency),
            user_name: buyer.to_string(),
            commission: Decimal(purchase.commission()),
            refunded: Decimal(purchase.refunded),
            net: Decimal(purchase.net()),
        }
    }
}

/// A purchase, what was given back of it, and why it paid what it paid.
#[derive(Serialize, ToSchema)]
pub(crate) struct PurchaseDetailBody {
    #[serde(flatten)]
    row: PurchaseRow,
    /// Its refunds, oldest first.
    refunds: Vec<RefundBody>,
    /// What each level earned and why, and what each refund took back, in words.
    #[schema(example = json!(["Level 1: Bina Shah (active) earned 100.00: 5% of 2000.00 is 100.00."]))]
    explanation: Vec<String>,
}

/// A purchase.
#[utoipa::path(get, path = "/api/purchases/{purchase_id}", tag = "purchases",
    params(("purchase_id" = i64, Path)),
    responses((status = 200, body = PurchaseDetailBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn get_purchase(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(id): Id<PurchaseId>,
) -> Result<Json<PurchaseDetailBody>, Problem> {
    let sale = explain::purchase(&site.app, &caller, id).await?;
    let (purchase, currency) = (&sale.purchase, sale.plan.currency);
    let refund = |step: &Step| RefundBody::new(&step.refund, purchase.buyer, &step.reversals, currency);
    Ok(Json(PurchaseDetailBody {
        row: PurchaseRow::new(purchase, &sale.buyer, currency),
        refunds: sale.refunds.iter().map(refund).collect(),
        explanation: sale.sentences(),
    }))
}

/// Which purchases are asked for: `?reference=`.
pub(crate) struct Filter(Option<Reference>);

#[derive(Deserialize)]
struct FilterQuery {
    reference: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Filter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<FilterQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|_| invalid_query("`reference` may be given once."))?;
        query_field("reference", query.reference.as_deref()).map(Self)
    }
}

/// Every purchase, newest first, or the one that has a reference.
#[utoipa::path(get, path = "/api/purchases", tag = "purchases",
    params(("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"), ("cursor" = Option<String>, Query),
        ("reference" = Option<String>, Query, description = "Only the purchase that has it: a list of one at most")),
    responses((status = 200, body = List<PurchaseRow>), (status = 403, body = Problem)))]
pub(crate) async fn list_purchases(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    page: Result<Page, Problem>,
    filter: Result<Filter, Problem>,
) -> Result<Json<List<PurchaseRow>>, Problem> {
    caller.require(Scope::Read)?;
    let (page, Filter(reference)) = (page?, filter?);
    let before = page.before.map(PurchaseId::new);
    let purchases = match reference {
        Some(reference) => {
            let found = purchases::by_reference(&site.app, &caller, reference).await?;
            let of_page = |(purchase, _): &(Purchase, _)| before.is_none_or(|before| purchase.id < before);
            found.into_iter().filter(of_page).collect()
        }
        None => purchases::list(&site.app, &caller, before, page.limit + 1).await?,
    };
    let plan = app::plans::in_force(&site.app).await?.plan;
    let rows =
        purchases.iter().map(|(purchase, buyer)| PurchaseRow::new(purchase, buyer.as_str(), plan.currency));
    Ok(Json(List::new(rows.collect(), page.limit, |row| row.purchase.purchase_id)))
}
