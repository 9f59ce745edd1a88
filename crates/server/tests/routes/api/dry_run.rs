//! `?dry_run=true`: the truth about what would happen, and nothing happens.

use serde_json::json;

use crate::world::{ASHA, BINA, CHETAN, World};

#[tokio::test]
async fn a_rehearsed_refund_takes_from_everybody_what_the_refund_then_takes() {
    let world = World::new().await;
    let id = world.buy(CHETAN, "25000.00").await.json()["purchase_id"].as_i64().unwrap();
    let path = format!("/api/purchases/{id}/refunds");
    let body = json!({"amount": "24500.00", "reference": "back-1"});
    let told = world.admin.post(&format!("{path}?dry_run=true"), body.clone()).await;
    assert_eq!(told.status, 200, "{told}");
    // What is left is below the threshold, so all of the commission goes.
    let expected = json!({"dry_run": true, "effects": [
        {"user_id": BINA, "user_name": "Bina Shah", "amount": "-1250.00", "balance_before": "1250.00", "balance": "0.00"},
        {"user_id": ASHA, "user_name": "Asha Rao", "amount": "-250.00", "balance_before": "250.00", "balance": "0.00"},
    ]});
    assert_eq!(told.json(), expected);
    assert!(world.admin.get(&path).await.rows().is_empty(), "nothing was refunded");

    let done = world.admin.post(&format!("{path}?dry_run=false"), body).await;
    assert_eq!(done.status, 201, "the reference is free: {done}");
    let taken: Vec<_> =
        done.json()["reversals"].as_array().unwrap().iter().map(|r| r["amount"].clone()).collect();
    assert_eq!(taken, [json!("1250.00"), json!("250.00")]);
    let again = world.admin.post(&format!("{path}?dry_run=true"), json!({"amount": "500.01"})).await;
    assert_eq!((again.status, again.code().as_str()), (422, "refund_exceeds_purchase"));
}

#[tokio::test]
async fn a_rehearsed_adjustment_tells_the_balance_and_leaves_it() {
    let world = World::new().await;
    world.credit(ASHA, "100.00", "a prize").await;
    let path = format!("/api/users/{ASHA}/adjustments");
    let body = json!({"direction": "debit", "amount": "250.00", "reason": "paid twice"});
    let told = world.admin.post(&format!("{path}?dry_run=true"), body.clone()).await;
    let expected = json!({"dry_run": true, "effects": [
        {"user_id": ASHA, "user_name": "Asha Rao", "amount": "-250.00", "balance_before": "100.00", "balance": "-150.00"},
    ]});
    assert_eq!((told.status, told.json()), (200, expected));
    assert_eq!(world.admin.get(&format!("/api/earnings/{ASHA}")).await.field("/balance"), "100.00");
    let nobody = world.admin.post("/api/users/999/adjustments?dry_run=true", body).await;
    assert_eq!((nobody.status, nobody.code().as_str()), (404, "user_not_found"));
}

#[tokio::test]
async fn a_rehearsed_run_names_who_would_be_paid_and_pays_nobody() {
    let world = World::new().await;
    world.credit(ASHA, "100.00", "a prize").await;
    world.credit(BINA, "300.00", "a prize").await;
    let told = world.admin.post("/api/payouts/runs?dry_run=true", json!({"minimum": "50.00"})).await;
    assert_eq!(told.status, 200, "{told}");
    let answer = told.json();
    assert_eq!((answer["payouts"].as_i64(), answer["total"].as_str()), (Some(2), Some("400.00")));
    assert_eq!(answer["data"][0]["user_name"], "Bina Shah", "the largest first");
    assert!(world.admin.get("/api/payouts/runs").await.rows().is_empty());
    let wrong = world.admin.post("/api/payouts/runs?dry_run=perhaps", json!({})).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "invalid_query"));
}
