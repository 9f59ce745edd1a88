//! `PATCH /api/payouts/runs/{run_id}` and `payouts.csv` below it

use insta::assert_snapshot;
use serde_json::json;

use crate::world::{ASHA, CHETAN, ESHA, World};

const RUN: &str = "/api/payouts/runs/1";
const PAYOUTS: &str = "/api/payouts/runs/1/payouts";

/// Payouts 1 to 3: of Asha, Bina and Esha.
async fn world_after_a_run() -> World {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.credit(ESHA, "5.00", "thanks").await;
    world.pay_out().await;
    world
}

async fn states(world: &World) -> Vec<String> {
    let rows = world.owner.get(PAYOUTS).await.rows();
    rows.iter().map(|row| row["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn many_payouts_are_settled_in_one_request_and_conflicts_are_told() {
    let world = world_after_a_run().await;
    let payer = world.service("payouts:write").await;
    world.fail_payout(2, "account closed").await;
    assert_snapshot!(payer.patch(RUN, json!({"status": "paid", "ids": [1, 2, 77]})).await, @r#"
    200 {
      "already": 0,
      "conflicts": [
        {
          "code": "payout_settled",
          "detail": "This payout is failed already.",
          "payout_id": 2
        },
        {
          "code": "payout_not_found",
          "detail": "Payout 77 does not exist.",
          "payout_id": 77
        }
      ],
      "run_id": 1,
      "settled": 1
    }
    "#);
    assert_eq!(states(&world).await, ["paid", "failed", "pending"]);
    let rest = payer.patch(RUN, json!({"status": "paid", "all": true})).await;
    assert_eq!((rest.field("/settled"), rest.field("/already")), ("1".into(), "1".into()));
    assert_eq!(states(&world).await, ["paid", "failed", "paid"]);
}

#[tokio::test]
async fn a_whole_run_that_failed_comes_back_once() {
    let world = world_after_a_run().await;
    let failed = json!({"status": "failed", "reason": "the bank refused the file", "all": true});
    for settled in ["3", "0"] {
        let answer = world.owner.patch(RUN, failed.clone()).await;
        assert_eq!((answer.status, answer.field("/settled")), (200, settled.into()));
        assert_eq!(answer.json()["conflicts"], json!([]));
    }
    assert_eq!(world.member.get("/api/earnings/1").await.field("/balance"), "20.00");
    let reason = world.member.get("/api/users/1/payouts").await.field("/data/0/reason");
    assert_eq!(reason, "the bank refused the file");
}

#[tokio::test]
async fn what_is_no_settlement_of_a_run_says_why() {
    let world = world_after_a_run().await;
    for (body, pointers) in [
        (json!({"status": "paid"}), vec!["/ids", "/all"]),
        (json!({"status": "paid", "ids": []}), vec!["/ids", "/all"]),
        (json!({"status": "paid", "all": false}), vec!["/ids", "/all"]),
        (json!({"status": "paid", "ids": [1], "all": true}), vec!["/ids", "/all"]),
        (json!({"status": "pending", "all": true}), vec!["/status"]),
        (json!({"status": "failed", "all": true}), vec!["/reason"]),
        (json!({"status": "paid", "reason": "thanks", "all": true}), vec!["/reason"]),
        (json!({"status": "paid", "ids": ["1"]}), vec!["/ids/0"]),
        (json!({"status": "paid", "users": [1]}), vec!["/users"]),
    ] {
        let answer = world.owner.patch(RUN, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{body}");
        assert_eq!(answer.pointers(), pointers, "{body}");
    }
    assert_eq!(states(&world).await, ["pending"; 3]);
}

#[tokio::test]
async fn the_file_of_a_run_names_everybody_and_nothing_in_it_is_run() {
    let world = world_after_a_run().await;
    world.fail_payout(3, "=1+1").await;
    let evil = world.join("=HYPERLINK(1)", None).await;
    world.credit(evil.id, "1.00", "thanks").await;
    world.pay_out().await;
    let payer = world.service("payouts:write").await;
    let file = payer.get(&format!("{PAYOUTS}.csv")).await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"payouts-run-1.csv\""));
    assert_snapshot!(file.text().replace('\r', ""), @"
    payout_id,run_id,user_id,user_name,user_email,amount,status,reason,created_at,settled_at
    1,1,1,Asha Rao,asha.rao@example.com,20.00,pending,,2026-01-01T00:00:00.000Z,
    2,1,2,Bina Shah,bina.shah@example.com,100.00,pending,,2026-01-01T00:00:00.000Z,
    3,1,4,Esha Nair,esha.nair@example.com,5.00,failed,'=1+1,2026-01-01T00:00:00.000Z,2026-01-01T00:00:00.000Z
    ");
    let second = payer.get("/api/payouts/runs/2/payouts.csv").await;
    assert!(second.text().contains(",'=HYPERLINK(1),'=hyperlink1@example.com,1.00,"), "{}", second.text());
    assert!(!second.text().contains(&format!(",{ASHA},")), "of its own run only");
}
