//! `GET /api/earnings/{user_id}`

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn a_member_sees_her_totals_and_what_they_are_made_of() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.advance(Duration::from_millis(1_500));
    world.buy(CHETAN, "3000.00").await;
    assert_snapshot!(world.member.get("/api/earnings/1").await, @r#"
    200 {
      "adjusted": "0.00",
      "available": "130.00",
      "balance": "130.00",
      "by_level": {
        "level_1": "100.00",
        "level_2": "30.00"
      },
      "commissions": "130.00",
      "currency": "INR",
      "earnings": {
        "level_1": [
          {
            "amount_earned": "100.00",
            "created_at": "2026-01-01T00:00:00.000Z",
            "from_user": "Bina Shah",
            "from_user_id": 2,
            "level": 1,
            "purchase_id": 1,
            "seq": 1
          }
        ],
        "level_2": [
          {
            "amount_earned": "30.00",
            "created_at": "2026-01-01T00:00:01.500Z",
            "from_user": "C•••",
            "from_user_id": 3,
            "level": 2,
            "purchase_id": 2,
            "seq": 2
          }
        ]
      },
      "paid": "0.00",
      "pending": "0.00",
      "reversed": "0.00",
      "seq": 2,
      "total_earnings": "130.00",
      "user_id": 1
    }
    "#);
}

#[tokio::test]
async fn who_earned_nothing_sees_zeroes() {
    let world = World::new().await;
    assert_snapshot!(world.other_member.get("/api/earnings/4").await, @r#"
    200 {
      "adjusted": "0.00",
      "available": "0.00",
      "balance": "0.00",
      "by_level": {
        "level_1": "0.00",
        "level_2": "0.00"
      },
      "commissions": "0.00",
      "currency": "INR",
      "earnings": {
        "level_1": [],
        "level_2": []
      },
      "paid": "0.00",
      "pending": "0.00",
      "reversed": "0.00",
      "seq": 0,
      "total_earnings": "0.00",
      "user_id": 4
    }
    "#);
}

#[tokio::test]
async fn the_newest_fifty_are_shown_by_level_and_the_totals_count_all() {
    let world = World::new().await;
    for _ in 0..20 {
        world.buy(BINA, "2000.00").await;
    }
    for _ in 0..40 {
        world.buy(CHETAN, "2000.00").await;
    }
    let body = world.member.get("/api/earnings/1").await.json();
    let seqs = |level: &str| -> Vec<i64> {
        body["earnings"][level].as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect()
    };
    assert_eq!(seqs("level_1"), (11..=20).rev().collect::<Vec<_>>());
    assert_eq!(seqs("level_2"), (21..=60).rev().collect::<Vec<_>>());
    assert_eq!(body["by_level"], json!({"level_1": "2000.00", "level_2": "800.00"}));
    assert_eq!(body["total_earnings"], "2800.00");
    assert_eq!(body["seq"], 60);
}
