//! `/api/payouts/runs` and what lies below it.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::api::users::walk;
use crate::world::{ASHA, BINA, CHETAN, ESHA, World};

const PATH: &str = "/api/payouts/runs";

#[tokio::test]
async fn a_run_takes_what_is_due_out_of_the_balances_at_once() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(Duration::from_mins(1));
    let payer = world.service("payouts:write").await;
    let answer = payer.post(PATH, json!({"minimum": "20", "reference": "2026-01"})).await;
    assert_snapshot!(answer, @r#"
    201 {
      "created_at": "2026-01-01T00:01:00.000Z",
      "currency": "INR",
      "message": "Payouts made.",
      "minimum": "20.00",
      "more": false,
      "payouts": 2,
      "reference": "2026-01",
      "run_id": 1,
      "total": "120.00"
    }
    "#);
    assert_snapshot!(payer.get("/api/payouts/runs/1/payouts?limit=1").await, @r#"
    200 {
      "data": [
        {
          "amount": "20.00",
          "created_at": "2026-01-01T00:01:00.000Z",
          "payout_id": 1,
          "reason": null,
          "run_id": 1,
          "settled_at": null,
          "status": "pending",
          "user_id": 1,
          "user_name": "Asha Rao"
        }
      ],
      "next_cursor": "1"
    }
    "#);
    let earnings = world.member.get("/api/earnings/1").await.json();
    assert_eq!((&earnings["balance"], &earnings["paid"]), (&json!("0.00"), &json!("20.00")));
    assert_eq!(earnings["total_earnings"], "20.00", "what was earned stays earned");

    let mut run = answer.json();
    run.as_object_mut().unwrap().remove("message");
    assert_eq!(payer.get(PATH).await.json(), json!({"data": [run], "next_cursor": null}));
    let more = [("warnings".to_owned(), json!([])), ("more_warnings".to_owned(), json!(false))];
    run.as_object_mut().unwrap().extend(more);
    assert_eq!(payer.get("/api/payouts/runs/1").await.json(), run);
}

#[tokio::test]
async fn whoever_is_due_less_than_the_minimum_waits() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let answer = world.owner.post(PATH, json!({"minimum": 20.01})).await;
    assert_eq!((answer.field("/payouts"), answer.field("/total")), ("1".into(), "100.00".into()));
    assert_eq!(world.member.get("/api/earnings/1").await.field("/available"), "20.00");
    world.buy(BINA, "2000.00").await;
    let answer = world.owner.post(PATH, json!({"minimum": "20.01"})).await;
    assert_eq!((answer.field("/payouts"), answer.field("/total")), ("1".into(), "120.00".into()));
}

#[tokio::test]
async fn a_retry_pays_nobody_twice() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let first = world.owner.post(PATH, json!({"reference": "2026-01"})).await;
    assert_eq!(first.status, 201, "{first}");
    world.buy(CHETAN, "2000.00").await;
    let keyed = world.owner.with("idempotency-key", "2026-01");
    for answer in [
        world.owner.post(PATH, json!({"reference": "2026-01"})).await,
        keyed.post(PATH, json!({})).await,
        keyed.post(PATH, json!({"minimum": "0.01", "reference": "2026-01"})).await,
    ] {
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, Some("true")), "{answer}");
        assert_eq!(answer.text(), first.text());
    }
    assert_eq!(world.member.get("/api/earnings/1").await.field("/available"), "20.00", "due in the next run");
}

#[tokio::test]
async fn what_is_no_run_says_why() {
    let world = World::new().await;
    assert_snapshot!(world.owner.post(PATH, json!({})).await, @r#"
    422 {
      "code": "nothing_due",
      "detail": "Nobody is due 0.01 or more.",
      "instance": "/api/payouts/runs",
      "request_id": "[request id]",
      "status": 422,
      "title": "Nothing due",
      "type": "urn:banyan:problem:nothing_due"
    }
    "#);
    world.buy(CHETAN, "2000.00").await;
    assert_eq!(world.owner.post(PATH, json!({"reference": "2026-01"})).await.status, 201);
    world.buy(CHETAN, "2000.00").await;
    let keyed = world.owner.with("idempotency-key", "2026-02");
    for (actor, body, status, code) in [
        (&world.owner, json!({"minimum": "100.01"}), 422, "nothing_due"),
        (&world.owner, json!({"minimum": "5", "reference": "2026-01"}), 409, "reference_reused"),
        (&keyed, json!({"reference": "2026-03"}), 422, "reference_mismatch"),
        (&world.owner, json!({"minimum": "0"}), 422, "invalid_amount"),
        (&world.owner, json!({"minimum": "x"}), 422, "invalid_amount"),
        (&world.owner, json!({"reference": " "}), 422, "invalid_reference"),
        (&world.owner, json!({"users": [1]}), 422, "invalid_body"),
    ] {
        let answer = actor.post(PATH, body.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
    }
    assert_eq!(world.owner.get(PATH).await.rows().len(), 1);
    assert_eq!(world.owner.post(PATH, json!({"minimum": null, "reference": null})).await.status, 201);
}

#[tokio::test]
async fn of_many_runs_at_once_one_pays() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let owner = world.owner.clone();
        racing.spawn(async move { owner.post(PATH, json!({})).await.status });
    }
    let mut answers = racing.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [vec![201], vec![422; 15]].concat());
    let sums = [ASHA, BINA].map(|user| format!("/api/earnings/{user}"));
    for (path, paid) in sums.iter().zip(["20.00", "100.00"]) {
        let earnings = world.owner.get(path).await;
        assert_eq!((earnings.field("/paid"), earnings.field("/balance")), (paid.into(), "0.00".into()));
    }
}

#[tokio::test]
async fn runs_are_listed_from_the_newest_and_payouts_in_their_order() {
    let world = World::new().await;
    for _ in 0..5 {
        world.buy(CHETAN, "2000.00").await;
        world.pay_out().await;
    }
    for user in [ASHA, BINA, CHETAN, ESHA] {
        world.credit(user, "1.00", "thanks").await;
    }
    world.pay_out().await;
    for limit in [1, 2, 5, 6, 7] {
        let runs = walk(&world.owner, PATH, limit).await;
        let ids: Vec<_> = runs.iter().filter_map(|run| run["run_id"].as_i64()).collect();
        assert_eq!(ids, [6, 5, 4, 3, 2, 1], "{limit} at a time");
        let payouts = walk(&world.owner, "/api/payouts/runs/6/payouts", limit).await;
        let users: Vec<_> = payouts.iter().filter_map(|payout| payout["user_id"].as_i64()).collect();
        assert_eq!(users, [ASHA, BINA, CHETAN, ESHA], "{limit} at a time");
    }
}
