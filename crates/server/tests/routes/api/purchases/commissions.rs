//! `POST /api/purchases`: who is paid what, and why not.

use domain::{Money, Plan};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{ASHA, BINA, CHETAN, NOBODY, World};

/// What was decided, level by level, as `outcome amount`.
fn decided(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let one = |decision: &Value| {
        format!("{} {}", decision["outcome"].as_str().unwrap(), decision["amount"].as_str().unwrap())
    };
    body["decisions"].as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn a_purchase_pays_the_two_levels_above_the_buyer() {
    let world = World::new().await;
    let shop = world.service("purchases:write").await;
    let sale = json!({"user_id": CHETAN, "amount": "2000.00", "reference": "order-1", "currency": "INR"});
    assert_snapshot!(shop.post("/api/purchases", sale).await, @r#"
    201 {
      "amount": "2000.00",
      "booked_at": "2026-01-01T00:00:00.000Z",
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
      "message": "Purchase recorded and earnings distributed.",
      "metadata": {},
      "plan_version": 1,
      "purchase_id": 1,
      "recorded_at": "2026-01-01T00:00:00.000Z",
      "reference": "order-1",
      "user_id": 3
    }
    "#);
}

#[tokio::test]
async fn a_purchase_that_pays_nothing_is_recorded_and_says_why() {
    let world = World::new().await;
    assert_snapshot!(world.buy(CHETAN, "1000.00").await, @r#"
    201 {
      "amount": "1000.00",
      "booked_at": "2026-01-01T00:00:00.000Z",
      "created_at": "2026-01-01T00:00:00.000Z",
      "currency": "INR",
      "decisions": [
        {
          "amount": "0.00",
          "level": 1,
          "outcome": "below_threshold",
          "rate": "5%",
          "user_id": 2
        },
        {
          "amount": "0.00",
          "level": 2,
          "outcome": "below_threshold",
          "rate": "1%",
          "user_id": 1
        }
      ],
      "earnings": [],
      "message": "Purchase recorded; it earns nothing, see decisions.",
      "metadata": {},
      "plan_version": 1,
      "purchase_id": 1,
      "recorded_at": "2026-01-01T00:00:00.000Z",
      "reference": null,
      "user_id": 3
    }
    "#);
    assert_eq!(world.owner.get("/api/purchases").await.rows().len(), 1);
}

#[tokio::test]
async fn each_level_is_rounded_alone_and_only_above_the_threshold() {
    let world = World::new().await;
    for (amount, first, second) in [
        ("1000.01", "50.00", "10.00"),
        ("1000.10", "50.01", "10.00"),
        ("1001.30", "50.07", "10.01"),
        ("1004.50", "50.23", "10.05"),
        ("1000000000.00", "50000000.00", "10000000.00"),
    ] {
        let expected = [format!("paid {first}"), format!("paid {second}")];
        assert_eq!(decided(&world.buy(CHETAN, amount).await), expected, "{amount}");
    }
    for amount in ["0.01", "999.99", "1000.00"] {
        let nothing = ["below_threshold 0.00", "below_threshold 0.00"];
        assert_eq!(decided(&world.buy(CHETAN, amount).await), nothing, "{amount}");
    }
}

#[tokio::test]
async fn an_inactive_earner_gets_nothing_and_nothing_rolls_up() {
    let world = World::new().await;
    world.set_active(BINA, false).await;
    let answer = world.buy(CHETAN, "2000.00").await;
    assert_snapshot!(answer, @r#"
    201 {
      "amount": "2000.00",
      "booked_at": "2026-01-01T00:00:00.000Z",
      "created_at": "2026-01-01T00:00:00.000Z",
      "currency": "INR",
      "decisions": [
        {
          "amount": "0.00",
          "level": 1,
          "outcome": "inactive",
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
          "amount": "20.00",
          "level": 2,
          "rate": "1%",
          "user_id": 1
        }
      ],
      "message": "Purchase recorded and earnings distributed.",
      "metadata": {},
      "plan_version": 1,
      "purchase_id": 1,
      "recorded_at": "2026-01-01T00:00:00.000Z",
      "reference": null,
      "user_id": 3
    }
    "#);
    assert_eq!(world.owner.get("/api/earnings/2").await.field("/total_earnings"), "0.00");
    assert_eq!(world.member.get("/api/earnings/1").await.field("/total_earnings"), "20.00");

    world.set_active(BINA, true).await;
    let earlier = world.owner.get("/api/purchases/1").await;
    assert_eq!(decided(&earlier), decided(&answer), "what was decided stays decided");
}

#[tokio::test]
async fn an_inactive_buyer_still_pays_her_upline() {
    let world = World::new().await;
    world.set_active(CHETAN, false).await;
    assert_eq!(decided(&world.buy(CHETAN, "2000.00").await), ["paid 100.00", "paid 20.00"]);
}

#[tokio::test]
async fn levels_that_nobody_stands_at_have_no_referrer() {
    let world = World::new().await;
    assert_eq!(decided(&world.buy(BINA, "2000.00").await), ["paid 100.00", "no_referrer 0.00"]);
    let alone = world.buy(ASHA, "2000.00").await;
    assert_eq!(decided(&alone), ["no_referrer 0.00", "no_referrer 0.00"]);
    assert_eq!(alone.json()["decisions"][0]["user_id"], Value::Null);
    assert_eq!(alone.json()["earnings"], json!([]));
}

#[tokio::test]
async fn a_plan_can_cap_and_can_round_to_nothing() {
    let world = World::new().await;
    let cap = Some(Money::from_paise(60_00));
    world.set_plan(Plan { max_commission: cap, commission_above: Money::ZERO, ..Plan::default() }).await;
    let capped = world.buy(CHETAN, "2000.00").await;
    assert_eq!(decided(&capped), ["capped 60.00", "paid 20.00"]);
    assert_eq!(capped.json()["earnings"].as_array().unwrap().len(), 2, "a capped level is paid");
    assert_eq!(decided(&world.buy(CHETAN, "0.10").await), ["paid 0.01", "rounds_to_zero 0.00"]);
}

#[tokio::test]
async fn an_unknown_buyer_is_404() {
    let world = World::new().await;
    for user in [NOBODY, 0, -1, i64::MAX, i64::MIN] {
        let answer = world.owner.post("/api/purchases", json!({"user_id": user, "amount": "5"})).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "user_not_found"), "{user}");
    }
}
