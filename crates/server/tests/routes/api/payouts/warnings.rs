//! What `GET /api/payouts/runs/{run_id}` warns of

use std::time::Duration;

use insta::assert_snapshot;

use crate::world::{CHETAN, World};

#[tokio::test]
async fn a_sale_refunded_while_its_payout_is_pending_is_a_warning_of_the_run() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.pay_out().await;
    world.advance(Duration::from_mins(1));
    world.refund(1, "500.00").await;
    let payer = world.service("payouts:write").await;
    assert_snapshot!(payer.get("/api/payouts/runs/1").await, @r#"
    200 {
      "created_at": "2026-01-01T00:00:00.000Z",
      "currency": "INR",
      "minimum": "0.01",
      "more": false,
      "more_warnings": false,
      "payouts": 2,
      "reference": null,
      "run_id": 1,
      "total": "120.00",
      "warnings": [
        {
          "amount": "25.00",
          "created_at": "2026-01-01T00:01:00.000Z",
          "kind": "refunded_sale",
          "payout_id": 2,
          "purchase_id": 1,
          "refund_id": 1,
          "status": "pending",
          "user_id": 2,
          "user_name": "Bina Shah"
        },
        {
          "amount": "5.00",
          "created_at": "2026-01-01T00:01:00.000Z",
          "kind": "refunded_sale",
          "payout_id": 1,
          "purchase_id": 1,
          "refund_id": 1,
          "status": "pending",
          "user_id": 1,
          "user_name": "Asha Rao"
        }
      ]
    }
    "#);
    world.fail_payout(2, "account closed").await;
    let rest = world.owner.get("/api/payouts/runs/1").await;
    assert_eq!(rest.json()["warnings"].as_array().unwrap().len(), 1, "what came back is no worry");
}
