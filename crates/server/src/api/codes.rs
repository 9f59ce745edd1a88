//! What a referral code opens, for those who were given one.

use std::sync::Arc;

use app::invitations::{Invitation, Standing, invitation};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ReferralCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Id, Peer};
use crate::problem::Problem;

/// Who invites by a code, and whether somebody can join with it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeBody {
    #[schema(example = "7HXK2MQ0DZ")]
    referral_code: String,
    /// The first name of the member who has it.
    #[schema(example = "Asha")]
    inviter: String,
    /// `open`, `full` (she brought as many as she may) or `inactive`.
    #[schema(example = "open")]
    standing: &'static str,
}

impl From<Invitation> for CodeBody {
    fn from(Invitation { code, inviter, standing }: Invitation) -> Self {
        let standing = match standing {
            Standing::Open => "open",
            Standing::Full => "full",
            Standing::Inactive => "inactive",
        };
        Self { referral_code: code.to_string(), inviter, standing }
    }
}

/// See what a referral code opens.
///
/// Open to anybody, at a limited rate: for a page that says who invites before anything is typed. Whether a
/// place is still free is decided when somebody registers.
#[utoipa::path(get, path = "/api/codes/{code}", tag = "users",
    security((), ("bearer" = [])),
    params(("code" = String, Path, description = "In any case; look-alikes are read as in a registration")),
    responses((status = 200, body = CodeBody), (status = 400, description = "`invalid_id`", body = Problem),
        (status = 404, description = "`referral_code_not_found`", body = Problem),
        (status = 429, description = "`rate_limited`", body = Problem)))]
pub(crate) async fn get_code(
    State(site): State<Arc<Site>>,
    Peer(peer): Peer,
    Id(code): Id<ReferralCode>,
) -> Result<Json<CodeBody>, Problem> {
    site.limits.look_at_code(peer)?;
    let found = invitation(&site.app, code).await?;
    let found = found.ok_or_else(|| {
        let detail = format!("Nobody has the referral code {code}.");
        Problem::new(StatusCode::NOT_FOUND, "referral_code_not_found", "Referral code not found", detail)
    })?;
    Ok(Json(found.into()))
}
