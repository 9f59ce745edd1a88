//! What every request of Socket.IO passes: who comes is counted, and what goes out
//! by polling is kept small.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::visits::{Crowded, Visit, Visits};
use crate::connection::Remote;
use crate::proxies::TrustedProxies;

/// What divides the packets of an answer to a poll (Engine.IO, protocol 4).
const SEPARATOR: u8 = 0x1e;

/// What the library answers a poll with, as long as it is no bytes.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=UTF-8");

/// What a packet of ours begins with; the others are the protocol's own.
const MESSAGE: u8 = b'4';

/// What the door knows.
struct Door {
    visits: Arc<Visits>,
    proxies: TrustedProxies,
}

/// The routes of Socket.IO.
pub(crate) fn routes(visits: Arc<Visits>, proxies: TrustedProxies) -> Router {
    let door = Arc::new(Door { visits, proxies });
    Router::new().route("/socket.io", any(enter)).route("/socket.io/", any(enter)).with_state(door)
}

async fn enter(State(door): State<Arc<Door>>, mut request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let websocket = value("transport=") == Some("websocket");
    let (visit, is_new) = match value("sid=") {
        Some(sid) => (door.visits.of(sid), false),
        None if door.visits.are_over() => return refuse(503, "The server is stopping; connect again."),
        None => match door.visits.begin(door.proxies.client(address(&request), request.headers())) {
            Ok(visit) => (Some(visit), true),
            Err(Crowded::Address) => return refuse(429, "Too many sockets are open from this address."),
            Err(Crowded::Strangers) => {
                return refuse(
                    429,
                    "Too many sockets from this address have sent no token; send it with `auth`.",
                );
            }
        },
    };
    // What the library does not know it answers itself.
    let Some(visit) = visit else { return door.pass(request).await };
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
    let answer = door.pass(request).await;
    if websocket || !reads || answer.status() != StatusCode::OK {
        return answer;
    }
    heed(&visit, &number, answer).await
}

impl Door {
    async fn pass(&self, request: Request) -> Response {
        let Ok(answer) = self.visits.engine().oneshot(request).await;
        answer.map(Body::new)
    }
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

fn address(request: &Request) -> IpAddr {
    let remote = request.extensions().get::<ConnectInfo<Remote>>();
    remote.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(Remote { address, .. })| {
        SocketAddr::ip(address)
    })
}

/// In the form in which Engine.IO refuses.
fn refuse(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = serde_json::json!({"code": 4, "message": message}).to_string();
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (RETRY_AFTER, HeaderValue::from_static("1")),
    ];
    (status, headers, body).into_response()
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
