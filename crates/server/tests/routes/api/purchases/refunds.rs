//! `/api/purchases/{purchase_id}/refunds`

use std::time::Duration;

use domain::{Money, Plan};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{ASHA, BINA, CHETAN, NOBODY, World};

const PATH: &str = "/api/purchases/1/refunds";

#[track_caller]
fn is_replay_of(answer: &Answer, first: &Answer) {
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, Some("true")), "{answer}");
    assert_eq!(answer.text(), first.text());
}

/// What somebody's balance is.
async fn balance(world: &World, user: i64) -> String {
    world.owner.get(&format!("/api/earnings/{user}")).await.field("/balance")
}

#[tokio::test]
async fn a_refund_says_what_is_left_and_what_it_took_from_whom() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(Duration::from_mins(1));
    let shop = world.service("purchases:write").await;
    let answer = shop.post(PATH, json!({"amount": "500", "reference": "return-1"})).await;
    assert_snapshot!(answer, @r#"
    201 {
      "amount": "500.00",
      "created_at": "2026-01-01T00:01:00.000Z",
      "currency": "INR",
      "message": "Purchase refunded.",
      "net": "1500.00",
      "purchase_id": 1,
      "reference": "return-1",
      "refund_id": 1,
      "reversals": [
        {
          "amount": "25.00",
          "level": 1,
          "user_id": 2
        },
        {
          "amount": "5.00",
          "level": 2,
          "user_id": 1
        }
      ],
      "user_id": 3
    }
    "#);
    assert_eq!([balance(&world, BINA).await, balance(&world, ASHA).await], ["75.00", "15.00"]);
}

#[tokio::test]
async fn what_is_left_must_be_above_the_threshold_too() {
    let world = World::new().await;
    world.buy(CHETAN, "1500.00").await;
    let answer = world.refund(1, "500.00").await;
    assert_eq!(
        (answer.field("/net"), answer.field("/reversals/0/amount")),
        ("1000.00".into(), "75.00".into())
    );
    assert_eq!([balance(&world, BINA).await, balance(&world, ASHA).await], ["0.00", "0.00"]);
    let answer = world.refund(1, "1000.00").await;
    assert_eq!((answer.field("/net"), answer.field("/reversals")), ("0.00".into(), "[]".into()));
}

