//! `POST /api/sessions`

use std::time::Duration;

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{ASHA, World};

async fn world_with_a_password() -> World {
    let world = World::new().await;
    let nisha = json!({"name": "Nisha", "email": "nisha@example.com", "password": " pass wörd "});
    assert_eq!(world.anonymous.post("/api/users/register", nisha).await.status, 201);
    world
}

#[tokio::test]
async fn the_right_password_signs_in_for_a_day() {
    let world = world_with_a_password().await;
    world.advance(Duration::from_hours(1));
    let sign_in = json!({"email": " NISHA@Example.com", "password": " pass wörd "});
    let answer = world.anonymous.post("/api/sessions", sign_in).await;
    assert_snapshot!(answer, @r#"
    201 {
      "expires_at": "2026-01-02T01:00:00.000Z",
      "token": "[token]",
      "user_id": 5
    }
    "#);
    let nisha = world.bearer(&answer.field("/token"));
    assert_eq!(nisha.get("/api/me").await.field("/user_id"), answer.field("/user_id"));
    world.advance(Duration::from_hours(24));
    assert_eq!(nisha.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn nothing_tells_an_unknown_address_from_a_wrong_password() {
    let world = world_with_a_password().await;
    let mut told: Vec<Value> = Vec::new();
    for (email, password) in [
        ("nisha@example.com", "pass wörd"),
        ("nisha@example.com", ""),
        ("nobody@example.com", " pass wörd "),
        ("asha.rao@example.com", "she never chose one"),
        ("no address", " pass wörd "),
    ] {
        let sign_in = json!({"email": email, "password": password});
        let answer = world.anonymous.with("x-request-id", "same").post("/api/sessions", sign_in).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "wrong_credentials"), "{email}");
        told.push(answer.json());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test]
async fn an_inactive_member_signs_in_too() {
    let world = world_with_a_password().await;
    let sign_in = json!({"email": "nisha@example.com", "password": " pass wörd "});
    let nisha = world.anonymous.post("/api/sessions", sign_in.clone()).await.field("/user_id");
    world.set_active(nisha.parse().unwrap(), false).await;
    assert_eq!(world.anonymous.post("/api/sessions", sign_in).await.status, 201);
    assert_ne!(nisha, ASHA.to_string());
}

#[tokio::test]
async fn who_signs_out_is_out_and_nobody_else_is() {
    let world = world_with_a_password().await;
    let sign_in = json!({"email": "nisha@example.com", "password": " pass wörd "});
    let mut tokens = Vec::new();
    for _ in 0..2 {
        tokens.push(world.anonymous.post("/api/sessions", sign_in.clone()).await.field("/token"));
    }
    let (phone, laptop) = (world.bearer(&tokens[0]), world.bearer(&tokens[1]));
    let answer = phone.send(Method::DELETE, "/api/sessions/current", "").await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(phone.get("/api/me").await.code(), "invalid_token");
    assert_eq!(laptop.get("/api/me").await.status, 200);

    let ended = laptop.post("/api/users/5/sessions/end", json!({})).await;
    assert_eq!(ended.json(), json!({"ended": 2}), "that of her registration, and this one");
    assert_eq!(laptop.get("/api/me").await.code(), "invalid_token");
    let audited = world.owner.get("/api/audit?limit=1").await.json();
    assert_eq!(audited["data"][0]["action"], "sessions.end");
}

/// The cookie that an answer sets, as a browser sends it back.
fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie is set");
    assert!(set.contains("; HttpOnly; SameSite=Strict"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_changed_for_a_cookie_that_opens_the_same() {
    let world = World::new().await;
    let kept = world.member.post("/api/sessions/browser", json!({})).await;
    assert_eq!(kept.status, 204, "{kept}");
    let browser = world.anonymous.with("cookie", cookie_of(&kept));
    assert_eq!(browser.get("/api/me").await.json()["user_id"], ASHA);
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(world.anonymous.post("/api/sessions/browser", json!({})).await.status, 401);
}

#[tokio::test]
async fn what_changes_anything_by_the_cookie_comes_from_our_own_pages() {
    let world = World::new().await;
    let kept = world.admin.post("/api/sessions/browser", json!({})).await;
    let browser = world.anonymous.with("cookie", cookie_of(&kept));
    let sale = json!({"user_id": ASHA, "amount": "5.00"});
    for site in ["cross-site", "same-site", "none"] {
        let elsewhere = browser.with("sec-fetch-site", site);
        let refused = elsewhere.post("/api/purchases", sale.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "cross_origin"), "{site}");
        assert_eq!(elsewhere.get("/api/me").await.status, 200, "what is only read, no other page can read");
    }
    assert_eq!(browser.post("/api/purchases", sale.clone()).await.status, 403, "who says nothing");
    assert!(world.admin.get("/api/purchases").await.rows().is_empty());
    let here = browser.with("sec-fetch-site", "same-origin");
    assert_eq!(here.post("/api/purchases", sale).await.status, 201);
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away_and_ends_the_session() {
    let world = World::new().await;
    let member = world.signed_in(ASHA).await;
    let kept = member.post("/api/sessions/browser", json!({})).await;
    let browser = world.anonymous.with("cookie", cookie_of(&kept)).with("sec-fetch-site", "same-origin");
    let left = browser.send(Method::DELETE, "/api/sessions/browser", "").await;
    assert_eq!(left.status, 204, "{left}");
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(browser.get("/api/me").await.status, 401, "a copy of the cookie opens nothing");
    assert_eq!(browser.get("/").await.status, 200, "and keeps nobody out");
    assert_eq!(member.get("/api/me").await.status, 401, "nor does the token");
}
