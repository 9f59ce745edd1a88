//! `POST /api/users/{user_id}/adjustments`

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BINA, NOBODY, World};

const PATH: &str = "/api/users/1/adjustments";

fn adjustment(direction: &str, amount: &str, reference: Value) -> Value {
    json!({"direction": direction, "amount": amount, "reason": "spring campaign", "reference": reference})
}

#[tokio::test]
async fn a_credit_adds_to_a_balance_and_a_debit_takes_away() {
    let world = World::new().await;
    assert_snapshot!(world.admin.post(PATH, adjustment("credit", "50.00", "c-1".into())).await, @r#"
    201 {
      "adjustment_id": 1,
      "amount": "50.00",
      "created_at": "2026-01-01T00:00:00.000Z",
      "direction": "credit",
      "message": "Balance adjusted.",
      "reason": "spring campaign",
      "reference": "c-1",
      "user_id": 1
    }
    "#);
    assert_snapshot!(world.admin.post(PATH, adjustment("debit", "80.00", Value::Null)).await, @r#"
    201 {
      "adjustment_id": 2,
      "amount": "80.00",
      "created_at": "2026-01-01T00:00:00.000Z",
      "direction": "debit",
      "message": "Balance adjusted.",
      "reason": "spring campaign",
      "reference": null,
      "user_id": 1
    }
    "#);
    let earnings = world.member.get("/api/earnings/1").await;
    assert_eq!((earnings.field("/adjusted"), earnings.field("/balance")), ("-30.00".into(), "-30.00".into()));
    assert_eq!(earnings.field("/total_earnings"), "0.00", "nothing was earned");
    assert_snapshot!(world.member.get("/api/earnings/1/entries?limit=1").await, @r#"
    200 {
      "data": [
        {
          "adjustment_id": 2,
          "amount": "-80.00",
          "balance": "-30.00",
          "booked_at": "2026-01-01T00:00:00.000Z",
          "created_at": "2026-01-01T00:00:00.000Z",
          "from_user": null,
          "from_user_id": null,
          "id": "1-2",
          "kind": "adjustment",
          "level": null,
          "matures_at": null,
          "payout_id": null,
          "purchase_id": null,
          "reason": "spring campaign",
          "refund_id": null,
          "seq": 2,
          "total_earnings": "0.00",
          "user_id": 1
        }
      ],
      "next_cursor": "2"
    }
    "#);
}

#[tokio::test]
async fn a_retry_adjusts_once() {
    let world = World::new().await;
    let first = world.owner.post(PATH, adjustment("debit", "50.00", "c-1".into())).await;
    let keyed = world.owner.with("idempotency-key", "c-1");
    for answer in [
        world.owner.post(PATH, adjustment("debit", "50", "c-1".into())).await,
        keyed.post(PATH, adjustment("debit", "50.00", Value::Null)).await,
    ] {
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, Some("true")), "{answer}");
        assert_eq!(answer.text(), first.text());
    }
    assert_eq!(world.member.get("/api/earnings/1").await.field("/balance"), "-50.00");
}

#[tokio::test]
async fn what_is_no_adjustment_says_why() {
    let world = World::new().await;
    assert_eq!(world.owner.post(PATH, adjustment("credit", "50.00", "c-1".into())).await.status, 201);
    let binas = &format!("/api/users/{BINA}/adjustments");
    let nobodys = &format!("/api/users/{NOBODY}/adjustments");
    let with = |field: &str, value: Value| {
        let mut body = adjustment("credit", "50.00", Value::Null);
        body[field] = value;
        body
    };
    let reused = |direction, amount| adjustment(direction, amount, "c-1".into());
    let mut reworded = reused("credit", "50.00");
    reworded["reason"] = "autumn campaign".into();
    for (path, body, status, code, pointer) in [
        (nobodys.as_str(), with("amount", "1.00".into()), 404, "user_not_found", ""),
        (PATH, reused("debit", "50.00"), 409, "reference_reused", ""),
        (PATH, reused("credit", "50.01"), 409, "reference_reused", ""),
        (PATH, reworded, 409, "reference_reused", ""),
        (binas, reused("credit", "50.00"), 409, "reference_reused", ""),
        (PATH, with("amount", "0".into()), 422, "invalid_amount", "/amount"),
        (PATH, with("amount", "-1".into()), 422, "invalid_amount", "/amount"),
        (PATH, with("direction", "up".into()), 422, "invalid_body", "/direction"),
        (PATH, with("direction", Value::Null), 422, "invalid_body", "/direction"),
        (PATH, with("reason", "".into()), 422, "invalid_body", "/reason"),
        (PATH, with("reason", "a\tb".into()), 422, "invalid_body", "/reason"),
        (PATH, with("reason", Value::Null), 422, "invalid_body", "/reason"),
        (PATH, with("note", "x".into()), 422, "invalid_body", "/note"),
        (PATH, with("reference", "é".into()), 422, "invalid_reference", "/reference"),
    ] {
        let answer = world.owner.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.pointers().concat(), pointer, "{body}");
    }
    assert_eq!(world.member.get("/api/earnings/1").await.field("/balance"), "50.00");
}
