//! How failures look that no handler had a part in. That every failure is a
//! complete problem is checked on every answer; see [`crate::answer`].

use std::sync::Arc;

use app::StoreError;
use axum::Router;
use axum::http::Method;
use axum::routing::get;
use insta::assert_snapshot;
use serde_json::json;
use server::gate::behind_gate;
use server::problem::Problem;

use crate::actor::Actor;
use crate::world::{ASHA, World};

#[tokio::test]
async fn a_problem_says_what_is_wrong_and_whose_request_it_was() {
    let world = World::new().await;
    let answer = world.member.get("/api/earnings/4/entries?cursor=7").await;
    assert_snapshot!(answer, @r#"
    403 {
      "code": "forbidden",
      "detail": "This API key or access token does not open this.",
      "instance": "/api/earnings/4/entries",
      "request_id": "[request id]",
      "status": 403,
      "title": "Forbidden",
      "type": "urn:banyan:problem:forbidden"
    }
    "#);
    let answer = world
        .anonymous
        .post("/api/users/register", json!({"name": "", "email": "x", "password": "short"}))
        .await;
    assert_snapshot!(answer, @r#"
    422 {
      "code": "invalid_body",
      "detail": "The body does not have the expected fields; see `errors`.",
      "errors": [
        {
          "detail": "must be 1 to 100 characters on one line",
          "pointer": "/name"
        },
        {
          "detail": "must be an e-mail address such as \"asha@example.com\"",
          "pointer": "/email"
        },
        {
          "detail": "must be 8 to 128 characters",
          "pointer": "/password"
        }
      ],
      "instance": "/api/users/register",
      "request_id": "[request id]",
      "status": 422,
      "title": "Invalid body",
      "type": "urn:banyan:problem:invalid_body"
    }
    "#);
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let world = World::new().await;
    for id in ["a", "018f-A_z.9", &"x".repeat(64)] {
        for path in ["/healthz", "/nothing", "/api/users/1"] {
            let answer = world.anonymous.with("x-request-id", id).get(path).await;
            assert_eq!(answer.header("x-request-id"), Some(id), "{path}");
        }
    }
    for id in ["", "two words", "<b>", "a,b", "ü", &"x".repeat(65)] {
        let answer = world.anonymous.with("x-request-id", id).get("/healthz").await;
        let made = answer.header("x-request-id").expect("one of our own");
        assert_eq!((made.len(), made.as_bytes()[14]), (36, b'7'), "a version 7 UUID instead of {id:?}");
    }
    let ids = [world.member.get("/api/me").await, world.member.get("/api/me").await];
    assert_ne!(ids[0].header("x-request-id"), ids[1].header("x-request-id"));
}

#[tokio::test]
async fn there_is_nothing_at_an_unknown_address() {
    let world = World::new().await;
    let paths = [
        "/nothing",
        "/api",
        "/api/",
        "/api/user",
        "/api/users/",
        "/api/users/1/",
        "/api/users/1/2/3",
        "/assets/nothing.js",
        "/assets/../index.html",
        "/API/users",
        "/api//users",
        "/socket.io/nothing",
    ];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            if path.starts_with("/assets/") && method != Method::GET {
                continue;
            }
            let answer = world.owner.send(method.clone(), path, "").await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_told_those_it_takes() {
    let world = World::new().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/api/users/1", "GET,HEAD,PATCH"),
        (Method::PUT, "/api/purchases", "GET,HEAD,POST"),
        (Method::GET, "/api/users/register", "POST"),
        (Method::GET, "/api/sessions", "POST"),
        (Method::POST, "/api/earnings/1", "GET,HEAD"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (Method::POST, "/", "GET,HEAD"),
    ] {
        let answer = world.owner.send(method.clone(), path, "").await;
        assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"), "{method} {path}");
        let allow = answer.header("allow").unwrap_or_else(|| panic!("{method} {path} has no Allow"));
        let mut allow: Vec<&str> = allow.split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_panic_is_an_opaque_problem_and_the_next_request_is_served() {
    async fn fail() -> &'static str {
        panic!("the secret of the handler")
    }
    let world = World::new().await;
    let routes = Router::new().route("/panics", get(fail)).route("/works", get(|| async { "fine" }));
    let actor = Actor::anonymous(&behind_gate(routes, Arc::clone(&world.app)));
    let answer = actor.with("x-request-id", "panic-1").get("/panics").await;
    assert_eq!(answer.header("x-request-id"), Some("panic-1"));
    assert_snapshot!(answer, @r#"
    500 {
      "code": "internal",
      "detail": "Something went wrong on our side. Quote the request id to the operator.",
      "instance": "/panics",
      "request_id": "[request id]",
      "status": 500,
      "title": "Internal error",
      "type": "urn:banyan:problem:internal"
    }
    "#);
    assert_eq!(actor.get("/works").await.text(), "fine");
}

#[tokio::test]
async fn when_no_more_can_be_taken_the_caller_is_told_when_to_come_back() {
    let world = World::new().await;
    world.app.stop().await;
    let answer = world.owner.post("/api/purchases", json!({"user_id": ASHA, "amount": "5"})).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_snapshot!(answer, @r#"
    503 {
      "code": "overloaded",
      "detail": "More is waiting than can be taken now. Nothing was recorded; send it again.",
      "instance": "/api/purchases",
      "request_id": "[request id]",
      "status": 503,
      "title": "Overloaded",
      "type": "urn:banyan:problem:overloaded"
    }
    "#);
}

#[tokio::test]
async fn a_database_that_is_away_is_told_with_when_to_come_back() {
    let world = World::new().await;
    let away = async || Err::<(), _>(Problem::from(StoreError::Away("connection refused".into())));
    let lost = async || Err::<(), _>(Problem::from(StoreError::OutcomeUnknown));
    let routes = Router::new().route("/away", get(away)).route("/lost", get(lost));
    let actor = Actor::anonymous(&behind_gate(routes, Arc::clone(&world.app)));
    for (path, code, detail) in
        [("/away", "unavailable", "Nothing was recorded"), ("/lost", "outcome_unknown", "is unknown")]
    {
        let answer = actor.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, code));
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.field("/detail").contains(detail));
        assert!(!answer.text().contains("refused"), "what the database said is for the log");
    }
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up() {
    let world = World::new().await;
    let routes = Router::new().route("/hangs", get(std::future::pending::<&'static str>));
    let actor = Actor::anonymous(&behind_gate(routes, Arc::clone(&world.app)));
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let answer = actor.get("/hangs").await;
    assert_eq!(started.elapsed().as_secs(), 30);
    assert_eq!((answer.status, answer.code().as_str()), (503, "outcome_unknown"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.field("/detail").contains("unknown"), "whether it was recorded");
}

#[tokio::test]
async fn a_header_that_decides_is_sent_once() {
    let world = World::new().await;
    let key =
        world.service("purchases:write").await.with("idempotency-key", "a").with("host", "shop.example");
    let sale = json!({"user_id": ASHA, "amount": "5"}).to_string();
    let key = key.with("content-type", "application/json");
    for (name, value) in [
        ("authorization", "Bearer another"),
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
        ("host", "shop.example"),
    ] {
        let answer = key.with_another(name, value).send(Method::POST, "/api/purchases", sale.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "repeated_header"), "{name}");
        assert!(answer.field("/detail").to_lowercase().contains(name), "{answer}");
    }
    assert!(world.owner.get("/api/purchases").await.rows().is_empty(), "and nothing is done");
    let harmless = key.with_another("accept", "text/plain").with_another("accept", "application/json");
    assert_eq!(harmless.send(Method::POST, "/api/purchases", sale).await.status, 201);
}
