//! What every request passes on its way in and out: it gets an id, its caller
//! is found out, a panic is caught, and it leaves one line in the log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::{AuthError, authenticate};
use app::{App, Caller};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::problem::{Problem, outcome_unknown};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over from a caller.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// How long a request may take, its body included.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// Puts the gate in front of these routes.
pub fn behind_gate(routes: Router, app: Arc<App>) -> Router {
    let panics =
        CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Problem::internal().into_response());
    routes.layer(panics).layer(middleware::from_fn_with_state(app, pass))
}

async fn pass(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let (caller, response) = match caller(&app, request.headers()).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            let answered = tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await;
            (caller.kind(), answered.unwrap_or_else(|_| outcome_unknown().into_response()))
        }
        Err(error) => ("unknown", Problem::from(error).into_response()),
    };
    let mut response = finish(response, path, &id);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    // What says nothing of caching may hold somebody's money or token.
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    account_for(standard(&method), route, response.status(), started, caller, &id);
    response
}

/// The caller's own request id if it is harmless, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=REQUEST_ID_CHARS_MAX).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    given.filter(harmless).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, AuthError> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(Caller::Anonymous) };
    let credential = value.to_str().ok().and_then(bearer).ok_or(AuthError::Invalid)?;
    let (caller, _) = authenticate(app, credential).await?;
    Ok(caller)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}

/// Gives a problem its body, now that the request it belongs to is known.
fn finish(mut response: Response, path: String, id: &str) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    // What the routes did not say anything about, the framework refuses without a word.
    let silent = !response.headers().contains_key(CONTENT_TYPE);
    match (problem, response.status()) {
        (Some(problem), _) => problem.answer(path, id.to_owned()),
        (None, StatusCode::NOT_FOUND) if silent => Problem::not_found().answer(path, id.to_owned()),
        (None, _) => response,
    }
}

/// The method's name, of those that exist: a name that somebody made up would
/// make a time series of its own.
fn standard(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn account_for(
    method: &'static str,
    route: &str,
    status: StatusCode,
    started: Instant,
    caller: &'static str,
    request_id: &str,
) {
    let elapsed = started.elapsed();
    let status = status.as_u16();
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, duration_us = micros, caller, request_id, "request");
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route.to_owned())
        .record(elapsed.as_secs_f64());
}
