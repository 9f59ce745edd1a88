//! Who the caller is, and the terms of the programme she belongs to.

use std::sync::Arc;

use app::{Caller, members, months, plans};
use axum::Json;
use axum::extract::State;
use domain::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::SignedIn;
use crate::problem::Problem;
use crate::wire::Decimal;

/// The caller and the plan in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeBody {
    /// `member`, `service` or `admin`.
    #[schema(example = "member")]
    kind: &'static str,
    /// A member's own id.
    user_id: Option<i64>,
    /// A member's own name.
    name: Option<String>,
    /// What an API key opens.
    scopes: Vec<&'static str>,
    #[schema(example = "INR")]
    currency: String,
    /// The rate of each level, nearest first.
    #[schema(example = json!(["5%", "1%"]))]
    levels: Vec<String>,
    /// Only purchases strictly above this amount pay.
    commission_above: Decimal,
    max_direct_referrals: u32,
    /// The time zone whose days count, by its IANA name.
    #[schema(example = "Asia/Kolkata")]
    time_zone: String,
}

/// Who am I?
#[utoipa::path(get, path = "/api/me", tag = "access",
    responses((status = 200, body = MeBody), (status = 401, body = Problem)))]
pub(crate) async fn get_me(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
) -> Result<Json<MeBody>, Problem> {
    let (user, scopes) = match caller {
        Caller::Member(user) => (Some(members::find(&site.app, &caller, user).await?.0.user), vec![]),
        Caller::Service { scopes, .. } => (None, scopes.iter().map(Scope::name).collect()),
        Caller::Anonymous | Caller::Admin => (None, vec![]),
    };
    let plan = plans::in_force(&site.app).await?.plan;
    Ok(Json(MeBody {
        kind: caller.kind(),
        user_id: user.as_ref().map(|user| user.id.get()),
        name: user.map(|user| user.name.to_string()),
        scopes,
        currency: plan.currency.to_string(),
        levels: plan.levels.iter().map(|(_, rate)| rate.to_string()).collect(),
        commission_above: Decimal(plan.commission_above),
        max_direct_referrals: plan.max_direct_referrals,
        time_zone: months::calendar(&site.app).await?.zone_at(site.app.now()).to_owned(),
    }))
}
