//! `PATCH /api/payouts/{payout_id}`

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{CHETAN, World};

/// Asha's payout of 20.00; Bina's of 100.00 is the second.
const PATH: &str = "/api/payouts/1";

async fn world_after_a_run() -> World {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.pay_out().await;
    world.advance(Duration::from_mins(1));
    world
}

#[tokio::test]
async fn a_payout_that_arrived_stays_out_of_the_balance() {
    let world = world_after_a_run().await;
    let payer = world.service("payouts:write").await;
    assert_snapshot!(payer.patch(PATH, json!({"status": "paid"})).await, @r#"
    200 {
      "amount": "20.00",
      "created_at": "2026-01-01T00:00:00.000Z",
      "payout_id": 1,
      "reason": null,
      "run_id": 1,
      "settled_at": "2026-01-01T00:01:00.000Z",
      "status": "paid",
      "user_id": 1,
      "user_name": "Asha Rao"
    }
    "#);
    let earnings = world.member.get("/api/earnings/1").await;
    assert_eq!((earnings.field("/paid"), earnings.field("/balance")), ("20.00".into(), "0.00".into()));
}

#[tokio::test]
async fn a_payout_that_failed_comes_back_and_is_due_again() {
    let world = world_after_a_run().await;
    let payer = world.service("payouts:write").await;
    let failed = json!({"status": "failed", "reason": "account closed"});
    assert_snapshot!(payer.patch(PATH, failed).await, @r#"
    200 {
      "amount": "20.00",
      "created_at": "2026-01-01T00:00:00.000Z",
      "payout_id": 1,
      "reason": "account closed",
      "run_id": 1,
      "settled_at": "2026-01-01T00:01:00.000Z",
      "status": "failed",
      "user_id": 1,
      "user_name": "Asha Rao"
    }
    "#);
    assert_snapshot!(world.member.get("/api/earnings/1/entries?limit=1").await, @r#"
    200 {
      "data": [
        {
          "adjustment_id": null,
          "amount": "20.00",
          "balance": "20.00",
          "booked_at": "2026-01-01T00:01:00.000Z",
          "created_at": "2026-01-01T00:01:00.000Z",
          "from_user": null,
          "from_user_id": null,
          "id": "1-3",
          "kind": "payout_returned",
          "level": null,
          "matures_at": null,
          "payout_id": 1,
          "purchase_id": null,
          "reason": "account closed",
          "refund_id": null,
          "seq": 3,
          "total_earnings": "20.00",
          "user_id": 1
        }
      ],
      "next_cursor": "3"
    }
    "#);
    let earnings = world.member.get("/api/earnings/1").await;
    assert_eq!((earnings.field("/paid"), earnings.field("/available")), ("0.00".into(), "20.00".into()));
    assert_eq!(world.pay_out().await.field("/total"), "20.00");
}

#[tokio::test]
async fn saying_the_same_again_changes_nothing_and_another_thing_is_refused() {
    for (said, others) in [
        (json!({"status": "paid"}), vec![json!({"status": "failed", "reason": "account closed"})]),
        (
            json!({"status": "failed", "reason": "account closed"}),
            vec![json!({"status": "paid"}), json!({"status": "failed", "reason": "another"})],
        ),
    ] {
        let world = world_after_a_run().await;
        let first = world.owner.patch(PATH, said.clone()).await;
        world.advance(Duration::from_mins(1));
        let again = world.owner.patch(PATH, said.clone()).await;
        assert_eq!((again.status, again.text()), (200, first.text()));
        for other in others {
            let refused = world.owner.patch(PATH, other).await;
            assert_eq!((refused.status, refused.code().as_str()), (409, "payout_settled"));
        }
        let lines = world.member.get("/api/earnings/1/entries").await.rows().len();
        assert_eq!(lines, if said["status"] == "paid" { 2 } else { 3 });
    }
}

#[tokio::test]
async fn of_many_who_settle_at_once_differently_one_is_right() {
    let world = world_after_a_run().await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let owner = world.owner.clone();
        let said = match number % 2 {
            0 => json!({"status": "paid"}),
            _ => json!({"status": "failed", "reason": format!("reason {number}")}),
        };
        racing.spawn(async move { owner.patch(PATH, said).await });
    }
    let answers = racing.join_all().await;
    let settled = world.owner.get("/api/payouts/runs/1/payouts").await.rows().remove(0);
    let agreed: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert!(!agreed.is_empty() && agreed.iter().all(|answer| answer.json() == settled), "{settled}");
    assert!(
        answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.code() == "payout_settled")
    );
    let balance = world.member.get("/api/earnings/1").await.field("/balance");
    assert_eq!(balance, if settled["status"] == "paid" { "0.00" } else { "20.00" });
}

#[tokio::test]
async fn what_is_no_settlement_says_why() {
    let world = world_after_a_run().await;
    for (body, pointer) in [
        (json!({}), "/status"),
        (json!({"status": "pending"}), "/status"),
        (json!({"status": "sent"}), "/status"),
        (json!({"status": "failed"}), "/reason"),
        (json!({"status": "failed", "reason": null}), "/reason"),
        (json!({"status": "failed", "reason": " "}), "/reason"),
        (json!({"status": "failed", "reason": "x".repeat(201)}), "/reason"),
        (json!({"status": "failed", "reason": "two\nlines"}), "/reason"),
        (json!({"status": "paid", "reason": "thanks"}), "/reason"),
        (json!({"status": "paid", "amount": "1.00"}), "/amount"),
    ] {
        let answer = world.owner.patch(PATH, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{body}");
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    let payout = world.owner.get("/api/payouts/runs/1/payouts").await.rows().remove(0);
    assert_eq!(payout["status"], "pending");
}
