//! `GET /api/purchases`

use insta::assert_snapshot;
use serde_json::Value;

use crate::api::users::walk;
use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn purchases_come_newest_first_with_what_they_paid_together() {
    let world = World::new().await;
    world.buy(BINA, "500.00").await;
    world.buy(CHETAN, "2000.00").await;
    assert_snapshot!(world.service("read").await.get("/api/purchases?limit=1").await, @r#"
    200 {
      "data": [
        {
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
          "metadata": {},
          "net": "2000.00",
          "plan_version": 1,
          "purchase_id": 2,
          "recorded_at": "2026-01-01T00:00:00.000Z",
          "reference": null,
          "refunded": "0.00",
          "user_id": 3,
          "user_name": "Chetan Gupta"
        }
      ],
      "next_cursor": "2"
    }
    "#);
}

#[tokio::test]
async fn every_purchase_is_met_once_however_large_the_parts_are() {
    let world = World::new().await;
    for _ in 0..12 {
        world.buy(CHETAN, "2000.00").await;
    }
    for limit in [1, 5, 11, 12, 13] {
        let rows = walk(&world.owner, "/api/purchases", limit).await;
        let ids: Vec<i64> = rows.iter().filter_map(|row| row["purchase_id"].as_i64()).collect();
        assert_eq!(ids, (1..=12).rev().collect::<Vec<_>>(), "{limit} at a time");
    }
    assert_eq!(world.owner.get("/api/purchases?cursor=1").await.json()["next_cursor"], Value::Null);
}
