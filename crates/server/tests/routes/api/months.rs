//! `/api/months`, `/api/programme` and a member's months: what is closed, and when days begin.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{ASHA, BINA, World};

const DAY: Duration = Duration::from_hours(24);

async fn close(world: &World, month: &str) -> crate::answer::Answer {
    world.admin.post(&format!("/api/months/{month}/close"), json!({})).await
}

#[tokio::test]
async fn months_are_listed_closed_and_opened_again() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.advance(31 * DAY);
    let asha = world.signed_in(ASHA).await;
    assert_snapshot!(world.admin.get("/api/months").await, @r#"
    200 {
      "data": [
        {
          "begins_at": "2026-02-01T00:00:00.000Z",
          "closed_at": null,
          "ends_at": "2026-03-01T00:00:00.000Z",
          "month": "2026-02",
          "reopened_at": null,
          "time_zone": "UTC"
        },
        {
          "begins_at": "2026-01-01T00:00:00.000Z",
          "closed_at": null,
          "ends_at": "2026-02-01T00:00:00.000Z",
          "month": "2026-01",
          "reopened_at": null,
          "time_zone": "UTC"
        }
      ],
      "next": "2026-01"
    }
    "#);
    let closed = close(&world, "2026-01").await;
    assert_eq!((closed.status, &closed.json()["closed_at"]), (200, &json!("2026-02-01T00:00:00.000Z")));
    assert_eq!(world.admin.get("/api/months").await.json()["next"], Value::Null);
    let statement = asha.get("/api/earnings/1/statement?month=2026-01").await.json();
    assert_eq!(statement["closed_at"], "2026-02-01T00:00:00.000Z");
    let months = asha.get(&format!("/api/earnings/{ASHA}/months")).await;
    assert_snapshot!(months, @r#"
    200 {
      "data": [
        {
          "begins_at": "2026-02-01T00:00:00.000Z",
          "closed_at": null,
          "ends_at": "2026-03-01T00:00:00.000Z",
          "month": "2026-02",
          "reopened_at": null,
          "time_zone": "UTC"
        },
        {
          "begins_at": "2026-01-01T00:00:00.000Z",
          "closed_at": "2026-02-01T00:00:00.000Z",
          "ends_at": "2026-02-01T00:00:00.000Z",
          "month": "2026-01",
          "reopened_at": null,
          "time_zone": "UTC"
        }
      ],
      "user_id": 1
    }
    "#);
    let opened = world.admin.post("/api/months/2026-01/reopen", json!({})).await.json();
    assert_eq!((&opened["closed_at"], &opened["reopened_at"]), (&Value::Null, &closed.json()["closed_at"]));
}

#[tokio::test]
async fn a_month_that_cannot_be_closed_or_opened_says_why() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    let reopen = async |month: &str| {
        let answer = world.admin.post(&format!("/api/months/{month}/reopen"), json!({})).await;
        (answer.status, answer.code(), answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let refused = |answer: crate::answer::Answer| {
        (answer.status, answer.code(), answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let told = |code: &str, detail: &str| (409, code.to_owned(), detail.to_owned());
    assert_eq!(refused(close(&world, "2026-01").await), told("month_not_ended", "2026-01 has not ended."));
    world.advance(60 * DAY);
    assert_eq!(
        refused(close(&world, "2026-02").await),
        told("month_not_next", "Months are closed in their order, and 2026-01 comes first.")
    );
    assert_eq!(reopen("2026-01").await, told("month_not_closed", "2026-01 is not closed."));
    close(&world, "2026-01").await;
    close(&world, "2026-02").await;
    assert_eq!(
        reopen("2026-01").await,
        told("month_not_newest", "Only the newest closed month can be opened again, which is 2026-02.")
    );
    let wrong = close(&world, "2026-13").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "invalid_id"));
}

#[tokio::test]
async fn the_time_zone_is_named_and_set_from_the_next_month_on() {
    let world = World::new().await;
    let set = world.admin.put("/api/programme/time-zone", json!({"time_zone": "asia/kolkata"})).await;
    assert_eq!((set.status, &set.json()["from_month"]), (200, &json!("2026-02")));
    assert_snapshot!(world.admin.get("/api/programme").await, @r#"
    200 {
      "currency": "INR",
      "time_zone": "UTC",
      "time_zones": [
        {
          "from_month": "0000-01",
          "set_at": "1970-01-01T00:00:00.000Z",
          "time_zone": "UTC"
        },
        {
          "from_month": "2026-02",
          "set_at": "2026-01-01T00:00:00.000Z",
          "time_zone": "Asia/Kolkata"
        }
      ]
    }
    "#);
    assert_eq!(world.member.get("/api/me").await.json()["time_zone"], "UTC");
    world.advance(31 * DAY);
    assert_eq!(world.admin.get("/api/me").await.json()["time_zone"], "Asia/Kolkata");
    let unknown = world.admin.put("/api/programme/time-zone", json!({"time_zone": "Asia/Atlantis"})).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (422, "unknown_time_zone"));
    assert_eq!(unknown.json()["errors"][0]["pointer"], "/time_zone");
}

#[tokio::test]
async fn a_day_that_is_named_begins_by_the_time_zone_of_the_programme() {
    let world = World::new().await;
    world.admin.put("/api/programme/time-zone", json!({"time_zone": "Asia/Kolkata"})).await;
    let plan = json!({
        "levels": ["5%"], "commission_above": "1000", "max_direct_referrals": 8, "effective_from": "2026-02-10",
    });
    let set = world.admin.put("/api/plan", plan).await;
    assert_eq!(set.json()["effective_from"], "2026-02-09T18:30:00.000Z");
}

#[tokio::test]
async fn what_was_earned_today_is_a_sum_that_the_server_answers() {
    let world = World::new().await;
    world.buy(BINA, "2000.00").await;
    world.advance(DAY);
    world.buy(BINA, "4000.00").await;
    world.refund(2, "2000.00").await;
    let asha = world.signed_in(ASHA).await;
    let today = asha.get("/api/earnings/1/today").await;
    assert_snapshot!(today, @r#"
    200 {
      "began_at": "2026-01-02T00:00:00.000Z",
      "commissions": "200.00",
      "earned": "100.00",
      "reversed": "100.00",
      "seq": 3,
      "time_zone": "UTC",
      "user_id": 1
    }
    "#);
    assert_eq!(asha.get("/api/earnings/2/today").await.status, 403);
    assert_eq!(world.admin.get("/api/earnings/404/today").await.code(), "user_not_found");
}
