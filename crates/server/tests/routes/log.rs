//! Every request leaves one line in the log, and that line says enough.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::World;

/// Everything that was logged by any thread of this test binary, as JSON lines.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens from now on, to everything down to `TRACE`.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(|| Writer)
            .init();
    });
}

/// What was logged so far.
pub(crate) fn heard() -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(log).expect("the log is text")
}

/// The fields of all lines about the request with this id.
fn lines_of(request_id: &str) -> Vec<Value> {
    let lines = heard();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON line"));
    lines.map(|line| line["fields"].clone()).filter(|fields| fields["request_id"] == request_id).collect()
}

#[tokio::test]
async fn every_request_is_one_line_with_who_asked_what_and_how_it_went() {
    listen();
    let world = World::new().await;
    let service = world.service("read").await;
    for (number, (actor, method, path, expected)) in [
        (
            &world.member,
            Method::GET,
            "/api/users/1/payouts?limit=3",
            ("/api/users/{user_id}/payouts", 200, "member"),
        ),
        (
            &world.member,
            Method::GET,
            "/api/earnings/4/chart",
            ("/api/earnings/{user_id}/chart", 403, "member"),
        ),
        (&service, Method::GET, "/api/users", ("/api/users", 200, "service")),
        (&world.owner, Method::POST, "/api/purchases", ("/api/purchases", 415, "admin")),
        (&world.anonymous, Method::GET, "/api/me", ("/api/me", 401, "anonymous")),
        (&world.bearer("garbage"), Method::GET, "/api/me", ("/api/me", 401, "unknown")),
        (&world.anonymous, Method::DELETE, "/api/users", ("/api/users", 405, "anonymous")),
        (&world.anonymous, Method::GET, "/secret/path", ("-", 404, "anonymous")),
        (&world.anonymous, Method::GET, "/", ("/", 200, "anonymous")),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("log-test-{number}");
        actor.with("x-request-id", id.as_str()).send(method.clone(), path, "").await;
        let lines = lines_of(&id);
        assert_eq!(lines.len(), 1, "{method} {path}: {lines:?}");
        let (route, status, caller) = expected;
        let mut line = lines[0].clone();
        let duration = line["duration_us"].take();
        assert!(duration.is_u64(), "{duration}");
        assert_eq!(
            line,
            json!({"message": "request", "method": method.as_str(), "route": route, "status": status,
                "caller": caller, "request_id": id, "duration_us": null}),
            "{path}"
        );
    }
}
