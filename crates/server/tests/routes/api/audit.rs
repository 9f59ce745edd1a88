//! `GET /api/audit`

use app::access::{create_key, revoke_key};
use insta::assert_snapshot;
use serde_json::json;

use crate::api::users::walk;
use crate::world::{CHETAN, World};

#[tokio::test]
async fn everything_that_was_changed_by_hand_is_listed_with_who_did_it() {
    let world = World::new().await;
    let key = create_key(
        &world.app,
        &app::Caller::Admin,
        "shop".into(),
        "purchases:write payouts:write".parse().unwrap(),
    );
    let key = key.await.unwrap();
    let shop = world.bearer(&key.key);
    let sale = json!({"user_id": CHETAN, "amount": "2000.00", "reference": "order-1"});
    assert_eq!(shop.post("/api/purchases", sale).await.status, 201);
    assert_eq!(shop.post("/api/payouts/runs", json!({"minimum": "20"})).await.status, 201);
    assert_eq!(shop.patch("/api/payouts/1", json!({"status": "paid"})).await.status, 200);
    let failed = json!({"status": "failed", "reason": "account closed"});
    assert_eq!(shop.patch("/api/payouts/2", failed).await.status, 200);
    assert_eq!(shop.post("/api/purchases/1/refunds", json!({"amount": "500.00"})).await.status, 201);
    world.set_active(CHETAN, false).await;
    let thanks = json!({"direction": "debit", "amount": "5.00", "reason": "fee"});
    assert_eq!(world.admin.post("/api/users/1/adjustments", thanks).await.status, 201);
    world.set_active(CHETAN, true).await;
    revoke_key(&world.app, &app::Caller::Admin, key.id).await.unwrap();
    let rows = world.owner.get("/api/audit?limit=100").await.rows();
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            format!(
                "{} {}: {} {} {}",
                row["id"],
                text("actor"),
                text("action"),
                text("subject"),
                row["detail"]
            )
        })
        .collect();
    assert_snapshot!(told.join("\n"), @r#"
    10 owner: key.revoke key 2 {}
    9 key 1: member.activate user 3 {}
    8 key 1: member.adjust user 1 {"adjustment_id":1,"amount":"-5.00","reason":"fee"}
    7 key 1: member.deactivate user 3 {}
    6 key 2: purchase.refund purchase 1 {"amount":"500.00","net":"1500.00","refund_id":1}
    5 key 2: payout.failed payout 2 {"reason":"account closed"}
    4 key 2: payout.paid payout 1 {}
    3 key 2: payouts.make payout run 1 {"minimum":"20.00","payouts":2,"total":"120.00"}
    2 owner: key.create key 2 {"name":"shop","scopes":"purchases:write payouts:write"}
    1 owner: key.create key 1 {"name":"admin","scopes":"admin"}
    "#);
    assert_snapshot!(world.owner.get("/api/audit?limit=1").await, @r#"
    200 {
      "data": [
        {
          "action": "key.revoke",
          "actor": "owner",
          "at": "2026-01-01T00:00:00.000Z",
          "detail": {},
          "id": 10,
          "subject": "key 2"
        }
      ],
      "next_cursor": "10"
    }
    "#);
}

#[tokio::test]
async fn what_changed_nothing_is_not_listed() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let refund = json!({"amount": "500.00", "reference": "return-1"});
    let run = json!({"reference": "2026-01"});
    for _ in 0..2 {
        world.owner.post("/api/purchases/1/refunds", refund.clone()).await;
        world.owner.post("/api/payouts/runs", run.clone()).await;
        world.owner.patch("/api/payouts/1", json!({"status": "paid"})).await;
        world.set_active(CHETAN, true).await;
        world.owner.post("/api/purchases/1/refunds", json!({"amount": "9000.00"})).await;
        world.owner.post("/api/payouts/runs", json!({"minimum": "9000.00"})).await;
    }
    let actions: Vec<_> = world.owner.get("/api/audit").await.rows();
    let actions: Vec<_> = actions.iter().filter_map(|row| row["action"].as_str()).collect();
    assert_eq!(actions, ["payout.paid", "payouts.make", "purchase.refund", "key.create"]);
}

#[tokio::test]
async fn every_event_is_met_once() {
    let world = World::new().await;
    for number in 0..5 {
        world.set_active(CHETAN, number % 2 == 1).await;
    }
    for limit in [1, 2, 6, 7] {
        let rows = walk(&world.owner, "/api/audit", limit).await;
        let ids: Vec<_> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
        assert_eq!(ids, [6, 5, 4, 3, 2, 1], "{limit} at a time");
    }
}
