//! Signing in with a password.

use std::sync::Arc;

use app::sessions;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Peer};
use crate::problem::Problem;
use crate::wire::When;

/// A sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    #[schema(example = "asha@example.com")]
    email: String,
    password: String,
}

/// A member's access token.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    token: String,
    user_id: i64,
    expires_at: When,
}

/// Sign in.
///
/// An unknown address and a wrong password get the same answer after the same time.
#[utoipa::path(post, path = "/api/sessions", tag = "access", request_body = SignInBody,
    security((), ("bearer" = [])),
    responses((status = 201, body = SessionBody), (status = 401, description = "`wrong_credentials`", body = Problem),
        (status = 429, description = "`rate_limited`", body = Problem)))]
pub(crate) async fn create_session(
    State(site): State<Arc<Site>>,
    Peer(peer): Peer,
    Body(body): Body<SignInBody>,
) -> Result<(StatusCode, Json<SessionBody>), Problem> {
    site.limits.sign_in(peer, &body.email)?;
    let (user, token) = sessions::sign_in(&site.app, &body.email, body.password).await?;
    let body = SessionBody { token: token.text, user_id: user.get(), expires_at: When(token.expires_at) };
    Ok((StatusCode::CREATED, Json(body)))
}
