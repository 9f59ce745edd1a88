//! Bodies that are not what was asked for: 400 when they are no JSON, 422 with
//! the place when they are other JSON, 413 and 415 before that.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::json;

use crate::world::{ASHA, World};

/// The most bytes of a body.
const LIMIT: usize = 64 * 1024;

#[tokio::test]
async fn what_is_not_json_is_400() {
    let world = World::new().await;
    for body in [
        "",
        " ",
        "{",
        "nope",
        "{} {}",
        "{'name': 1}",
        "{\"name\":}",
        "{\"user_id\": 01}",
        "\u{feff}{}",
        "{\"user_id\": 1, \"amount\": 1.}",
        "{\"user_id\": 1, \"amount\": NaN}",
        &"[".repeat(20_000),
    ] {
        let answer = world.owner.post_text("/api/purchases", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed_json"), "{body:.40}");
    }
}

#[tokio::test]
async fn what_is_not_utf_8_is_400() {
    let world = World::new().await;
    let json = world.owner.with(CONTENT_TYPE, "application/json");
    for body in [&b"{\"email\": \"\xff\"}"[..], b"\"\xc3\"", b"{\"\xff\": 1}"] {
        let answer = json.send(Method::POST, "/api/sessions", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "malformed_json"), "{body:?}");
    }
}

