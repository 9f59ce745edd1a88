//! Levels, wherever they are listed: what an earlier plan paid stays a part of
//! the whole.

use std::time::Duration;

use domain::{Money, Plan};
use serde_json::{Value, json};

use crate::world::{CHETAN, World};

fn paise(amount: &Value) -> i64 {
    amount.as_str().expect("an amount").replace('.', "").parse().expect("an amount")
}

fn sum(amounts: &Value) -> i64 {
    amounts.as_object().expect("an object by level").values().map(paise).sum()
}

#[tokio::test]
async fn what_a_level_earned_is_listed_everywhere_when_the_plan_has_fewer() {
    let world = World::new().await;
    world.buy(CHETAN, "50000.00").await;
    world.buy(CHETAN, "20000.00").await;
    world.advance(Duration::from_secs(1));
    let one_level = vec!["10%".parse().unwrap()].try_into().unwrap();
    world.set_plan(Plan { levels: one_level, commission_above: Money::ZERO, ..Plan::default() }).await;
    world.advance(Duration::from_secs(1));
    world.buy(CHETAN, "10000.00").await;

    let earnings = world.member.get("/api/earnings/1").await.json();
    assert_eq!(earnings["by_level"], json!({"level_1": "0.00", "level_2": "700.00"}));
    assert_eq!(earnings["earnings"]["level_2"].as_array().unwrap().len(), 2);
    assert_eq!(sum(&earnings["by_level"]), paise(&earnings["total_earnings"]));
    let chart = world.member.get("/api/earnings/1/chart").await.json();
    assert_eq!(chart["level_distribution"], earnings["by_level"]);
    assert_eq!(chart["sources"][0]["amount_earned"], "700.00");
    let stats = world.owner.get("/api/stats").await.json();
    assert_eq!(stats["commission_by_level"], json!({"level_1": "4500.00", "level_2": "700.00"}));
    assert_eq!(sum(&stats["commission_by_level"]), paise(&stats["commissions"]) - paise(&stats["reversed"]));
    let tried = json!({"levels": ["1%"], "commission_above": "0.00", "max_direct_referrals": 8});
    let simulation = world.owner.post("/api/plan/simulate", tried).await.json();
    assert_eq!(simulation["books"]["by_level"], stats["commission_by_level"]);
    for side in ["books", "plan"] {
        assert_eq!(sum(&simulation[side]["by_level"]), paise(&simulation[side]["total"]));
    }
}
