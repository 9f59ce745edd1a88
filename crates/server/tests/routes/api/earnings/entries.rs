//! `GET /api/earnings/{user_id}/entries`

use insta::assert_snapshot;

use crate::api::users::walk;
use crate::world::{BINA, CHETAN, World};

#[tokio::test]
async fn a_ledger_comes_newest_first_with_the_balance_after_each_line() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.buy(CHETAN, "3000.00").await;
    assert_snapshot!(world.member.get("/api/earnings/1/entries").await, @r#"
    200 {
      "data": [
        {
          "adjustment_id": null,
          "amount": "30.00",
          "balance": "130.00",
          "booked_at": "2026-01-01T00:00:00.000Z",
          "created_at": "2026-01-01T00:00:00.000Z",
          "from_user": "C•••",
          "from_user_id": 3,
          "id": "1-2",
          "kind": "commission",
          "level": 2,
          "matures_at": null,
          "payout_id": null,
          "purchase_id": 2,
          "reason": null,
          "refund_id": null,
          "seq": 2,
          "total_earnings": "130.00",
          "user_id": 1
        },
        {
          "adjustment_id": null,
          "amount": "100.00",
          "balance": "100.00",
          "booked_at": "2026-01-01T00:00:00.000Z",
          "created_at": "2026-01-01T00:00:00.000Z",
          "from_user": "Bina Shah",
          "from_user_id": 2,
          "id": "1-1",
          "kind": "commission",
          "level": 1,
          "matures_at": null,
          "payout_id": null,
          "purchase_id": 1,
          "reason": null,
          "refund_id": null,
          "seq": 1,
          "total_earnings": "100.00",
          "user_id": 1
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn every_line_is_met_once_however_large_the_parts_are() {
    let world = World::new().await;
    for number in 0..12 {
        world.buy(if number % 3 == 0 { BINA } else { CHETAN }, "2000.00").await;
    }
    for limit in [1, 5, 12, 100] {
        let rows = walk(&world.member, "/api/earnings/1/entries", limit).await;
        let seqs: Vec<i64> = rows.iter().filter_map(|row| row["seq"].as_i64()).collect();
        assert_eq!(seqs, (1..=12).rev().collect::<Vec<_>>(), "{limit} at a time");
        assert_eq!(rows[0]["balance"], "560.00");
    }
}
