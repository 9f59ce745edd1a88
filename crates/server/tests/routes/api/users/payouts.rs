//! `GET /api/users/{user_id}/payouts`

use insta::assert_snapshot;

use crate::api::users::walk;
use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn a_member_sees_what_was_sent_to_her_and_what_became_of_it() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.pay_out().await;
    world.fail_payout(1, "account closed").await;
    world.pay_out().await;
    assert_snapshot!(world.member.get("/api/users/1/payouts").await, @r#"
    200 {
      "data": [
        {
          "amount": "20.00",
          "created_at": "2026-01-01T00:00:00.000Z",
          "payout_id": 3,
          "reason": null,
          "run_id": 2,
          "settled_at": null,
          "status": "pending",
          "user_id": 1,
          "user_name": "Asha Rao"
        },
        {
          "amount": "20.00",
          "created_at": "2026-01-01T00:00:00.000Z",
          "payout_id": 1,
          "reason": "account closed",
          "run_id": 1,
          "settled_at": "2026-01-01T00:00:00.000Z",
          "status": "failed",
          "user_id": 1,
          "user_name": "Asha Rao"
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn payouts_come_newest_first_and_each_once() {
    let world = World::new().await;
    for _ in 0..7 {
        world.buy(CHETAN, "2000.00").await;
        world.pay_out().await;
    }
    for limit in [1, 3, 7, 8] {
        let rows = walk(&world.owner, &format!("/api/users/{BINA}/payouts"), limit).await;
        let runs: Vec<_> = rows.iter().filter_map(|row| row["run_id"].as_i64()).collect();
        assert_eq!(runs, [7, 6, 5, 4, 3, 2, 1], "{limit} at a time");
    }
}
