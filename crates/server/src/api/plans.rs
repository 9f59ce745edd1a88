//! The plan in force, its versions, setting another, and withdrawing one.

use std::sync::Arc;

use app::plans::{self, Begins};
use app::{PlanRecord, months};
use axum::Json;
use axum::extract::State;
use domain::{Currency, HoldDays, InvalidPlan, Levels, Money, Plan, PlanVersion, Rate, Rounding, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::{Body, Fields, Id, Page, SignedIn};
use crate::problem::Problem;
use crate::wire::{AmountIn, Decimal, List, When};
use crate::{Moment, Site};

/// A version of the plan.
#[derive(Serialize, ToSchema)]
pub struct PlanBody {
    #[schema(example = 2)]
    version: i64,
    #[schema(example = "INR")]
    currency: String,
    /// Only purchases strictly above this amount pay, and they pay on the whole.
    commission_above: Decimal,
    /// How many members one member may refer directly.
    #[schema(example = 8)]
    max_direct_referrals: u32,
    /// The rate of each level, nearest first.
    #[schema(example = json!(["5%", "1%"]))]
    levels: Vec<String>,
    /// `half_up`, `half_even` or `down`.
    #[schema(example = "half_up")]
    rounding: &'static str,
    /// Whole UTC days until a commission can be paid out.
    #[schema(example = 0)]
    hold_days: u16,
    /// The most one level of one purchase can pay; null for no such limit.
    max_commission: Option<Decimal>,
    /// Since when it is in force, or from when on.
    effective_from: When,
    created_at: When,
    /// When it was withdrawn before it began; null where it was not.
    withdrawn_at: Option<When>,
}

impl From<&PlanRecord> for PlanBody {
    fn from(record: &PlanRecord) -> Self {
        let plan = &record.plan;
        Self {
            version: record.version.get(),
            currency: plan.currency.to_string(),
            commission_above: Decimal(plan.commission_above),
            max_direct_referrals: plan.max_direct_referrals,
            levels: plan.levels.iter().map(|(_, rate)| rate.to_string()).collect(),
            rounding: plan.rounding.name(),
            hold_days: plan.hold.days(),
            max_commission: plan.max_commission.map(Decimal),
            effective_from: When(record.effective_from),
            created_at: When(record.created_at),
            withdrawn_at: record.withdrawn_at.map(When),
        }
    }
}

/// The plan in force.
#[utoipa::path(get, path = "/api/plan", tag = "programme",
    responses((status = 200, body = PlanBody), (status = 401, body = Problem)))]
pub(crate) async fn get_plan(
    SignedIn(_): SignedIn,
    State(site): State<Arc<Site>>,
) -> Result<Json<PlanBody>, Problem> {
    Ok(Json(PlanBody::from(&plans::in_force(&site.app).await?)))
}

/// Every version of the plan, newest first.
#[utoipa::path(get, path = "/api/plan/versions", tag = "programme",
    params(("limit" = Option<u8>, Query, description = "1 to 100, 20 by default"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<PlanBody>), (status = 403, body = Problem)))]
pub(crate) async fn list_plans(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    page: Result<Page, Problem>,
) -> Result<Json<List<PlanBody>>, Problem> {
    caller.require(Scope::Read)?;
    let page = page?;
    let before = page.before.map(PlanVersion::new);
    let versions = plans::versions(&site.app, &caller, before, page.limit + 1).await?;
    let rows = versions.iter().map(PlanBody::from).collect();
    Ok(Json(List::new(rows, page.limit, |row| row.version)))
}

/// A plan to be set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlanBody {
    /// The rate of each level, nearest first: 1 to 10 of them, at most 100 % together.
    #[schema(example = json!(["5%", "1%"]))]
    pub(super) levels: Vec<String>,
    /// Only purchases strictly above this amount pay, and they pay on the whole.
    #[schema(example = "1000.00")]
    pub(super) commission_above: AmountIn,
    /// How many members one member may refer directly.
    #[schema(example = 8)]
    pub(super) max_direct_referrals: u32,
    /// `half_up`, `half_even` or `down`; `half_up` when it is missing.
    #[schema(example = "half_up")]
    pub(super) rounding: Option<String>,
    /// Whole UTC days until a commission can be paid out, 0 to 365; 0 when it is missing.
    #[schema(example = 0)]
    pub(super) hold_days: Option<u32>,
    /// The most one level of one purchase can pay; no limit when it is missing.
    pub(super) max_commission: Option<AmountIn>,
    /// Refused when it is not the programme's.
    #[schema(example = "INR")]
    pub(super) currency: Option<String>,
    /// A day or a time from which on it is in force; at once when it is missing.
    #[schema(example = "2026-12-01")]
    pub(super) effective_from: Option<String>,
    /// Begin after the newest sale even when that was made by a clock that was far
    /// ahead; not beside `effective_from`.
    pub(super) after_last_sale: Option<bool>,
}

