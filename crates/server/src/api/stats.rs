//! The programme as a whole.

use std::sync::Arc;

use app::{plans, programme};
use axum::Json;
use axum::extract::State;
use domain::Level;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::SignedIn;
use crate::problem::Problem;
use crate::wire::{ByLevel, Decimal, When};

/// Sums over everything, at most two seconds old.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatsBody {
    as_of: When,
    currency: String,
    members: i64,
    active_members: i64,
    purchases: i64,
    /// Sum of all purchases.
    sales: Decimal,
    /// Sum of all commissions, before anything was taken back.
    commissions: Decimal,
    /// What was taken back after refunds.
    reversed: Decimal,
    /// Commissions less reversals, by level.
    commission_by_level: ByLevel<Decimal>,
}

/// Programme totals.
#[utoipa::path(get, path = "/api/stats", tag = "programme",
    responses((status = 200, body = StatsBody), (status = 403, body = Problem)))]
pub(crate) async fn get_stats(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
) -> Result<Json<StatsBody>, Problem> {
    let (as_of, totals) = programme::totals(&site.app, &caller).await?;
    let plan = plans::in_force(&site.app).await?.plan;
    // Levels that an earlier plan paid are a part of the whole, too.
    let depth = totals.by_level.depth().max(plan.levels.depth());
    Ok(Json(StatsBody {
        as_of: When(as_of),
        currency: plan.currency.to_string(),
        members: totals.members,
        active_members: totals.active_members,
        purchases: totals.purchases,
        sales: Decimal(totals.sales),
        commissions: Decimal(totals.commissions()),
        reversed: Decimal(totals.reversed),
        commission_by_level: ByLevel::new(Level::nearest(depth), |level| Decimal(totals.by_level.get(level))),
    }))
}
