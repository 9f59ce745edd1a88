//! `POST /api/purchases/bulk`: every line is answered as if it had come alone.

use std::fmt::Write;

use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{CHETAN, World};

const PATH: &str = "/api/purchases/bulk";

fn told(answer: &Answer) -> Vec<Value> {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson")),
        "{}",
        answer.text()
    );
    answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The line, the status, and the purchase or the code.
fn in_short(answer: &Answer) -> Vec<String> {
    let word = |line: &Value| line["purchase_id"].as_i64().map(|id| id.to_string());
    let code = |line: &Value| line["code"].as_str().unwrap_or_default().to_owned();
    let lines = told(answer);
    lines
        .iter()
        .map(|line| {
            format!("{} {} {}", line["line"], line["status"], word(line).unwrap_or_else(|| code(line)))
        })
        .collect()
}

#[tokio::test]
async fn every_line_is_decided_on_its_own_and_answered_in_order() {
    let world = World::new().await;
    let lines = [
        r#"{"user_id": 3, "amount": "2000.00", "reference": "a"}"#,
        "",
        r#"{"user_id": 3, "amount": 1000, "reference": "a"}"#,
        "nonsense",
        r#"{"user_id": 3}"#,
        r#"[3, "5"]"#,
        "   \t",
        r#"{"user_id": 3, "amount": "-5"}"#,
        r#"{"user_id": 999, "amount": "5"}"#,
        r#"{"user_id": 3, "amount": "5", "currency": "USD"}"#,
        r#"{"user_id": 3, "amount": "5", "reference": " "}"#,
        r#"{"user_id": 3, "amount": "2000.0", "reference": "a"}"#,
        r#"{"user_id": 3, "amount": "1001.30"}"#,
    ]
    .join("\r\n");
    let answer = world.service("purchases:write").await.post_lines(PATH, &lines).await;
    assert_eq!(
        in_short(&answer),
        [
            "1 201 1",
            "3 409 reference_reused",
            "4 400 malformed_json",
            "5 422 invalid_body",
            "6 422 invalid_body",
            "8 422 invalid_amount",
            "9 404 user_not_found",
            "10 422 currency_mismatch",
            "11 422 invalid_reference",
            "12 200 1",
            "13 201 2",
        ]
    );
    let lines = told(&answer);
    assert_eq!(lines[0], json!({"line": 1, "status": 201, "purchase_id": 1}), "nothing more than that");
    assert_eq!(lines[3]["errors"], json!([{"pointer": "/amount", "detail": "missing field `amount`"}]));
    assert!(lines[6]["detail"].as_str().is_some_and(|detail| detail == "User 999 does not exist."));
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "30.01");
}

#[tokio::test]
async fn all_of_it_can_be_sent_again() {
    let world = World::new().await;
    let mut lines = String::new();
    for number in 0..3_000 {
        writeln!(lines, r#"{{"user_id": 3, "amount": "2000", "reference": "order-{number}"}}"#).unwrap();
    }
    let first = told(&world.owner.post_lines(PATH, &lines).await);
    assert_eq!(first.len(), 3_000);
    let ids: Vec<i64> = first.iter().map(|line| line["purchase_id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted() && first.iter().all(|line| line["status"] == 201), "recorded in their order");

    let again = told(&world.owner.post_lines(PATH, &lines).await);
    assert!(again.iter().all(|line| line["status"] == 200));
    assert!(again.iter().map(|line| line["purchase_id"].as_i64().unwrap()).eq(ids));
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "60000.00");
}

#[tokio::test]
async fn single_purchases_are_taken_while_many_wait_in_bulk() {
    let world = World::new().await;
    let lines = r#"{"user_id": 3, "amount": "2000"}
"#
    .repeat(3_000);
    let mut bulks = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (owner, lines) = (world.owner.clone(), lines.clone());
        bulks.spawn(async move { told(&owner.post_lines(PATH, &lines).await).len() });
    }
    tokio::task::yield_now().await;
    while !bulks.is_empty() {
        world.buy(CHETAN, "5").await;
        if let Some(told) = bulks.try_join_next() {
            assert_eq!(told.unwrap(), 3_000);
        }
    }
    let stats = world.owner.get("/api/purchases?limit=1").await;
    assert!(stats.rows()[0]["purchase_id"].as_i64().unwrap() > 6_000);
}

#[tokio::test]
async fn blank_lines_are_no_purchases_and_no_lines_are_none() {
    let world = World::new().await;
    for body in ["", "\n", "\r\n\r\n", " \n\t\n"] {
        assert!(told(&world.owner.post_lines(PATH, body).await).is_empty(), "{body:?}");
    }
    let one = "\n\n{\"user_id\": 3, \"amount\": \"5\"}";
    for body in [one.to_owned(), format!("{one}\n"), format!("{one}\r\n\r\n")] {
        let answer = world.owner.post_lines(PATH, &body).await;
        assert!(in_short(&answer)[0].starts_with("3 201 "), "{body:?}");
    }
}

#[tokio::test]
async fn too_much_is_refused_before_anything_is_recorded() {
    let world = World::new().await;
    let line = "{\"user_id\": 3, \"amount\": \"5\"}\n";
    let (most, bytes) = (10_000, 8 * 1024 * 1024);
    for (body, status) in [
        (line.repeat(most + 1), 413),
        (format!("{line}{}", "\n".repeat(most)), 413),
        (format!("{line}{}", " ".repeat(bytes - line.len() + 1)), 413),
        (format!("{line}{}", " ".repeat(bytes - line.len())), 200),
        (format!("{line}{}", "\n".repeat(most - 1)), 200),
    ] {
        let before = world.owner.get("/api/purchases").await.rows().len();
        let answer = world.owner.post_lines(PATH, &body).await;
        assert_eq!(answer.status, status);
        let recorded = world.owner.get("/api/purchases").await.rows().len() - before;
        assert_eq!(recorded, usize::from(status == 200));
        if status == 413 {
            assert_eq!(answer.code(), "payload_too_large");
        }
    }
}

#[tokio::test]
async fn the_body_must_say_that_it_is_lines() {
    let world = World::new().await;
    let line = r#"{"user_id": 3, "amount": "5"}"#;
    for kind in ["application/json", "text/plain", "application/x-ndjsonp", ""] {
        let answer = world.owner.with(CONTENT_TYPE, kind).send(Method::POST, PATH, line).await;
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_media_type"), "{kind}");
        assert!(answer.field("/detail").contains("application/x-ndjson"));
    }
    assert_eq!(world.owner.send(Method::POST, PATH, line).await.status, 415);
    let kind = "Application/X-NDJSON; charset=utf-8";
    assert_eq!(world.owner.with(CONTENT_TYPE, kind).send(Method::POST, PATH, line).await.status, 200);
}

#[tokio::test]
async fn when_the_recorder_has_stopped_each_line_is_told_to_come_again() {
    let world = World::new().await;
    world.app.stop().await;
    let answer = world.owner.post_lines(PATH, "{\"user_id\": 3, \"amount\": \"5\"}\nx\n").await;
    assert_eq!(in_short(&answer), ["1 503 overloaded", "2 400 malformed_json"]);
}

#[tokio::test]
async fn whoever_may_not_is_told_so_before_her_lines_are_looked_at() {
    let world = World::new().await;
    for (actor, status) in
        [(&world.anonymous, 401), (&world.member, 403), (&world.service("read").await, 403)]
    {
        assert_eq!(actor.post_lines(PATH, "nonsense").await.status, status);
        assert_eq!(actor.post_text(PATH, "{}").await.status, status);
    }
}
