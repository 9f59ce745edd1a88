//! What a request of Socket.IO is refused with: a problem, as anywhere else. Clients go
//! by the status; whoever looks at the answer finds what to do, and the id for the operator.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use crate::gate::{REQUEST_ID, request_id};
use crate::problem::Problem;
use crate::realtime::visits::Crowded;

/// More than the library ever says of what it refuses.
const TOLD_BYTES_MAX: usize = 1024;

/// Why nobody is let in while there are so many.
pub(super) fn of(crowded: Crowded) -> Problem {
    let detail = match crowded {
        Crowded::Address => "Too many sockets are open from this address.",
        Crowded::Strangers => "Too many sockets from this address have sent no token; send it with `auth`.",
    };
    Problem::rate_limited(detail, 1)
}

/// Why nobody is let in at the end.
pub(super) fn stopping() -> Problem {
    let detail = "The server is stopping; connect again.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", detail).retry_after(1)
}

/// Gives every answer the id of its request, and a refusal its body.
pub(super) async fn in_our_words(request: Request, next: Next) -> Response {
    let id = request_id(request.headers());
    let path = request.uri().path().to_owned();
    let mut answer = next.run(request).await;
    if answer.status().is_client_error() || answer.status().is_server_error() {
        let problem = match answer.extensions_mut().remove::<Problem>() {
            Some(problem) => problem,
            None => of_library(answer).await,
        };
        answer = problem.answer(path, id.to_str().unwrap_or_default().to_owned());
    }
    answer.headers_mut().insert(REQUEST_ID, id);
    answer
}

/// What the library says, where it says anything: `{"code":"1","message":"Session ID unknown"}`.
#[derive(Deserialize)]
struct Told {
    message: String,
}

async fn of_library(answer: Response) -> Problem {
    let status = answer.status();
    let body = to_bytes(answer.into_body(), TOLD_BYTES_MAX).await.unwrap_or_default();
    let detail = match (serde_json::from_slice::<Told>(&body), status) {
        (Ok(Told { message }), _) => format!("{message}."),
        (Err(_), StatusCode::PAYLOAD_TOO_LARGE) => "A request may have at most 64 KiB.".to_owned(),
        (Err(_), _) => "This is no packet of Engine.IO that can be taken now.".to_owned(),
    };
    Problem::new(status, "socket_refused", "Socket refused", detail)
}
