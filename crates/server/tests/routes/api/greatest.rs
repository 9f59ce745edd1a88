//! The greatest amount, 1,000,000,000.00: on every way in, and what is on the
//! books above it.

use std::time::Duration;

use app::Caller;
use app::adjustments::{self, NewAdjustment};
use app::purchases::{self, NewPurchase, Payer};
use domain::{Money, Timestamp, UserId};
use serde_json::{Value, json};

use crate::world::{CHETAN, World};

/// A body with this amount in it.
type Body<'a> = &'a dyn Fn(&str) -> Value;

#[tokio::test]
async fn no_way_in_takes_more_than_the_greatest_amount() {
    let world = World::new().await;
    world.buy(CHETAN, "1000000000.00").await;
    let adjust = |amount: &str| json!({"direction": "credit", "amount": amount, "reason": "Thanks"});
    let plan = |field: &str, amount: &str| {
        let mut plan = json!({"levels": ["5%"], "commission_above": "1.00", "max_direct_referrals": 8});
        plan[field] = amount.into();
        plan
    };
    let ways: [(&str, &str, Body<'_>); 7] = [
        ("POST", "/api/purchases", &|amount| json!({"user_id": CHETAN, "amount": amount})),
        ("POST", "/api/purchases/1/refunds", &|amount| json!({"amount": amount})),
        ("POST", "/api/users/1/adjustments", &adjust),
        ("POST", "/api/payouts/runs", &|amount| json!({"minimum": amount})),
        ("PUT", "/api/plan", &|amount| plan("commission_above", amount)),
        ("PUT", "/api/plan", &|amount| plan("max_commission", amount)),
        ("POST", "/api/plan/simulate", &|amount| plan("max_commission", amount)),
    ];
    for (method, path, body) in ways {
        let send = async |amount: &str| match method {
            "POST" => world.owner.post(path, body(amount)).await,
            _ => world.owner.put(path, body(amount)).await,
        };
        let refused = send("1000000000.01").await;
        assert_eq!(refused.status, 422, "{path}: {refused}");
        let said = refused.json()["errors"][0]["detail"].clone();
        assert_eq!(said, "must be at most 1000000000.00", "{path}: {refused}");
        let taken = send("1000000000.00").await;
        assert_ne!(taken.json()["errors"][0]["detail"], said, "{path}: {taken}");
    }
    let refused = world.owner.get("/api/payouts/preview?minimum=1000000000.01").await;
    assert!(refused.json()["detail"].as_str().unwrap().contains("at most 1000000000.00"), "{refused}");
}

#[tokio::test]
async fn what_is_on_the_books_above_it_is_shown_and_what_cannot_be_added_up_says_so() {
    let world = World::new().await;
    let greatest_before = Money::from_paise(100_000_000_000_000);
    let sale = NewPurchase::new(UserId::new(CHETAN), greatest_before);
    let recorded = world.app.store().write(async move |tx| {
        let now = Timestamp::from_millis(1_767_225_600_000);
        purchases::record_batch(tx, now, &vec![sale.clone(); 1_000]).await
    });
    recorded.await.unwrap();
    let shown = world.owner.get("/api/purchases/1").await;
    assert_eq!((shown.status, shown.field("/amount").as_str()), (200, "1000000000000.00"));
    assert_eq!(world.owner.get("/api/stats").await.field("/sales"), "1000000000000000.00");

    let mut more = NewPurchase::new(UserId::new(CHETAN), Money::from_paise(i64::MAX - 1));
    more.payer = Payer::Elsewhere;
    purchases::record(&world.app, &Caller::Admin, more).await.unwrap();
    world.advance(Duration::from_secs(2));
    let refused = world.owner.get("/api/stats").await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "sum_out_of_range"));
    assert!(refused.field("/detail").starts_with("The sum of all purchases is out of range"), "{refused}");
}

#[tokio::test]
async fn a_month_that_moved_more_than_can_be_counted_says_so() {
    let world = World::new().await;
    let adjust = async |paise: i64| {
        let (amount, reason) = (Money::from_paise(paise), "Taken over".parse().unwrap());
        let new = NewAdjustment { user: UserId::new(CHETAN), amount, reason, reference: None };
        adjustments::adjust(&world.app, &Caller::Admin, new).await.unwrap();
    };
    adjust(-i64::MAX).await;
    world.advance(Duration::from_hours(31 * 24));
    adjust(i64::MAX).await;
    adjust(i64::MAX).await;
    let owner = world.admin;
    let path = format!("/api/earnings/{CHETAN}/statement");
    assert_eq!(owner.get(&format!("{path}?month=2026-01")).await.field("/adjusted"), "-92233720368547758.07");
    let refused = owner.get(&format!("{path}?month=2026-02")).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "sum_out_of_range"));
}
