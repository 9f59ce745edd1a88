//! `GET /api/purchases/{purchase_id}`

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{CHETAN, World};

#[tokio::test]
async fn a_purchase_is_shown_with_its_buyer_and_everything_it_paid() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    assert_snapshot!(world.service("read").await.get("/api/purchases/1").await, @r#"
    200 {
      "amount": "2000.00",
      "booked_at": "2026-01-01T00:00:00.000Z",
      "commission": "120.00",
      "created_at": "2026-01-01T00:00:00.000Z",
      "currency": "INR",
      "decisions": [
        {
          "amount": "100.00",
          "level": 1,
          "outcome": "paid",
          "rate": "5%",
          "user_id": 2
        },
        {
          "amount": "20.00",
          "level": 2,
          "outcome": "paid",
          "rate": "1%",
          "user_id": 1
        }
      ],
      "earnings": [
        {
          "amount": "100.00",
          "level": 1,
          "rate": "5%",
          "user_id": 2
        },
        {
          "amount": "20.00",
          "level": 2,
          "rate": "1%",
          "user_id": 1
        }
      ],
      "explanation": [
        "Chetan Gupta bought for 2000.00 INR on 2026-01-01 (UTC), under version 1 of the plan.",
        "Level 1: Bina Shah (active) earned 100.00: 5% of 2000.00 is 100.00.",
        "Level 2: Asha Rao (active) earned 20.00: 1% of 2000.00 is 20.00."
      ],
      "metadata": {},
      "net": "2000.00",
      "plan_version": 1,
      "purchase_id": 1,
      "recorded_at": "2026-01-01T00:00:00.000Z",
      "reference": null,
      "refunded": "0.00",
      "refunds": [],
      "user_id": 3,
      "user_name": "Chetan Gupta"
    }
    "#);
}

#[tokio::test]
async fn a_purchase_is_shown_as_it_was_recorded() {
    let world = World::new().await;
    let sale = json!({"user_id": CHETAN, "amount": 1001.30, "reference": "order-1"});
    let mut recorded = world.owner.post("/api/purchases", sale).await.json();
    recorded.as_object_mut().unwrap().remove("message");
    let shown = world.owner.get("/api/purchases/1").await.json();
    for (field, value) in recorded.as_object().unwrap() {
        assert_eq!(&shown[field], value, "{field}");
    }
}
