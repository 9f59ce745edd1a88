//! The months of the programme and of a member, and when its days begin.

use std::sync::Arc;

use app::months::{self, MonthState};
use app::{ZoneRecord, plans};
use axum::Json;
use axum::extract::State;
use domain::{Month, Scope, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::Problem;
use crate::wire::When;

/// A month.
#[derive(Serialize, ToSchema)]
pub struct MonthBody {
    #[schema(example = "2026-11")]
    month: String,
    /// The time zone of its days.
    #[schema(example = "Asia/Kolkata")]
    time_zone: String,
    /// Its first moment.
    begins_at: When,
    /// The first moment after it.
    ends_at: When,
    /// When it was closed; null while something can be booked in it.
    closed_at: Option<When>,
    /// When it was last opened again.
    reopened_at: Option<When>,
}

impl From<&MonthState> for MonthBody {
    fn from(state: &MonthState) -> Self {
        Self {
            month: state.month.to_string(),
            time_zone: state.time_zone.clone(),
            begins_at: When(state.times.start),
            ends_at: When(state.times.end),
            closed_at: state.closed_at.map(When),
            reopened_at: state.reopened_at.map(When),
        }
    }
}

/// The months of the programme.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthsBody {
    /// Every month from the first in which something was booked to this one, newest first.
    data: Vec<MonthBody>,
    /// The month that can be closed next; null when it has not ended.
    #[schema(example = "2026-10")]
    next: Option<String>,
}

/// The months of the programme.
#[utoipa::path(get, path = "/api/months", tag = "programme",
    responses((status = 200, body = MonthsBody), (status = 403, body = Problem)))]
pub(crate) async fn list_months(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
) -> Result<Json<MonthsBody>, Problem> {
    let months = months::list(&site.app, &caller).await?;
    let next = months.next.map(|month| month.to_string());
    Ok(Json(MonthsBody { data: months.months.iter().map(MonthBody::from).collect(), next }))
}

/// Close a month.
///
/// Nothing is booked in it any more: a sale that is told later is booked at the
/// first moment of the first open month. Months are closed in their order, when
/// they have ended. To close one again changes nothing. Needs `admin`.
#[utoipa::path(post, path = "/api/months/{month}/close", tag = "programme",
    params(("month" = String, Path, example = "2026-10")),
    responses((status = 200, body = MonthBody), (status = 403, body = Problem),
        (status = 409, description = "`month_not_ended` or `month_not_next`", body = Problem)))]
pub(crate) async fn close_month(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    month: Result<Id<Month>, Problem>,
) -> Result<Json<MonthBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Id(month) = month?;
    Ok(Json(MonthBody::from(&months::close(&site.app, &caller, Some(month)).await?)))
}

/// Open the newest closed month again.
///
/// It is noted in the audit trail and shown on statements. Needs `admin`.
#[utoipa::path(post, path = "/api/months/{month}/reopen", tag = "programme",
    params(("month" = String, Path, example = "2026-10")),
    responses((status = 200, body = MonthBody), (status = 403, body = Problem),
        (status = 409, description = "`month_not_closed` or `month_not_newest`", body = Problem)))]
pub(crate) async fn reopen_month(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    month: Result<Id<Month>, Problem>,
) -> Result<Json<MonthBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Id(month) = month?;
    Ok(Json(MonthBody::from(&months::reopen(&site.app, &caller, month).await?)))
}

/// The months of a member.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberMonthsBody {
    user_id: i64,
    /// From the first in which something of hers was booked to this one, newest first.
    data: Vec<MonthBody>,
}

/// The months for which a member has a statement.
#[utoipa::path(get, path = "/api/earnings/{user_id}/months", tag = "earnings", params(("user_id" = i64, Path)),
    responses((status = 200, body = MemberMonthsBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn list_member_months(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<MemberMonthsBody>, Problem> {
    let months = months::of_member(&site.app, &caller, user).await?;
    Ok(Json(MemberMonthsBody { user_id: user.get(), data: months.iter().map(MonthBody::from).collect() }))
}

/// A time zone, and since when it counts.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimeZoneBody {
    #[schema(example = "Asia/Kolkata")]
    time_zone: String,
    /// The first month that lies in it.
    #[schema(example = "2026-12")]
    from_month: String,
    set_at: When,
}

impl From<&ZoneRecord> for TimeZoneBody {
    fn from(zone: &ZoneRecord) -> Self {
        Self { time_zone: zone.name.clone(), from_month: zone.from.to_string(), set_at: When(zone.set_at) }
    }
}

/// What is agreed on besides the plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgrammeBody {
    #[schema(example = "INR")]
    currency: String,
    /// The time zone of this month.
    #[schema(example = "Asia/Kolkata")]
    time_zone: String,
    /// Every time zone that was set; of two for one month, the later counts.
    time_zones: Vec<TimeZoneBody>,
}

/// What is agreed on besides the plan.
#[utoipa::path(get, path = "/api/programme", tag = "programme",
    responses((status = 200, body = ProgrammeBody), (status = 403, body = Problem)))]
pub(crate) async fn get_programme(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
) -> Result<Json<ProgrammeBody>, Problem> {
    let (zones, calendar) = months::time_zones(&site.app, &caller).await?;
    Ok(Json(ProgrammeBody {
        currency: plans::in_force(&site.app).await?.plan.currency.to_string(),
        time_zone: calendar.zone_at(site.app.now()).to_owned(),
        time_zones: zones.iter().map(TimeZoneBody::from).collect(),
    }))
}

/// Another time zone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTimeZoneBody {
    /// Its name by the IANA.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
}

/// Set the time zone.
///
/// Its days and months count from the next month on; what was booked stays where
/// it is. Needs `admin`.
#[utoipa::path(put, path = "/api/programme/time-zone", tag = "programme", request_body = NewTimeZoneBody,
    responses((status = 200, body = TimeZoneBody), (status = 403, body = Problem),
        (status = 422, description = "`unknown_time_zone` or `invalid_body`", body = Problem)))]
pub(crate) async fn set_time_zone(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    body: Result<Body<NewTimeZoneBody>, Problem>,
) -> Result<Json<TimeZoneBody>, Problem> {
    caller.require(Scope::Admin)?;
    let Body(body) = body?;
    Ok(Json(TimeZoneBody::from(&months::set_time_zone(&site.app, &caller, &body.time_zone).await?)))
}
