//! What past purchases would have cost under another plan.

use std::sync::Arc;

use app::plans;
use app::simulate::{Cost, MemberChange, NOTES, Simulation, WhatIf, simulate};
use axum::Json;
use axum::extract::State;
use domain::{Rate, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plans::{NewPlanBody, moment};
use crate::Site;
use crate::extract::{Body, SignedIn};
use crate::problem::Problem;
use crate::wire::{AmountIn, ByLevel, Decimal, When};

/// A plan to be tried on past purchases.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatIfBody {
    /// As for `PUT /api/plan`; so are the fields down to `currency`.
    #[schema(example = json!(["5%", "2%", "1%"]))]
    levels: Vec<String>,
    #[schema(example = "1000.00")]
    commission_above: AmountIn,
    /// Plays no part: the tree stays as it is.
    #[schema(example = 8)]
    max_direct_referrals: u32,
    rounding: Option<String>,
    /// Plays no part: it changes when, not how much.
    hold_days: Option<u32>,
    max_commission: Option<AmountIn>,
    currency: Option<String>,
    /// A day or a time: only purchases made then or later count.
    #[schema(example = "2026-10-01")]
    since: Option<String>,
}

impl WhatIfBody {
    fn split(self) -> (NewPlanBody, Option<String>) {
        let Self {
            levels,
            commission_above,
            max_direct_referrals,
            rounding,
            hold_days,
            max_commission,
            currency,
            since,
        } = self;
        let plan = NewPlanBody {
            levels,
            commission_above,
            max_direct_referrals,
            rounding,
            hold_days,
            max_commission,
            currency,
            effective_from: None,
            after_last_sale: None,
        };
        (plan, since)
    }
}

/// What commissions come to.
#[derive(Serialize, ToSchema)]
pub(super) struct CostBody {
    /// Commissions less reversals.
    total: Decimal,
    /// What share of the sales that is, less what was refunded; null without sales.
    #[schema(example = "4.63%")]
    share_of_sales: Option<String>,
    by_level: ByLevel<Decimal>,
}

impl CostBody {
    fn new(cost: &Cost, simulation: &Simulation) -> Self {
        Self {
            total: Decimal(cost.total),
            share_of_sales: cost.share.as_ref().map(Rate::to_string),
            by_level: ByLevel::new(simulation.levels(), |level| Decimal(cost.by_level.get(level))),
        }
    }
}

/// What one member earned, and what she would have earned.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberChangeBody {
    user_id: i64,
    #[schema(example = "Asha Rao")]
    user_name: Option<String>,
    earned: Decimal,
    would_earn: Decimal,
    /// Negative when she would have lost.
    difference: Decimal,
}

/// Past purchases by the books and under another plan.
#[derive(Serialize, ToSchema)]
pub struct SimulationBody {
    currency: String,
    /// Only purchases made then or later count; null for all.
    since: Option<When>,
    /// Purchases that were decided again.
    purchases: u64,
    /// Purchases that were settled elsewhere; they pay nothing under any plan
    /// and count nowhere else.
    settled_elsewhere: u64,
    /// Sum of the purchases.
    sales: Decimal,
    /// What was taken back of them.
    refunded: Decimal,
    /// What they cost.
    books: CostBody,
    /// What they would have cost.
    plan: CostBody,
    /// How much more that is; negative when it is less.
    difference: Decimal,
    /// How many members would have earned more.
    gain: u64,
    /// How many would have earned less.
    lose: u64,
    /// How many would have earned the same, if only nothing.
    unchanged: u64,
    /// Those who would have gained most, at most 20.
    gainers: Vec<MemberChangeBody>,
    /// Those who would have lost most, at most 20.
    losers: Vec<MemberChangeBody>,
    /// What is not taken into account.
    notes: [&'static str; NOTES.len()],
}

impl SimulationBody {
    /// What came of a simulation of the purchases since this time.
    pub fn new(simulation: &Simulation, since: Option<Timestamp>) -> Self {
        let member = |member: &MemberChange| MemberChangeBody {
            user_id: member.user.get(),
            user_name: simulation.names.get(&member.user).map(ToString::to_string),
            earned: Decimal(member.earned),
            would_earn: Decimal(member.would_earn),
            difference: Decimal(member.difference()),
        };
        Self {
            currency: simulation.currency.to_string(),
            since: since.map(When),
            purchases: simulation.purchases,
            settled_elsewhere: simulation.settled_elsewhere,
            sales: Decimal(simulation.sales),
            refunded: Decimal(simulation.refunded),
            books: CostBody::new(&simulation.books, simulation),
            plan: CostBody::new(&simulation.plan, simulation),
            difference: Decimal(simulation.difference()),
            gain: simulation.gain,
            lose: simulation.lose,
            unchanged: simulation.unchanged,
            gainers: simulation.gainers().map(member).collect(),
            losers: simulation.losers().map(member).collect(),
            notes: NOTES,
        }
    }
}

/// What would past purchases have cost under another plan?
///
/// Decides every purchase again and changes nothing. One at a time; a history
/// that takes longer than the 30 s of a request is for the command line. Needs
/// `admin`.
#[utoipa::path(post, path = "/api/plan/simulate", tag = "programme", request_body = WhatIfBody,
    responses((status = 200, body = SimulationBody), (status = 403, body = Problem),
        (status = 422, description = "`invalid_plan`, `currency_mismatch` or `invalid_body`", body = Problem),
        (status = 503, description = "`overloaded`: another simulation is running", body = Problem)))]
pub(crate) async fn simulate_plan(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    body: Result<Body<WhatIfBody>, Problem>,
) -> Result<Json<SimulationBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Body(body) = body?;
    let (plan, since) = body.split();
    let plan = plan.plan(plans::in_force(&site.app).await?.plan.currency)?;
    let since = moment(&site, "/since", since.as_deref()).await?;
    let simulation = simulate(&site.app, &caller, WhatIf { plan, since }, |_| ()).await?;
    Ok(Json(SimulationBody::new(&simulation, since)))
}
