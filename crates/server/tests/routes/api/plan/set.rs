//! `PUT /api/plan` and `GET /api/plan`

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::world::{CHETAN, World};

/// The default plan with this field set to this, or without it.
fn terms(field: &str, value: impl Into<Option<Value>>) -> Value {
    let mut terms = json!({"levels": ["5%", "1%"], "commission_above": "1000.00", "max_direct_referrals": 8});
    match value.into() {
        Some(value) => terms[field] = value,
        None => drop(terms.as_object_mut().unwrap().remove(field)),
    }
    terms
}

async fn set(world: &World, field: &str, value: impl Into<Option<Value>>) -> Answer {
    world.owner.put("/api/plan", terms(field, value)).await
}

#[tokio::test]
async fn a_new_database_pays_by_the_default_plan() {
    let world = World::new().await;
    assert_snapshot!(world.member.get("/api/plan").await, @r#"
    200 {
      "commission_above": "1000.00",
      "created_at": "1970-01-01T00:00:00.000Z",
      "currency": "INR",
      "effective_from": "1970-01-01T00:00:00.000Z",
      "hold_days": 0,
      "levels": [
        "5%",
        "1%"
      ],
      "max_commission": null,
      "max_direct_referrals": 8,
      "rounding": "half_up",
      "version": 1,
      "withdrawn_at": null
    }
    "#);
}

#[tokio::test]
async fn a_plan_is_in_force_at_once_and_what_was_bought_keeps_its_own() {
    let world = World::new().await;
    let before = world.buy(CHETAN, "500.00").await;
    world.advance(Duration::from_secs(1));
    let body = json!({"levels": ["10%", "2.5%", "0.75%"], "commission_above": 0, "max_direct_referrals": 5,
        "rounding": "down", "hold_days": 30, "max_commission": "40.00", "currency": "INR"});
    let set = world.owner.put("/api/plan", body).await;
    assert_snapshot!(set, @r#"
    200 {
      "commission_above": "0.00",
      "created_at": "2026-01-01T00:00:01.000Z",
      "currency": "INR",
      "effective_from": "2026-01-01T00:00:01.000Z",
      "hold_days": 30,
      "levels": [
        "10%",
        "2.5%",
        "0.75%"
      ],
      "max_commission": "40.00",
      "max_direct_referrals": 5,
      "rounding": "down",
      "version": 2,
      "withdrawn_at": null
    }
    "#);
    assert_eq!(world.member.get("/api/plan").await.json(), set.json());

    let after = world.buy(CHETAN, "500.00").await;
    assert_eq!((before.field("/plan_version"), after.field("/plan_version")), ("1".into(), "2".into()));
    assert_eq!(after.field("/earnings/0/amount"), "40.00");
    let path = format!("/api/purchases/{}", before.field("/purchase_id"));
    assert_eq!(world.owner.get(&path).await.field("/plan_version"), "1");
}

#[tokio::test]
async fn a_plan_with_a_date_waits_for_it() {
    let world = World::new().await;
    for (from, effective_from) in [
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
        ("2026-01-02T05:30:00+05:30", "2026-01-02T00:00:00.000Z"),
        ("2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.001Z"),
    ] {
        let answer = set(&world, "effective_from", json!(from)).await;
        assert_eq!((answer.status, answer.field("/effective_from")), (200, effective_from.into()), "{from}");
        assert_eq!(answer.field("/created_at"), "2026-01-01T00:00:00.000Z");
    }
    let version = async || world.admin.get("/api/plan").await.field("/version");
    assert_eq!(version().await, "1");
    world.advance(Duration::from_millis(1));
    assert_eq!(version().await, "4");
    world.advance(Duration::from_hours(24));
    assert_eq!(version().await, "3", "of two that begin together the one that was set last");
}

#[tokio::test]
async fn an_equal_plan_is_another_version() {
    let world = World::new().await;
    for version in ["2", "3"] {
        let answer = set(&world, "max_commission", Value::Null).await;
        assert_eq!((answer.status, answer.field("/version")), (200, version.into()));
    }
}

#[tokio::test]
async fn terms_that_are_no_plan_are_refused_with_every_field_that_is_wrong() {
    let world = World::new().await;
    for (field, value, pointer) in [
        ("levels", json!([]), "/levels"),
        ("levels", json!(vec!["1%"; 11]), "/levels"),
        ("levels", json!(["60%", "40.01%"]), "/levels"),
        ("levels", json!(["5%", "1"]), "/levels/1"),
        ("levels", json!(["-5%"]), "/levels/0"),
        ("levels", json!(["5.125%"]), "/levels/0"),
        ("levels", json!(["100.01%"]), "/levels/0"),
        ("commission_above", json!("-1"), "/commission_above"),
        ("commission_above", json!("10.001"), "/commission_above"),
        ("commission_above", json!(true), "/commission_above"),
        ("rounding", json!("up"), "/rounding"),
        ("hold_days", json!(366), "/hold_days"),
        ("hold_days", json!(65_536), "/hold_days"),
        ("max_commission", json!("0"), "/max_commission"),
        ("max_commission", json!("lots"), "/max_commission"),
    ] {
        let answer = set(&world, field, value.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_plan"), "{field}: {value}");
        assert_eq!(answer.pointers(), [pointer], "{field}: {value}");
    }
    let body = json!({"levels": ["5", "1%", "x"], "commission_above": "", "max_direct_referrals": 8,
        "rounding": "", "hold_days": 400, "max_commission": "-1"});
    let pointers =
        ["/levels/0", "/levels/2", "/commission_above", "/rounding", "/hold_days", "/max_commission"];
    assert_eq!(world.owner.put("/api/plan", body).await.pointers(), pointers);
    assert_eq!(world.owner.get("/api/plan").await.field("/version"), "1", "nothing came of it");
}

#[tokio::test]
async fn what_does_not_fit_names_the_place() {
    let world = World::new().await;
    for (field, value, pointer) in [
        ("levels", None, "/levels"),
        ("commission_above", None, "/commission_above"),
        ("max_direct_referrals", None, "/max_direct_referrals"),
        ("levels", Some(json!("5%")), "/levels"),
        ("levels", Some(json!([5])), "/levels/0"),
        ("max_direct_referrals", Some(json!(-1)), "/max_direct_referrals"),
        ("max_direct_referrals", Some(json!("8")), "/max_direct_referrals"),
        ("hold_days", Some(json!(1.5)), "/hold_days"),
        ("max_referrals", Some(json!(8)), "/max_referrals"),
        ("since", Some(json!("2026-01-01")), "/since"),
        ("effective_from", Some(json!("tomorrow")), "/effective_from"),
        ("effective_from", Some(json!("2026-02-30")), "/effective_from"),
        ("effective_from", Some(json!("2026-02-01T00:00:00")), "/effective_from"),
    ] {
        let answer = set(&world, field, value.clone()).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_body"), "{field}: {value:?}");
        assert_eq!(answer.pointers(), [pointer], "{field}: {value:?}");
    }
}

#[tokio::test]
async fn a_plan_begins_in_the_past_while_nothing_was_decided_since() {
    let world = World::new().await;
    let early = set(&world, "effective_from", json!("2025-01-01")).await;
    assert_eq!((early.status, early.field("/effective_from").as_str()), (200, "2025-01-01T00:00:00.000Z"));
    world.advance(Duration::from_mins(1));
    world.buy(CHETAN, "2000.00").await;
    for from in ["2026-01-01", "2026-01-01T00:01:00Z", "1970-01-01", "1969-01-01"] {
        let answer = set(&world, "effective_from", json!(from)).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "effective_date_in_past"), "{from}");
    }
    assert_snapshot!(set(&world, "effective_from", json!("2026-01-01")).await, @r#"
    422 {
      "code": "effective_date_in_past",
      "detail": "Purchase 1 of 2026-01-01T00:01:00Z was decided under another plan; this one can begin after it, or now when no date is given.",
      "instance": "/api/plan",
      "request_id": "[request id]",
      "status": 422,
      "title": "Effective date in the past",
      "type": "urn:banyan:problem:effective_date_in_past"
    }
    "#);
    let after = set(&world, "effective_from", json!("2026-01-01T00:01:00.001Z")).await;
    assert_eq!(after.status, 200, "{after}");
}

#[tokio::test]
async fn a_sale_of_a_clock_that_was_far_ahead_is_told_with_both_times() {
    let world = World::new().await;
    world.advance(Duration::from_hours(24));
    world.buy(CHETAN, "2000.00").await;
    world.set_clock_back(Duration::from_hours(24));
    let refused = set(&world, "rounding", json!("down")).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "last_sale_ahead"));
    let detail = refused.field("/detail");
    assert!(detail.contains("2026-01-02T00:00:00Z") && detail.contains("2026-01-01T00:00:00Z"), "{detail}");
    let asked = set(&world, "after_last_sale", json!(true)).await;
    assert_eq!(asked.field("/effective_from"), "2026-01-02T00:00:00.001Z");

    let mut both = terms("rounding", json!("down"));
    both["effective_from"] = "2027-01-01".into();
    both["after_last_sale"] = true.into();
    let refused = world.owner.put("/api/plan", both).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/after_last_sale".to_owned()]));
}

#[tokio::test]
async fn the_currency_stays_what_it_is() {
    let world = World::new().await;
    for currency in ["USD", "inr", "", "₹"] {
        let answer = set(&world, "currency", json!(currency)).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "currency_mismatch"), "{currency}");
    }
}

#[tokio::test]
async fn whoever_may_not_is_told_so_before_the_plan_is_looked_at() {
    let world = World::new().await;
    for (actor, status) in
        [(&world.anonymous, 401), (&world.member, 403), (&world.service("read payouts:write").await, 403)]
    {
        assert_eq!(actor.put("/api/plan", json!([])).await.status, status);
        assert_eq!(actor.post("/api/plan/simulate", json!([])).await.status, status);
    }
}
