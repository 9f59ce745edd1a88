//! The REST API, one file for each noun.

mod adjustments;
mod audit;
mod codes;
mod earnings;
mod entries;
mod me;
mod months;
mod payout_runs;
mod payouts;
mod plans;
mod purchases;
mod referrals;
mod refunds;
mod sessions;
mod settling;
mod simulation;
mod statements;
mod stats;
mod today;
mod users;

use std::sync::Arc;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use self::months::MonthBody;
pub use self::payouts::{PAYOUT_COLUMNS, payout_cells};
pub use self::plans::PlanBody;
pub(crate) use self::purchases::PurchaseRow;
pub use self::simulation::SimulationBody;

use crate::Site;

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Banyan",
        description = "Multi-level referral and commission engine. Money is a decimal string with two places, \
            in the one currency of the deployment. Send `Authorization: Bearer` with an API key or a member's \
            access token. Errors are RFC 9457 problems; `code` is stable."
    ),
    tags(
        (name = "purchases", description = "Report sales and refunds, and see what they paid"),
        (name = "earnings", description = "What a member earned, from whom, and why"),
        (name = "payouts", description = "Pay members what they are due"),
        (name = "users", description = "Members and the tree they form"),
        (name = "access", description = "Signing in"),
        (name = "programme", description = "The programme as a whole"),
    ),
    modifiers(&BearerScheme),
    security(("bearer" = []))
)]
struct Description;

struct BearerScheme;

impl Modify for BearerScheme {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let bearer = bearer.description(Some("An API key (`bnk_…`) or an access token"));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    }
}

/// Every route of the API with its description.
pub(crate) fn routes() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(users::register_user))
        .routes(routes!(users::list::list_users))
        .routes(routes!(users::get_user, users::changes::update_user))
        .routes(routes!(users::create_token))
        .routes(routes!(referrals::get_referrals))
        .routes(routes!(codes::get_code))
        .routes(routes!(sessions::create_session))
        .routes(routes!(sessions::delete_session))
        .routes(routes!(sessions::browser::keep_session, sessions::browser::drop_session))
        .routes(routes!(sessions::end_sessions))
        .routes(routes!(me::get_me))
        .routes(routes!(purchases::create_purchase, purchases::list_purchases))
        .routes(routes!(purchases::bulk::create_purchases))
        .routes(routes!(purchases::get_purchase))
        .routes(routes!(refunds::create_refund, refunds::list_refunds))
        .routes(routes!(refunds::create_refund_by_reference))
        .routes(routes!(earnings::get_earnings))
        .routes(routes!(earnings::get_chart))
        .routes(routes!(entries::list_entries))
        .routes(routes!(entries::explain_entry))
        .routes(routes!(statements::get_statement))
        .routes(routes!(statements::download_statement))
        .routes(routes!(months::list_member_months))
        .routes(routes!(today::get_today))
        .routes(routes!(payout_runs::preview_payouts))
        .routes(routes!(payout_runs::create_run, payout_runs::list_runs))
        .routes(routes!(payout_runs::get_run, settling::settle_run))
        .routes(routes!(payouts::list_payouts_of_run))
        .routes(routes!(payouts::download_payouts_of_run))
        .routes(routes!(payouts::list_payouts_of_user))
        .routes(routes!(settling::settle_payout))
        .routes(routes!(adjustments::create_adjustment))
        .routes(routes!(audit::list_audit))
        .routes(routes!(stats::get_stats))
        .routes(routes!(months::get_programme))
        .routes(routes!(months::set_time_zone))
        .routes(routes!(months::list_months))
        .routes(routes!(months::close_month))
        .routes(routes!(months::reopen_month))
        .routes(routes!(plans::get_plan, plans::set_plan))
        .routes(routes!(plans::list_plans))
        .routes(routes!(plans::withdraw_plan))
        .routes(routes!(simulation::simulate_plan))
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}
