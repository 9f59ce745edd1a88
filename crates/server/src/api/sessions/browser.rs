//! The session that a browser keeps for all its tabs.

use std::sync::Arc;

use app::access::Credential;
use app::sessions::{self, EndError};
use axum::Extension;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse};

use crate::Site;
use crate::cookie;
use crate::extract::SignedInBy;
use crate::gate::bearer_of;
use crate::problem::Problem;

/// Keep a sign-in in this browser.
///
/// Changes the key or token that is sent for a cookie that no script reads, until the session expires or is
/// ended. What is sent by the cookie and changes anything must come from a page of this origin.
#[utoipa::path(post, path = "/api/sessions/browser", tag = "access",
    responses((status = 204), (status = 401, body = Problem), (status = 403, description = "`cross_origin`", body = Problem)))]
pub(crate) async fn keep_session(
    SignedInBy(credential): SignedInBy,
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> impl IntoResponse {
    let now = site.app.now();
    let seconds = credential.expires_at.map(|end| (end.millis() - now.millis()) / 1_000);
    let kept = bearer_of(&headers).or_else(|| cookie::credential(&headers));
    let kept = kept.map(|kept| (SET_COOKIE, cookie::set(&headers, &site.public_url, kept, seconds)));
    (StatusCode::NO_CONTENT, AppendHeaders(kept))
}

/// Sign out in this browser.
///
/// Takes the cookie away and ends its session, in every tab and window.
#[utoipa::path(delete, path = "/api/sessions/browser", tag = "access", security((), ("bearer" = [])),
    responses((status = 204), (status = 403, description = "`cross_origin`", body = Problem)))]
pub(crate) async fn drop_session(
    credential: Option<Extension<Credential>>,
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(Extension(credential)) = credential {
        match sessions::sign_out(&site.app, &credential).await {
            // A key, an old token, or nobody: there is nothing to end.
            Ok(()) | Err(EndError::Denied(_) | EndError::NoSession) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let gone = (SET_COOKIE, cookie::clear(&headers, &site.public_url));
    Ok((StatusCode::NO_CONTENT, AppendHeaders([gone])))
}
