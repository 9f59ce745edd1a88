//! What every request passes on its way in and out: it gets an id, its caller is found
//! out, a panic is caught, and it leaves one line in the log.

mod meters;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::{AuthError, Credential, authenticate};
use app::{App, Caller};
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use self::meters::Meters;
use crate::cookie;
use crate::problem::{Problem, outcome_unknown};

/// Headers that say who calls, and what for. Whoever sends one twice says two things, and
/// what stands between her and us may have heeded the other.
const ONCE: [&str; 4] = ["Authorization", "Content-Type", "Host", "Idempotency-Key"];

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over from a caller.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// How long a request may take, its body included.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// What the gate knows.
struct Gate {
    app: Arc<App>,
    meters: Meters,
}

/// Puts the gate in front of these routes.
pub fn behind_gate(routes: Router, app: Arc<App>) -> Router {
    let panics =
        CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Problem::internal().into_response());
    let gate = Arc::new(Gate { app, meters: Meters::default() });
    routes.layer(panics).layer(middleware::from_fn_with_state(gate, pass))
}

async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let uri = request.uri().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let (who, caller, response) = match credential(&gate.app, &method, request.headers()).await {
        Ok(credential) => {
            let Credential { caller, .. } = credential;
            request.extensions_mut().insert(credential);
            request.extensions_mut().insert(caller);
            let answered = tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await;
            let answered = answered.unwrap_or_else(|_| outcome_unknown().into_response());
            (caller, caller.kind(), answered)
        }
        Err(problem) => (Caller::Anonymous, "unknown", problem.into_response()),
    };
    let request_id = id.to_str().unwrap_or_default();
    let mut response = finish(response, &who, uri.path(), request_id);
    // What says nothing of caching may hold somebody's money or token.
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let (method, status, took) = (standard(&method), response.status().as_u16(), started.elapsed());
    let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, duration_us, caller, request_id, "request");
    gate.meters.note(method, route, status, took);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The caller's own request id if it is harmless, or a new one.
pub(crate) fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        (1..=REQUEST_ID_CHARS_MAX).contains(&id.len())
            && id.as_bytes().iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    headers.get(REQUEST_ID).filter(harmless).cloned().unwrap_or_else(new_request_id)
}

pub(crate) fn new_request_id() -> HeaderValue {
    uuid::Uuid::now_v7().to_string().try_into().expect("digits and hyphens")
}

/// The answer with a request id, where it has none.
pub(crate) async fn with_request_id(mut answer: Response) -> Response {
    answer.headers_mut().entry(REQUEST_ID).or_insert_with(new_request_id);
    answer
}

fn check_once(headers: &HeaderMap) -> Result<(), Problem> {
    // As many names as values: nothing is there twice.
    if headers.keys_len() == headers.len() {
        return Ok(());
    }
    match ONCE.iter().find(|name| headers.get_all(**name).iter().nth(1).is_some()) {
        Some(name) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "repeated_header",
            "Repeated header",
            format!("Send the header `{name}` once."),
        )),
        None => Ok(()),
    }
}

async fn credential(app: &App, method: &Method, headers: &HeaderMap) -> Result<Credential, Problem> {
    check_once(headers)?;
    if headers.contains_key(AUTHORIZATION) {
        let credential = bearer_of(headers).ok_or(AuthError::Invalid)?;
        return Ok(authenticate(app, credential).await?);
    }
    let Some(credential) = cookie::credential(headers) else { return Ok(Credential::NONE) };
    match authenticate(app, credential).await {
        Ok(_) if !method.is_safe() && !cookie::is_from_here(headers) => Err(cross_origin()),
        Ok(credential) => Ok(credential),
        // A browser sends its cookie with everything, also when it opens nothing any more.
        Err(AuthError::Store(error)) => Err(AuthError::Store(error).into()),
        Err(_) => Ok(Credential::NONE),
    }
}

fn cross_origin() -> Problem {
    let detail = "A page elsewhere cannot act in the name of whoever is signed in here. Programs send \
                  `Authorization: Bearer`.";
    Problem::new(StatusCode::FORBIDDEN, "cross_origin", "From another origin", detail)
}

/// The key or token that a request carries in its own header.
pub(crate) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok().and_then(bearer)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}

/// Gives a problem its body, now that the request it belongs to is known.
fn finish(mut response: Response, caller: &Caller, path: &str, id: &str) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    // What the routes did not say anything about, the framework refuses without a word.
    let silent = !response.headers().contains_key(CONTENT_TYPE);
    let problem = match (problem, response.status()) {
        (Some(problem), _) => problem,
        (None, StatusCode::NOT_FOUND) if silent => Problem::not_found(),
        (None, _) => return response,
    };
    metrics::counter!("http_problems_total", "code" => problem.code).increment(1);
    problem.told_to(caller).answer(path.to_owned(), id.to_owned())
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
