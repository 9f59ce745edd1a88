//! Large answers are compressed for whoever takes that, and nothing else changes.

use axum::http::header::ACCEPT_ENCODING;
use serde_json::json;

use crate::world::{ASHA, World};

#[tokio::test]
async fn a_large_answer_is_compressed_for_whoever_takes_that() {
    let world = World::new().await;
    let plain = world.anonymous.get("/api/openapi.json").await;
    assert_eq!(plain.header("content-encoding"), None);
    for accepted in ["gzip", "gzip, deflate, br, zstd", "br;q=0.9, gzip;q=0.5"] {
        let answer = world.anonymous.with(ACCEPT_ENCODING, accepted).get("/api/openapi.json").await;
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{accepted}");
        assert!(answer.body.starts_with(&[0x1f, 0x8b]), "{accepted}");
        assert!(answer.body.len() * 4 < plain.body.len(), "{} of {}", answer.body.len(), plain.body.len());
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accepted}");
    }
    for accepted in ["br", "gzip;q=0", "identity", ""] {
        let answer = world.anonymous.with(ACCEPT_ENCODING, accepted).get("/api/openapi.json").await;
        assert_eq!(answer.header("content-encoding"), None, "{accepted}");
        assert!(answer.body == plain.body, "{accepted}");
    }
}

#[tokio::test]
async fn whoever_takes_nothing_that_there_is_gets_it_as_it_is() {
    let world = World::new().await;
    let picky = world.admin.with(ACCEPT_ENCODING, "br, identity;q=0");
    let sold = picky.post("/api/purchases", json!({"user_id": ASHA, "amount": "5.00"})).await;
    assert_eq!((sold.status, sold.header("content-encoding")), (201, None), "what is recorded is no failure");
}

#[tokio::test]
async fn a_small_answer_goes_out_as_it_is() {
    let world = World::new().await;
    let answer = world.member.with(ACCEPT_ENCODING, "gzip").get("/api/me").await;
    assert_eq!((answer.status, answer.header("content-encoding")), (200, None));
}
