//! `GET /api/entries/{entry_id}/explain`: every kind of line, and who sees what.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::told;
use crate::world::{ASHA, BINA, CHETAN, World};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_commission_is_explained_to_its_earner_by_her_own_level() {
    let world = World::new().await;
    world.buy(CHETAN, "2001.30").await;
    assert_snapshot!(world.member.get("/api/entries/1-1/explain").await, @r#"
    200 {
      "chain": [
        {
          "amount": "20.01",
          "base": "2001.30",
          "exact": "20.013",
          "level": 2,
          "outcome": "paid",
          "rate": "1%",
          "user_id": 1,
          "user_name": "Asha Rao"
        }
      ],
      "entry": {
        "adjustment_id": null,
        "amount": "20.01",
        "balance": "20.01",
        "booked_at": "2026-01-01T00:00:00.000Z",
        "created_at": "2026-01-01T00:00:00.000Z",
        "from_user": "C•••",
        "from_user_id": 3,
        "id": "1-1",
        "kind": "commission",
        "level": 2,
        "matures_at": null,
        "payout_id": null,
        "purchase_id": 1,
        "reason": null,
        "refund_id": null,
        "seq": 1,
        "total_earnings": "20.01",
        "user_id": 1
      },
      "purchase": {
        "amount": "2001.30",
        "created_at": "2026-01-01T00:00:00.000Z",
        "net": "2001.30",
        "plan_version": 1,
        "purchase_id": 1,
        "refunded": "0.00"
      },
      "sentences": [
        "C••• bought for 2001.30 INR on 2026-01-01 (UTC), under version 1 of the plan.",
        "Level 2: Asha Rao (active) earned 20.01: 1% of 2001.30 is exactly 20.013, rounded half up to 20.01."
      ]
    }
    "#);
}

#[tokio::test]
async fn those_who_see_all_see_every_level_and_every_name() {
    let world = World::new().await;
    world.buy(CHETAN, "2001.30").await;
    let explained = world.service("read").await.get("/api/entries/1-1/explain").await.json();
    assert_snapshot!(format!("{:#}\n{:#}", explained["sentences"], explained["chain"]), @r#"
    [
      "Chetan Gupta bought for 2001.30 INR on 2026-01-01 (UTC), under version 1 of the plan.",
      "Level 1: Bina Shah (active) earned 100.07: 5% of 2001.30 is exactly 100.065, rounded half up to 100.07.",
      "Level 2: Asha Rao (active) earned 20.01: 1% of 2001.30 is exactly 20.013, rounded half up to 20.01."
    ]
    [
      {
        "amount": "100.07",
        "base": "2001.30",
        "exact": "100.065",
        "level": 1,
        "outcome": "paid",
        "rate": "5%",
        "user_id": 2,
        "user_name": "Bina Shah"
      },
      {
        "amount": "20.01",
        "base": "2001.30",
        "exact": "20.013",
        "level": 2,
        "outcome": "paid",
        "rate": "1%",
        "user_id": 1,
        "user_name": "Asha Rao"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_reversal_is_explained_by_what_was_due_before_and_after() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(DAY);
    let asha = world.signed_in(ASHA).await;
    world.refund(1, "499.50").await;
    world.refund(1, "500.50").await;
    world.refund(1, "1000.00").await;
    assert_snapshot!(asha.get("/api/entries/1-2/explain").await, @r#"
    200 {
      "chain": [
        {
          "amount": "15.01",
          "base": "1500.50",
          "exact": "15.005",
          "level": 2,
          "outcome": "paid",
          "rate": "1%",
          "user_id": 1,
          "user_name": "Asha Rao"
        }
      ],
      "entry": {
        "adjustment_id": null,
        "amount": "-4.99",
        "balance": "15.01",
        "booked_at": "2026-01-02T00:00:00.000Z",
        "created_at": "2026-01-02T00:00:00.000Z",
        "from_user": "C•••",
        "from_user_id": 3,
        "id": "1-2",
        "kind": "reversal",
        "level": 2,
        "matures_at": null,
        "payout_id": null,
        "purchase_id": 1,
        "reason": null,
        "refund_id": 1,
        "seq": 2,
        "total_earnings": "15.01",
        "user_id": 1
      },
      "purchase": {
        "amount": "2000.00",
        "created_at": "2026-01-01T00:00:00.000Z",
        "net": "0.00",
        "plan_version": 1,
        "purchase_id": 1,
        "refunded": "2000.00"
      },
      "sentences": [
        "C••• bought for 2000.00 INR on 2026-01-01 (UTC), under version 1 of the plan.",
        "Refund 1 gave 499.50 back on 2026-01-02 (UTC) and left 1500.50.",
        "Level 2: 1% of 1500.50 is exactly 15.005, rounded half up to 15.01, so 15.01 is still due; 20.00 was due before, and 4.99 was taken back from Asha Rao."
      ]
    }
    "#);
    assert_snapshot!(told(&world.admin, "1-3").await, @"
    Chetan Gupta bought for 2000.00 INR on 2026-01-01 (UTC), under version 1 of the plan.
    Refund 2 gave 500.50 back on 2026-01-02 (UTC) and left 1000.00.
    Level 1: 1000.00 is not above the threshold of 1000.00, so nothing is due any more; 75.03 was taken back from Bina Shah.
    Level 2: 1000.00 is not above the threshold of 1000.00, so nothing is due any more; 15.01 was taken back from Asha Rao.
    ");
    assert_snapshot!(told(&asha, "1-1").await, @"
    C••• bought for 2000.00 INR on 2026-01-01 (UTC), under version 1 of the plan.
    Level 2: Asha Rao (active) earned 20.00: 1% of 2000.00 is 20.00.
    Refund 1 gave 499.50 back on 2026-01-02 (UTC) and left 1500.50.
    Level 2: 1% of 1500.50 is exactly 15.005, rounded half up to 15.01, so 15.01 is still due; 20.00 was due before, and 4.99 was taken back from Asha Rao.
    Refund 2 gave 500.50 back on 2026-01-02 (UTC) and left 1000.00.
    Level 2: 1000.00 is not above the threshold of 1000.00, so nothing is due any more; 15.01 was taken back from Asha Rao.
    Refund 3 gave 1000.00 back on 2026-01-02 (UTC) and left 0.00.
    Nothing was due before it, so nothing was taken back.
    ");
}

#[tokio::test]
async fn money_that_was_sent_is_explained_by_what_became_of_it() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.pay_out().await;
    assert_snapshot!(world.member.get("/api/entries/1-2/explain").await, @r#"
    200 {
      "chain": null,
      "entry": {
        "adjustment_id": null,
        "amount": "-20.00",
        "balance": "0.00",
        "booked_at": "2026-01-01T00:00:00.000Z",
        "created_at": "2026-01-01T00:00:00.000Z",
        "from_user": null,
        "from_user_id": null,
        "id": "1-2",
        "kind": "payout",
        "level": null,
        "matures_at": null,
        "payout_id": 1,
        "purchase_id": null,
        "reason": null,
        "refund_id": null,
        "seq": 2,
        "total_earnings": "20.00",
        "user_id": 1
      },
      "purchase": null,
      "sentences": [
        "Payout 1 of run 1 took 20.00 out of the balance on 2026-01-01 (UTC).",
        "It is pending: nobody has said yet whether the money arrived."
      ]
    }
    "#);
    world.advance(DAY);
    world.fail_payout(1, "account closed").await;
    let asha = world.signed_in(ASHA).await;
    assert_snapshot!(told(&asha, "1-2").await, @"
    Payout 1 of run 1 took 20.00 out of the balance on 2026-01-01 (UTC).
    Payout 1 failed on 2026-01-02 (UTC). The reason given: account closed.
    Its 20.00 came back to the balance.
    ");
    assert_snapshot!(asha.get("/api/entries/1-3/explain").await, @r#"
    200 {
      "chain": null,
      "entry": {
        "adjustment_id": null,
        "amount": "20.00",
        "balance": "20.00",
        "booked_at": "2026-01-02T00:00:00.000Z",
        "created_at": "2026-01-02T00:00:00.000Z",
        "from_user": null,
        "from_user_id": null,
        "id": "1-3",
        "kind": "payout_returned",
        "level": null,
        "matures_at": null,
        "payout_id": 1,
        "purchase_id": null,
        "reason": "account closed",
        "refund_id": null,
        "seq": 3,
        "total_earnings": "20.00",
        "user_id": 1
      },
      "purchase": null,
      "sentences": [
        "Payout 1 failed on 2026-01-02 (UTC). The reason given: account closed.",
        "Its 20.00 came back to the balance."
      ]
    }
    "#);
    world.pay_out().await;
    world.advance(DAY);
    assert_eq!(world.admin.patch("/api/payouts/3", json!({"status": "paid"})).await.status, 200);
    assert_snapshot!(told(&world.signed_in(ASHA).await, "1-4").await, @"
    Payout 3 of run 2 took 20.00 out of the balance on 2026-01-02 (UTC).
    It was paid on 2026-01-03 (UTC).
    ");
}

#[tokio::test]
async fn an_adjustment_is_explained_by_its_reason() {
    let world = World::new().await;
    world.credit(ASHA, "7.00", "Thank you!").await;
    let debit = json!({"direction": "debit", "amount": "2.00", "reason": "fee"});
    assert_eq!(world.owner.post("/api/users/1/adjustments", debit).await.status, 201);
    assert_snapshot!(world.member.get("/api/entries/1-1/explain").await, @r#"
    200 {
      "chain": null,
      "entry": {
        "adjustment_id": 1,
        "amount": "7.00",
        "balance": "7.00",
        "booked_at": "2026-01-01T00:00:00.000Z",
        "created_at": "2026-01-01T00:00:00.000Z",
        "from_user": null,
        "from_user_id": null,
        "id": "1-1",
        "kind": "adjustment",
        "level": null,
        "matures_at": null,
        "payout_id": null,
        "purchase_id": null,
        "reason": "Thank you!",
        "refund_id": null,
        "seq": 1,
        "total_earnings": "0.00",
        "user_id": 1
      },
      "purchase": null,
      "sentences": [
        "An admin added 7.00 to the balance on 2026-01-01 (UTC). The reason given: Thank you!"
      ]
    }
    "#);
    assert_snapshot!(told(&world.member, "1-2").await, @"An admin took 2.00 out of the balance on 2026-01-01 (UTC). The reason given: fee.");
}

#[tokio::test]
async fn a_name_that_may_not_be_seen_is_in_no_sentence_and_in_no_cell() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.refund(1, "500.00").await;
    for entry in ["1-1", "1-2"] {
        let explained = world.member.get(&format!("/api/entries/{entry}/explain")).await;
        for hidden in ["Chetan", "Gupta", "Bina"] {
            assert!(!explained.text().contains(hidden), "{hidden}: {explained}");
        }
        let levels: Vec<_> =
            explained.json()["chain"].as_array().unwrap().iter().map(|link| link["level"].clone()).collect();
        assert_eq!(levels, [Value::from(2)]);
    }
}

#[tokio::test]
async fn a_line_that_is_not_there_is_not_found() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    for entry in ["1-2", "1-0", "2-1", "999-1"] {
        let answer = world.owner.get(&format!("/api/entries/{entry}/explain")).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "entry_not_found"), "{entry}");
    }
    for entry in ["1", "1-", "-1", "1-1-1", "1-x", "1_1"] {
        let answer = world.owner.get(&format!("/api/entries/{entry}/explain")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "invalid_id"), "{entry}");
    }
    assert_eq!(world.other_member.get("/api/entries/1-1/explain").await.status, 403);
    assert_eq!(world.other_member.get("/api/entries/999-1/explain").await.status, 403);
}
