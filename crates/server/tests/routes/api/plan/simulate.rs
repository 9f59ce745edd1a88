//! `POST /api/plan/simulate`

use std::time::Duration;

use app::Caller;
use app::simulate::{WhatIf, simulate};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{BINA, CHETAN, World};

fn what_if(levels: &[&str]) -> Value {
    json!({"levels": levels, "commission_above": "1000.00", "max_direct_referrals": 8})
}

#[tokio::test]
async fn past_purchases_are_paid_by_another_plan_and_the_books_stay_as_they_are() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.buy(BINA, "999.99").await;
    let before = world.owner.get("/api/earnings/1").await.json();
    let answer = world.owner.post("/api/plan/simulate", what_if(&["3%", "10%", "1%"])).await;
    assert_snapshot!(answer, @r#"
    200 {
      "books": {
        "by_level": {
          "level_1": "100.00",
          "level_2": "20.00",
          "level_3": "0.00"
        },
        "share_of_sales": "4%",
        "total": "120.00"
      },
      "currency": "INR",
      "difference": "140.00",
      "gain": 1,
      "gainers": [
        {
          "difference": "180.00",
          "earned": "20.00",
          "user_id": 1,
          "user_name": "Asha Rao",
          "would_earn": "200.00"
        }
      ],
      "lose": 1,
      "losers": [
        {
          "difference": "-40.00",
          "earned": "100.00",
          "user_id": 2,
          "user_name": "Bina Shah",
          "would_earn": "60.00"
        }
      ],
      "notes": [
        "The tree stays as it is: another max_direct_referrals would have let in more members, or fewer.",
        "hold_days changes when a commission can be paid out, not how much it is."
      ],
      "plan": {
        "by_level": {
          "level_1": "60.00",
          "level_2": "200.00",
          "level_3": "0.00"
        },
        "share_of_sales": "8.67%",
        "total": "260.00"
      },
      "purchases": 2,
      "refunded": "0.00",
      "sales": "2999.99",
      "settled_elsewhere": 0,
      "since": null,
      "unchanged": 2
    }
    "#);
    assert_eq!(world.owner.get("/api/earnings/1").await.json(), before);
    assert_eq!(world.owner.get("/api/plan").await.field("/version"), "1");
}

#[tokio::test]
async fn the_plan_in_force_makes_no_difference() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let answer = world.admin.post("/api/plan/simulate", what_if(&["5%", "1%"])).await;
    assert_eq!((answer.status, answer.field("/difference")), (200, "0.00".into()));
    assert_eq!(answer.json()["books"], answer.json()["plan"]);
    assert_eq!(
        (answer.field("/gain"), answer.field("/lose"), answer.field("/unchanged")),
        ("0".into(), "0".into(), "4".into())
    );
}

#[tokio::test]
async fn purchases_before_the_time_that_is_given_do_not_count() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    world.advance(Duration::from_mins(1));
    world.buy(CHETAN, "3000.00").await;
    for (since, purchases, sales) in [
        (json!(null), "2", "5000.00"),
        (json!("2026-01-01"), "2", "5000.00"),
        (json!("2026-01-01T00:00:00.001Z"), "1", "3000.00"),
        (json!("2026-01-01T00:01:00Z"), "1", "3000.00"),
        (json!("2026-01-02"), "0", "0.00"),
    ] {
        let mut body = what_if(&["5%"]);
        body["since"] = since.clone();
        let answer = world.owner.post("/api/plan/simulate", body).await;
        assert_eq!(
            (answer.field("/purchases"), answer.field("/sales")),
            (purchases.into(), sales.into()),
            "{since}"
        );
    }
}

#[tokio::test]
async fn what_is_no_plan_cannot_be_tried() {
    let world = World::new().await;
    for (field, value, code) in [
        ("levels", json!([]), "invalid_plan"),
        ("hold_days", json!(366), "invalid_plan"),
        ("currency", json!("USD"), "currency_mismatch"),
        ("since", json!("yesterday"), "invalid_body"),
        ("effective_from", json!("2026-02-01"), "invalid_body"),
    ] {
        let mut body = what_if(&["5%"]);
        body[field] = value;
        let answer = world.owner.post("/api/plan/simulate", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{field}");
    }
}

#[tokio::test]
async fn a_second_simulation_is_asked_to_come_back() {
    let world = World::new().await;
    world.buy(CHETAN, "2000.00").await;
    let (running, runs) = std::sync::mpsc::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let ends = std::sync::Mutex::new(ends);
    let app = std::sync::Arc::clone(&world.app);
    let first = tokio::spawn(async move {
        let plan = app::plans::in_force(&app).await.unwrap().plan;
        let wait = move |_| {
            running.send(()).unwrap();
            ends.lock().unwrap().recv().unwrap();
        };
        simulate(&app, &Caller::Admin, WhatIf { plan, since: None }, wait).await.unwrap();
    });
    while runs.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    let second = world.owner.post("/api/plan/simulate", what_if(&["5%"])).await;
    assert_eq!((second.status, second.header("retry-after")), (503, Some("1")), "{second}");
    assert_eq!(second.code(), "overloaded");
    end.send(()).unwrap();
    first.await.unwrap();
    assert_eq!(world.owner.post("/api/plan/simulate", what_if(&["5%"])).await.status, 200);
}