#[tokio::test]
async fn a_purchase_is_shown_with_its_refunds_and_what_they_did() {
    let world = World::new().await;
    world.set_active(ASHA, false).await;
    world.buy(CHETAN, "2001.30").await;
    world.advance(Duration::from_hours(24));
    world.refund(1, "500.00").await;
    world.refund(1, "1501.30").await;
    let shown = world.admin.get("/api/purchases/1").await;
    assert_snapshot!(shown, @r#"
    200 {
      "amount": "2001.30",
      "booked_at": "2026-01-01T00:00:00.000Z",
      "commission": "100.07",
      "created_at": "2026-01-01T00:00:00.000Z",
      "currency": "INR",
      "decisions": [
        {
          "amount": "100.07",
          "level": 1,
          "outcome": "paid",
          "rate": "5%",
          "user_id": 2
        },
        {
          "amount": "0.00",
          "level": 2,
          "outcome": "inactive",
          "rate": "1%",
          "user_id": 1
        }
      ],
      "earnings": [
        {
          "amount": "100.07",
          "level": 1,
          "rate": "5%",
          "user_id": 2
        }
      ],
      "explanation": [
        "Chetan Gupta bought for 2001.30 INR on 2026-01-01 (UTC), under version 1 of the plan.",
        "Level 1: Bina Shah (active) earned 100.07: 5% of 2001.30 is exactly 100.065, rounded half up to 100.07.",
        "Level 2: Asha Rao (not active) earned nothing: 1% of 2001.30 went to nobody.",
        "Refund 1 gave 500.00 back on 2026-01-02 (UTC) and left 1501.30.",
        "Level 1: 5% of 1501.30 is exactly 75.065, rounded half up to 75.07, so 75.07 is still due; 100.07 was due before, and 25.00 was taken back from Bina Shah.",
        "Refund 2 gave 1501.30 back on 2026-01-02 (UTC) and left 0.00.",
        "Level 1: nothing is left of the purchase, so nothing is due any more; 75.07 was taken back from Bina Shah."
      ],
      "metadata": {},
      "net": "0.00",
      "plan_version": 1,
      "purchase_id": 1,
      "recorded_at": "2026-01-01T00:00:00.000Z",
      "reference": null,
      "refunded": "2001.30",
      "refunds": [
        {
          "amount": "500.00",
          "created_at": "2026-01-02T00:00:00.000Z",
          "currency": "INR",
          "net": "1501.30",
          "purchase_id": 1,
          "reference": null,
          "refund_id": 1,
          "reversals": [
            {
              "amount": "25.00",
              "level": 1,
              "user_id": 2
            }
          ],
          "user_id": 3
        },
        {
          "amount": "1501.30",
          "created_at": "2026-01-02T00:00:00.000Z",
          "currency": "INR",
          "net": "0.00",
          "purchase_id": 1,
          "reference": null,
          "refund_id": 2,
          "reversals": [
            {
              "amount": "75.07",
              "level": 1,
              "user_id": 2
            }
          ],
          "user_id": 3
        }
      ],
      "user_id": 3,
      "user_name": "Chetan Gupta"
    }
    "#);
    let list = world.service("read").await.get(PATH).await.json();
    assert_eq!(list, json!({"data": shown.json()["refunds"], "next_cursor": null}));
    let row = world.admin.get("/api/purchases").await.rows().remove(0);
    assert_eq!(["refunded", "net", "commission"].map(|sum| &row[sum]), ["2001.30", "0.00", "100.07"]);
}

#[tokio::test]
async fn the_answer_to_the_purchase_stays_what_it_was() {
    let world = World::new().await;
    let sale = json!({"user_id": CHETAN, "amount": "2000.00", "reference": "order-1"});
    let first = world.owner.post("/api/purchases", sale.clone()).await;
    world.refund(1, "2000.00").await;
    is_replay_of(&world.owner.post("/api/purchases", sale).await, &first);
}

#[tokio::test]
async fn a_retry_is_answered_as_the_first_time_whatever_happened_meanwhile() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let shop = world.service("purchases:write").await;
    let refund = json!({"amount": "500.00", "reference": "return-1"});
    let first = shop.post(PATH, refund.clone()).await;
    assert_eq!(first.status, 201, "{first}");
    world.advance(Duration::from_mins(1));
    world.refund(1, "1500.00").await;
    world.set_plan(Plan { commission_above: Money::from_paise(9_000_00), ..Plan::default() }).await;
    is_replay_of(&shop.post(PATH, refund.clone()).await, &first);
    let keyed = shop.with("idempotency-key", "return-1");
    is_replay_of(&keyed.post(PATH, json!({"amount": 500})).await, &first);
    is_replay_of(&keyed.post(PATH, refund).await, &first);
    assert_eq!(world.owner.get(PATH).await.rows().len(), 2);
}

#[tokio::test]
async fn without_a_reference_a_retry_is_another_refund() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let ids = [world.refund(1, "5").await, world.refund(1, "5").await];
    assert_eq!(ids.map(|answer| answer.field("/refund_id")), ["1", "2"]);
}

#[tokio::test]
async fn what_cannot_be_refunded_says_why_and_takes_nothing() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.buy(CHETAN, "3000.00").await;
    let shop = world.service("purchases:write").await;
    assert_eq!(shop.post(PATH, json!({"amount": "500.00", "reference": "return-1"})).await.status, 201);
    let second = "/api/purchases/2/refunds";
    let nobodys = &format!("/api/purchases/{NOBODY}/refunds");
    for (path, body, status, code, pointer) in [
        (PATH, json!({"amount": "1500.01"}), 422, "refund_exceeds_purchase", ""),
        (PATH, json!({"amount": "1000000000.00"}), 422, "refund_exceeds_purchase", ""),
        (PATH, json!({"amount": "1000000000.01"}), 422, "invalid_amount", "/amount"),
        (nobodys, json!({"amount": "1.00"}), 404, "purchase_not_found", ""),
        (PATH, json!({"amount": "500.01", "reference": "return-1"}), 409, "reference_reused", ""),
        (second, json!({"amount": "500.00", "reference": "return-1"}), 409, "reference_reused", ""),
        (PATH, json!({"amount": "0"}), 422, "invalid_amount", "/amount"),
        (PATH, json!({"amount": "-5"}), 422, "invalid_amount", "/amount"),
        (PATH, json!({"amount": "1.005"}), 422, "invalid_amount", "/amount"),
        (PATH, json!({"amount": null}), 422, "invalid_amount", "/amount"),
        (PATH, json!({}), 422, "invalid_body", "/amount"),
        (PATH, json!({"amount": "1.00", "reason": "broken"}), 422, "invalid_body", "/reason"),
        (PATH, json!({"amount": "1.00", "reference": ""}), 422, "invalid_reference", "/reference"),
    ] {
        let answer = shop.post(path, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.pointers().concat(), pointer, "{body}");
    }
    let keyed = shop.with("idempotency-key", "return-2");
    let answer = keyed.post(PATH, json!({"amount": "1.00", "reference": "return-3"})).await;
    assert_eq!((answer.status, answer.code().as_str()), (422, "reference_mismatch"));
    assert_snapshot!(shop.post(PATH, json!({"amount": "1500.01"})).await, @r#"
    422 {
      "code": "refund_exceeds_purchase",
      "detail": "Only 1500.00 is left of this purchase.",
      "instance": "/api/purchases/1/refunds",
      "request_id": "[request id]",
      "status": 422,
      "title": "Refund exceeds purchase",
      "type": "urn:banyan:problem:refund_exceeds_purchase"
    }
    "#);
    assert_eq!(balance(&world, BINA).await, "225.00");
    assert_eq!(world.owner.get("/api/purchases/1").await.field("/net"), "1500.00");
}

