//! What every request of Socket.IO passes: who comes is counted, what goes out by
//! polling is kept small, and what is refused is told as anywhere else.

mod refusals;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::count_refusal;
use super::visits::{Visit, Visits};
use crate::connection::Remote;
use crate::extract::Peer;

/// What divides the packets of an answer to a poll (Engine.IO, protocol 4).
const SEPARATOR: u8 = 0x1e;

/// What the library answers a poll with, as long as it is no bytes.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");

/// What a packet of ours begins with; the others are the protocol's own.
const MESSAGE: u8 = b'4';

/// The routes of Socket.IO.
pub(crate) fn routes(visits: Arc<Visits>) -> Router {
    Router::new()
        .route("/socket.io", any(enter))
        .route("/socket.io/", any(enter))
        .layer(middleware::from_fn(refusals::in_our_words))
        .with_state(visits)
}

async fn enter(State(visits): State<Arc<Visits>>, Peer(from): Peer, mut request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let websocket = value("transport=") == Some("websocket");
    let (visit, is_new) = match value("sid=") {
        Some(sid) => (visits.of(sid), false),
        None if visits.are_over() => {
            count_refusal("stopping");
            return refusals::stopping().into_response();
        }
        None => match visits.begin(from) {
            Ok(visit) => (Some(visit), true),
            Err(crowded) => {
                count_refusal(crowded.word());
                return refusals::of(crowded).into_response();
            }
        },
    };
    // What the library does not know it answers itself.
    let Some(visit) = visit else {
        count_refusal("unknown_session");
        return pass(&visits, request).await;
    };
    let reads = request.method() == Method::GET;
    let number = value("t=").unwrap_or_default().to_owned();
    if reads && let Some(answer) = visit.answer_to(&number) {
        return ([(CONTENT_TYPE, TEXT)], answer).into_response();
    }
    if websocket && let Some(ConnectInfo(remote)) = request.extensions().get::<ConnectInfo<Remote>>() {
        visit.is_on(&remote.line);
    }
    if is_new {
        // It lives for as long as the session that keeps the request.
        request.extensions_mut().insert(Arc::clone(&visit));
    }
    let answer = pass(&visits, request).await;
    if is_new && answer.status().is_client_error() {
        count_refusal("bad_handshake");
    }
    if websocket || !reads || answer.status() != StatusCode::OK {
        return answer;
    }
    heed(&visit, &number, answer).await
}

async fn pass(visits: &Visits, request: Request) -> Response {
    let Ok(answer) = visits.engine().oneshot(request).await;
    answer.map(Body::new)
}

/// Reads what a poll is answered with: the id of a new session, and how many packets
/// of ours are on their way. The answer is kept, for it may be lost on its way.
async fn heed(visit: &Arc<Visit>, number: &str, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let bytes = body.collect().await.map_or_else(|_| Bytes::new(), http_body_util::Collected::to_bytes);
    if let Some(sid) = sid_of(&bytes) {
        visit.is_called(sid);
    }
    visit.has_answered(number, &bytes);
    visit.polled(
        bytes.split(|byte| *byte == SEPARATOR).filter(|packet| packet.first() == Some(&MESSAGE)).count(),
    );
    Response::from_parts(head, Body::from(bytes))
}

/// The id in the packet that opens a session: `0{"sid":"…",…`.
fn sid_of(answer: &[u8]) -> Option<&str> {
    let (sid, _) = std::str::from_utf8(answer).ok()?.strip_prefix("0{\"sid\":\"")?.split_once('"')?;
    Some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_new_session_is_read() {
        assert_eq!(sid_of(br#"0{"sid":"AAAAAAAAAAAAAAHs","upgrades":[]}"#), Some("AAAAAAAAAAAAAAHs"));
        for other in [&b""[..], b"6", b"40{\"sid\":\"x\"}", b"0{\"sid\":\"x"] {
            assert_eq!(sid_of(other), None, "{other:?}");
        }
    }
}
