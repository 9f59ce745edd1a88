//! Signing in with a password, and out again.

pub(super) mod browser;

use std::sync::Arc;

use app::sessions::{self, SignInError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Site;
use crate::extract::{Body, Id, Peer, SignedIn, SignedInBy};
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
/// An unknown address and a wrong password get the same answer after the same time. Whoever fails too often is told to
/// wait. An account that many have failed at is never closed: its sign-ins take up to five seconds longer.
#[utoipa::path(post, path = "/api/sessions", tag = "access", request_body = SignInBody,
    security((), ("bearer" = [])),
    responses((status = 201, body = SessionBody), (status = 401, description = "`wrong_credentials`", body = Problem),
        (status = 429, description = "`rate_limited`", body = Problem)))]
pub(crate) async fn create_session(
    State(site): State<Arc<Site>>,
    Peer(peer): Peer,
    Body(body): Body<SignInBody>,
) -> Result<(StatusCode, Json<SessionBody>), Problem> {
    let attempt = site.limits.sign_in(peer, &body.email)?;
    tokio::time::sleep(attempt.delay).await;
    let signed_in = sessions::sign_in(&site.app, &body.email, body.password).await;
    if !matches!(signed_in, Err(SignInError::WrongCredentials)) {
        attempt.forgive();
    }
    let (user, token) = signed_in?;
    let body = SessionBody { token: token.text, user_id: user.get(), expires_at: When(token.expires_at) };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Sign out.
///
/// Ends the session of the token that is sent: it opens nothing any more, on any node a second later, and
/// the sockets that it opened hear nothing more.
#[utoipa::path(delete, path = "/api/sessions/current", tag = "access",
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 409, description = "`no_session`: it is a token of an earlier release", body = Problem)))]
pub(crate) async fn delete_session(
    SignedInBy(credential): SignedInBy,
    State(site): State<Arc<Site>>,
) -> Result<StatusCode, Problem> {
    sessions::sign_out(&site.app, &credential).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndedBody {
    ended: usize,
}

/// End every session of a member.
///
/// For herself, or with `users:write`. Tokens without a session, which an earlier release made, stay good until
/// they expire.
#[utoipa::path(post, path = "/api/users/{user_id}/sessions/end", tag = "access",
    params(("user_id" = i64, Path)),
    responses((status = 200, body = EndedBody), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn end_sessions(
    SignedIn(caller): SignedIn,
    State(site): State<Arc<Site>>,
    Id(user): Id<UserId>,
) -> Result<Json<EndedBody>, Problem> {
    let ended = sessions::end_sessions_of_member(&site.app, &caller, user).await?;
    Ok(Json(EndedBody { ended }))
}