#[tokio::test]
async fn a_refused_refund_does_not_use_its_reference_up() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    for (amount, status) in [("2000.01", 422), ("2000.00", 201)] {
        let answer = world.owner.post(PATH, json!({"amount": amount, "reference": "return-1"})).await;
        assert_eq!(answer.status, status, "{answer}");
    }
}

#[tokio::test]
async fn a_refund_and_its_purchase_may_have_the_same_reference() {
    let world = World::new().await;
    let sale = json!({"user_id": CHETAN, "amount": "2000.00", "reference": "order-1"});
    assert_eq!(world.owner.post("/api/purchases", sale).await.status, 201);
    let refund = json!({"amount": "2000.00", "reference": "order-1"});
    assert_eq!(world.owner.post(PATH, refund).await.status, 201);
}

#[tokio::test]
async fn of_many_at_once_that_do_not_fit_together_one_is_taken() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let shop = world.service("purchases:write").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let shop = shop.clone();
        racing.spawn(async move { shop.post(PATH, json!({"amount": "1200.00"})).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let refused = answers.iter().filter(|answer| answer.status == 422);
    assert_eq!(refused.filter(|answer| answer.code() == "refund_exceeds_purchase").count(), 31);
    assert_eq!(world.owner.get("/api/purchases/1").await.field("/net"), "800.00");
    assert_eq!(balance(&world, BINA).await, "0.00", "taken back once");
}

#[tokio::test]
async fn of_many_at_once_with_one_reference_one_is_taken_and_all_get_its_answer() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let shop = world.service("purchases:write").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..32 {
        let shop = shop.clone();
        racing.spawn(async move { shop.post(PATH, json!({"amount": "1200", "reference": "r"})).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 31);
    assert!(answers.iter().all(|answer| answer.text() == answers[0].text()));
}

#[tokio::test]
async fn an_earner_who_is_not_active_by_now_gives_back_all_the_same() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.set_active(BINA, false).await;
    world.set_active(ASHA, false).await;
    let reversals = world.refund(1, "2000.00").await.json()["reversals"].clone();
    let taken = json!([{"level": 1, "user_id": BINA, "amount": "100.00"}, {"level": 2, "user_id": ASHA, "amount": "20.00"}]);
    assert_eq!(reversals, taken);
    assert_eq!([balance(&world, BINA).await, balance(&world, ASHA).await], ["0.00", "0.00"]);
}

#[tokio::test]
async fn a_purchase_keeps_its_plan_for_its_refunds() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(Duration::from_secs(1));
    let dearer = Plan { commission_above: Money::from_paise(1_900_00), ..Plan::default() };
    world.set_plan(dearer).await;
    world.refund(1, "500.00").await;
    assert_eq!(balance(&world, BINA).await, "75.00", "1500.00 is above the threshold of its own plan");
}

#[tokio::test]
async fn what_was_taken_back_is_seen_in_the_totals_and_in_the_chart() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.refund(1, "500.00").await;
    let earnings = world.member.get("/api/earnings/1").await.json();
    let totals =
        ["commissions", "reversed", "total_earnings", "balance"].map(|field| earnings[field].clone());
    assert_eq!(totals, ["20.00", "5.00", "15.00", "15.00"].map(Value::from));
    assert_eq!(earnings["by_level"], json!({"level_1": "0.00", "level_2": "15.00"}));
    let chart = world.member.get("/api/earnings/1/chart").await.json();
    assert_eq!(chart["sources"][0]["amount_earned"], "15.00");
    let stats = world.owner.get("/api/stats").await.json();
    assert_eq!((&stats["commissions"], &stats["reversed"]), (&json!("120.00"), &json!("30.00")));
}