#[tokio::test]
async fn json_that_does_not_fit_is_422_and_names_the_place() {
    let world = World::new().await;
    for (path, body, pointer) in [
        ("/api/purchases", r"{}", "/amount"),
        ("/api/purchases", r#"{"user_id": 1}"#, "/amount"),
        ("/api/purchases", r#"{"user_id": "1", "amount": "5"}"#, "/user_id"),
        ("/api/purchases", r#"{"user_id": 1.5, "amount": "5"}"#, "/user_id"),
        ("/api/purchases", r#"{"user_id": null, "amount": "5"}"#, "/user_id"),
        ("/api/purchases", r#"{"user_id": 9223372036854775808, "amount": "5"}"#, "/user_id"),
        ("/api/purchases", r#"{"user_id": 1, "amount": "5", "reference": 7}"#, "/reference"),
        ("/api/purchases", r#"{"user_id": 1, "amount": "5", "currency": []}"#, "/currency"),
        ("/api/purchases", r#"{"user_id": 1, "amount": "5", "note": "x"}"#, "/note"),
        ("/api/purchases", r#"{"user_id": 1, "amount": "5", "amount": "6"}"#, "/amount"),
        ("/api/purchases", r#"{"user_id": 1, "amount": "5", "User_ID": 1}"#, "/User_ID"),
        ("/api/purchases", r"[]", ""),
        ("/api/purchases", r"null", ""),
        ("/api/purchases", r#""text""#, ""),
        ("/api/purchases", r"7", ""),
        ("/api/users/register", r#"{"name": "Asha"}"#, "/email"),
        ("/api/users/register", r#"{"name": 1, "email": "a@b.c"}"#, "/name"),
        ("/api/users/register", r#"{"name": "A", "email": "a@b.c", "referral_code": 1}"#, "/referral_code"),
        ("/api/users/register", r#"{"name": "A", "email": "a@b.c", "is_admin": true}"#, "/is_admin"),
        ("/api/users/1/tokens", r#"{"ttl": 30}"#, "/ttl"),
        ("/api/users/1/tokens", r#"{"scope": "admin"}"#, "/scope"),
        ("/api/sessions", r#"{"email": "a@b.c"}"#, "/password"),
        ("/api/sessions", r#"{"email": "a@b.c", "password": 12345678}"#, "/password"),
        ("/api/sessions", r#"{"email": "a@b.c", "password": "x", "otp": "1"}"#, "/otp"),
    ] {
        let answer = world.owner.post_text(path, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{path} {body}");
        assert_eq!(answer.pointers(), [pointer], "{path} {body}");
    }
    for (body, pointer) in [
        (json!({}), ""),
        (json!({"is_active": "yes"}), "/is_active"),
        (json!({"is_active": null}), "/is_active"),
        (json!({"is_active": false, "name": "x"}), "/name"),
        (json!({"external_id": ""}), "/external_id"),
        (json!({"external_id": 7}), "/external_id"),
        (json!({"metadata": "x"}), "/metadata"),
        (json!({"metadata": {"a/b": 7}}), "/metadata/a~1b"),
        (json!({"metadata": {"a": "x".repeat(501)}}), "/metadata/a"),
        (json!({"is_active": false, "metadata": []}), "/metadata"),
    ] {
        let answer = world.owner.patch("/api/users/1", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"));
        assert_eq!(answer.pointers(), [pointer]);
    }
    assert_eq!(world.owner.get("/api/users/1").await.field("/is_active"), "true", "nothing came of it");
}

#[tokio::test]
async fn an_array_is_not_taken_for_an_object() {
    let world = World::new().await;
    for (path, body) in [
        ("/api/purchases", r#"[1, "1500.00", null, null]"#),
        ("/api/users/register", r#"["Nisha", "nisha@example.com", null, null]"#),
        ("/api/sessions", r#"["asha.rao@example.com", "password"]"#),
        ("/api/users/1/tokens", r"[null]"),
    ] {
        let answer = world.owner.post_text(path, body).await;
        assert_eq!(answer.status, 422, "{path} {body}");
    }
}

#[tokio::test]
async fn a_pointer_escapes_what_has_a_meaning_in_pointers() {
    let world = World::new().await;
    for (field, pointer) in [("a/b", "/a~1b"), ("a~b", "/a~0b")] {
        let answer = world.owner.post("/api/purchases", json!({"user_id": 1, "amount": "5", field: 1})).await;
        assert_eq!(answer.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn all_bad_fields_of_a_registration_are_told_at_once() {
    let world = World::new().await;
    let body = json!({"name": " ", "email": "asha", "password": "short"});
    let answer = world.anonymous.post("/api/users/register", body).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"));
    assert_eq!(answer.pointers(), ["/name", "/email", "/password"]);
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_not_a_byte_more() {
    let world = World::new().await;
    let sale = json!({"user_id": ASHA, "amount": "5"}).to_string();
    for (bytes, status) in [(LIMIT, 201), (LIMIT + 1, 413), (LIMIT * 16, 413)] {
        let answer = world.owner.post_text("/api/purchases", &padded(&sale, bytes)).await;
        assert_eq!(answer.status, status, "{bytes} bytes");
    }
    for path in ["/api/purchases", "/api/users/register", "/api/sessions", "/api/users/1/tokens"] {
        let answer = world.owner.post_text(path, &" ".repeat(LIMIT + 1)).await;
        assert_eq!((answer.status, answer.code().as_str()), (413, "payload_too_large"), "{path}");
    }
}

fn padded(body: &str, bytes: usize) -> String {
    format!("{body}{}", " ".repeat(bytes - body.len()))
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let world = World::new().await;
    let sale = json!({"user_id": ASHA, "amount": "5"}).to_string();
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/xml", ""]
    {
        let actor = world.owner.with(CONTENT_TYPE, kind);
        let answer = actor.send(Method::POST, "/api/purchases", sale.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_media_type"), "{kind}");
    }
    assert_eq!(world.owner.send(Method::POST, "/api/purchases", sale.clone()).await.status, 415);
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        let actor = world.owner.with(CONTENT_TYPE, kind);
        assert_eq!(actor.send(Method::POST, "/api/purchases", sale.clone()).await.status, 201, "{kind}");
    }
}

#[tokio::test]
async fn whoever_may_not_is_told_so_before_her_body_is_looked_at() {
    let world = World::new().await;
    for body in ["", "{", "[]", "{}", r#"{"user_id": 1, "amount": "-1"}"#] {
        let answer = world.anonymous.post_text("/api/purchases", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthorized"), "{body}");
        let answer = world.member.post_text("/api/purchases", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{body}");
        let answer = world.member.post_text("/api/users/1/tokens", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"), "{body}");
    }
    for list in ["/api/users?limit=0", "/api/purchases?cursor=x"] {
        assert_eq!(world.member.get(list).await.status, 403, "{list}");
    }
    assert_eq!(world.anonymous.get("/api/users/abc").await.status, 401);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let world = World::new().await;
    let json = world.owner.with(CONTENT_TYPE, "application/json");
    tokio::time::pause();
    let never = Body::from_stream(futures_util::stream::pending::<Result<&str, std::io::Error>>());
    let answer = json.send(Method::POST, "/api/purchases", never).await;
    assert_eq!((answer.status, answer.code().as_str()), (408, "request_timeout"));
    assert!(answer.field("/detail").contains("Nothing was recorded"), "{answer}");
}