impl NewPlanBody {
    /// The plan, or what is wrong with every field of it.
    pub(super) fn plan(&self, currency: Currency) -> Result<Plan, Problem> {
        let given = self.currency.as_deref().map(str::parse).transpose();
        let given = given
            .map_err(|error| Problem::field("currency_mismatch", "Currency mismatch", "/currency", error))?;
        let mut fields = Fields::default();
        let levels = self.levels(&mut fields);
        let commission_above = fields.note("/commission_above", self.commission_above.parse_or_zero());
        let rounding = self.rounding.as_deref();
        let rounding = rounding.map_or(Some(Rounding::default()), |text| fields.read("/rounding", text));
        let days = u16::try_from(self.hold_days.unwrap_or(0)).unwrap_or(u16::MAX);
        let hold = fields.note("/hold_days", HoldDays::new(days));
        let max_commission = self.max_commission.as_ref().map(AmountIn::parse).transpose();
        let max_commission: Option<Option<Money>> = fields.note("/max_commission", max_commission);
        let (Some(levels), Some(commission_above), Some(rounding), Some(hold), Some(max_commission)) =
            (levels, commission_above, rounding, hold, max_commission)
        else {
            return Err(Problem::invalid_plan(fields.errors()));
        };
        Ok(Plan {
            currency: given.unwrap_or(currency),
            commission_above,
            max_direct_referrals: self.max_direct_referrals,
            levels,
            rounding,
            hold,
            max_commission,
        })
    }

    /// When it begins.
    async fn begins(&self, site: &Site) -> Result<Begins, Problem> {
        let from = moment(site, "/effective_from", self.effective_from.as_deref()).await?;
        match (from, self.after_last_sale.unwrap_or(false)) {
            (None, false) => Ok(Begins::Now),
            (None, true) => Ok(Begins::AfterLastSale),
            (Some(from), false) => Ok(Begins::At(from)),
            (Some(_), true) => {
                let detail = "cannot be asked for beside effective_from";
                Err(Problem::field("invalid_body", "Invalid body", "/after_last_sale", detail))
            }
        }
    }

    fn levels(&self, fields: &mut Fields) -> Option<Levels> {
        let numbered = self.levels.iter().enumerate();
        let rates = numbered.map(|(index, text)| fields.read(&format!("/levels/{index}"), text));
        // Every rate is read, so that all that are wrong are told.
        let rates: Vec<Option<Rate>> = rates.collect();
        let rates: Vec<Rate> = rates.into_iter().collect::<Option<_>>()?;
        let levels: Result<Levels, InvalidPlan> = rates.try_into();
        fields.note("/levels", levels)
    }
}

/// Set the plan.
///
/// It is another version: what was bought before keeps its own. Needs `admin`.
#[utoipa::path(put, path = "/api/plan", tag = "programme", request_body = NewPlanBody,
    responses((status = 200, description = "The new version", body = PlanBody), (status = 403, body = Problem),
        (status = 422, description = "`invalid_plan`, `effective_date_in_past`, `last_sale_ahead`, `currency_mismatch` or `invalid_body`",
            body = Problem)))]
pub(crate) async fn set_plan(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    body: Result<Body<NewPlanBody>, Problem>,
) -> Result<Json<PlanBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Body(body) = body?;
    let plan = body.plan(plans::in_force(&site.app).await?.plan.currency)?;
    let begins = body.begins(&site).await?;
    Ok(Json(PlanBody::from(&plans::set(&site.app, &caller, plan, begins).await?)))
}

/// Withdraw a plan that is still to come.
///
/// It stays in the list and is never in force. To withdraw it again changes nothing.
/// Needs `admin`.
#[utoipa::path(delete, path = "/api/plan/versions/{version}", tag = "programme", params(("version" = i64, Path)),
    responses((status = 200, description = "The version, withdrawn", body = PlanBody),
        (status = 403, body = Problem), (status = 404, description = "`plan_not_found`", body = Problem),
        (status = 409, description = "`plan_began`, or `plan_used`: something was recorded under it", body = Problem)))]
pub(crate) async fn withdraw_plan(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    version: Result<Id<PlanVersion>, Problem>,
) -> Result<Json<PlanBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Id(version) = version?;
    Ok(Json(PlanBody::from(&plans::withdraw(&site.app, &caller, version).await?)))
}

/// A field that holds a moment, if it is there.
pub(super) async fn moment(
    site: &Site,
    pointer: &str,
    text: Option<&str>,
) -> Result<Option<domain::Timestamp>, Problem> {
    let mut fields = Fields::default();
    let Some(text) = text else { return Ok(None) };
    let moment = fields.read::<Moment>(pointer, text).ok_or_else(|| fields.problem())?;
    Ok(Some(moment.by(&months::calendar(&site.app).await?)))
}
