//! Plans: a new version is in force from its moment on, and never before.

mod withdrawing;

use app::plans::{self, Begins, SetPlanError};
use app::purchases::{self, NewPurchase, Payer, Reported};
use app::{PlanRecord, audit};
use domain::{Money, Plan, PlanVersion, PurchaseId, Rounding, Timestamp};

use crate::world::{ADMIN, START, World, money, sale, seconds};

/// One level of 10 %, and all the rest another than by default.
fn generous() -> Plan {
    Plan {
        commission_above: Money::ZERO,
        max_direct_referrals: 3,
        levels: vec!["10%".parse().unwrap()].try_into().unwrap(),
        rounding: Rounding::Down,
        hold: domain::HoldDays::new(30).unwrap(),
        max_commission: Some(money("99.99")),
        ..Plan::default()
    }
}

async fn set(world: &World, plan: Plan, from: Option<Timestamp>) -> Result<PlanRecord, SetPlanError> {
    plans::set(&world.app, &ADMIN, plan, from.map_or(Begins::Now, Begins::At)).await
}

#[tokio::test]
async fn a_new_version_is_in_force_at_once_and_what_was_bought_keeps_its_own() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let before = world.buy(buyer.user.id, "500").await.purchase;
    world.advance(seconds(1));
    let record = set(&world, generous(), None).await.unwrap();
    let now = START.plus_millis(1_000);
    let expected = PlanRecord {
        version: PlanVersion::new(2),
        plan: generous(),
        effective_from: now,
        created_at: now,
        withdrawn_at: None,
    };
    assert_eq!(record, expected);
    assert_eq!(plans::in_force(&world.app).await.unwrap(), expected);

    let after = world.buy(buyer.user.id, "500").await.purchase;
    assert_eq!((before.plan.get(), after.plan.get()), (1, 2));
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("50"));
    assert_eq!(app::purchases::find(&world.app, &ADMIN, before.id).await.unwrap().0, before);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_version_with_a_date_waits_for_it() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let from = START.plus_millis(10_000);
    let record = set(&world, generous(), Some(from)).await.unwrap();
    assert_eq!((record.effective_from, record.created_at), (from, START));
    for (second, version) in [(0, 1), (9, 1), (10, 2), (11, 2)] {
        world.set_clock(START.plus_millis(second * 1_000));
        assert_eq!(plans::in_force(&world.app).await.unwrap().version.get(), version, "second {second}");
        assert_eq!(world.buy(buyer.user.id, "500").await.purchase.plan.get(), version, "second {second}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_version_that_is_coming_follows_one_that_is_set_later() {
    let world = World::new().await;
    set(&world, generous(), Some(START.plus_millis(10_000))).await.unwrap();
    set(&world, Plan::default(), None).await.unwrap();
    let version = async |second: i64| {
        world.set_clock(START.plus_millis(second * 1_000));
        plans::in_force(&world.app).await.unwrap().version.get()
    };
    assert_eq!([version(0).await, version(9).await, version(10).await], [3, 3, 2]);
}

/// The purchase that a plan cannot begin before, and its time.
fn in_the_way(refused: &SetPlanError) -> (PurchaseId, Timestamp) {
    match refused {
        SetPlanError::SaleInTheWay { purchase, occurred_at } => (*purchase, *occurred_at),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_version_begins_in_the_past_while_nothing_was_decided_since() {
    const YEAR_BEFORE: i64 = -365 * 86_400_000;
    let world = World::new().await;
    let [asha, bina, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    let elsewhere = NewPurchase { payer: Payer::Elsewhere, ..sale(buyer.user.id, "7000") };
    world.record(elsewhere).await.unwrap();
    let levels = vec!["10%".parse().unwrap(), "3%".parse().unwrap()].try_into().unwrap();
    let own = Plan { levels, commission_above: Money::ZERO, ..Plan::default() };
    let from = START.plus_millis(YEAR_BEFORE);
    let record = set(&world, own, Some(from)).await.unwrap();
    assert_eq!((record.effective_from, record.created_at), (from, START));

    world.advance(seconds(120));
    let march = from.plus_millis(70 * 86_400_000);
    let mut past = NewPurchase { occurred_at: Some(march), ..sale(buyer.user.id, "2000") };
    past.reported = Reported::ByImport;
    let imported = world.record(past).await.unwrap().purchase;
    assert_eq!(imported.plan, record.version);
    assert_eq!(world.balance(bina.user.id).await, "200.00");
    assert_eq!(world.balance(asha.user.id).await, "60.00");
    world.books_are_right().await;

    // Now the import is in the way of another one, and nothing else is.
    for (from, fits) in [(from, false), (march, false), (march.plus_millis(1), true)] {
        match set(&world, generous(), Some(from)).await {
            Ok(record) => assert!(fits, "{record:?}"),
            Err(refused) => assert_eq!((in_the_way(&refused), fits), ((imported.id, march), false)),
        }
    }
}

#[tokio::test]
async fn the_first_purchase_in_the_way_of_a_version_is_named() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let mut late =
        NewPurchase { occurred_at: Some(START.plus_millis(-5_000)), ..sale(buyer.user.id, "2000") };
    late.reported = Reported::ByImport;
    world.buy(buyer.user.id, "500").await;
    let late = world.record(late).await.unwrap().purchase;
    world.advance(seconds(60));
    let refused = set(&world, generous(), Some(START.plus_millis(-86_400_000))).await.unwrap_err();
    assert_eq!(in_the_way(&refused), (late.id, START.plus_millis(-5_000)));
    assert_eq!(
        refused.to_string(),
        "purchase 2 of 2025-12-31T23:59:55Z was decided under another plan; this one can begin after it, or now \
         when no date is given"
    );
    assert_eq!(plans::in_force(&world.app).await.unwrap().version.get(), 1);
    assert_eq!(set(&world, generous(), Some(START.plus_millis(1))).await.unwrap().version.get(), 2);
}

#[tokio::test]
async fn a_version_begins_after_the_newest_purchase_even_when_the_clock_goes_back() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.advance(seconds(119));
    let newest = world.buy(buyer.user.id, "500").await.purchase;
    world.set_clock(START);
    let refused = set(&world, generous(), Some(newest.occurred_at)).await.unwrap_err();
    assert_eq!(in_the_way(&refused), (newest.id, newest.occurred_at));
    assert_eq!(
        set(&world, generous(), None).await.unwrap().effective_from,
        newest.occurred_at.plus_millis(1)
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn no_version_begins_after_a_sale_of_a_clock_that_was_far_ahead_unless_it_is_asked_to() {
    const TEN_YEARS: i64 = 3_653 * 86_400_000;
    let world = World::fleeting().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let ahead = START.plus_millis(TEN_YEARS);
    world.set_clock(ahead);
    let newest = world.buy(buyer.user.id, "500").await.purchase.id;
    world.set_clock(START);
    // However many were sold by the right clock since.
    let sales = vec![sale(buyer.user.id, "500"); 5_100];
    let recorded =
        world.app.store().write(async move |tx| purchases::record_batch(tx, START, &sales).await).await;
    assert_eq!(recorded.unwrap().purchases.len(), 5_100);

    let refused = set(&world, generous(), None).await.unwrap_err();
    assert!(
        matches!(refused, SetPlanError::LastSaleAhead { purchase, occurred_at, now }
            if (purchase, occurred_at, now) == (newest, ahead, START)),
        "{refused:?}"
    );
    assert_eq!(
        refused.to_string(),
        "the newest sale, purchase 1, is of 2036-01-02T00:00:00Z, but it is 2026-01-01T00:00:00Z by the clock; set \
         the clock right, or ask for after_last_sale to begin after that sale"
    );
    assert_eq!(plans::in_force(&world.app).await.unwrap().version.get(), 1);

    let record = plans::set(&world.app, &ADMIN, generous(), Begins::AfterLastSale).await.unwrap();
    assert_eq!(record.effective_from, ahead.plus_millis(1));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_currency_stays_what_it_is() {
    let world = World::new().await;
    let euros = Plan { currency: "EUR".parse().unwrap(), ..Plan::default() };
    let refused = set(&world, euros, None).await.unwrap_err();
    assert!(matches!(refused, SetPlanError::CurrencyMismatch { .. }), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        "this programme counts in INR, not in EUR, and a plan cannot change that"
    );
}

#[tokio::test]
async fn versions_are_listed_newest_first() {
    let world = World::new().await;
    set(&world, generous(), Some(START.plus_millis(10_000))).await.unwrap();
    set(&world, Plan::default(), None).await.unwrap();
    for (before, limit, expected) in [
        (None, 9, &[3, 2, 1][..]),
        (None, 2, &[3, 2]),
        (Some(3), 9, &[2, 1]),
        (Some(2), 1, &[1]),
        (Some(1), 9, &[]),
    ] {
        let page = plans::versions(&world.app, &ADMIN, before.map(PlanVersion::new), limit).await.unwrap();
        let versions: Vec<_> = page.iter().map(|record| record.version.get()).collect();
        assert_eq!(versions, expected, "{limit} before {before:?}");
    }
}

#[tokio::test]
async fn setting_a_plan_is_written_down_with_all_of_it() {
    let world = World::new().await;
    set(&world, generous(), Some(START.plus_millis(10_000))).await.unwrap();
    set(&world, Plan { currency: "EUR".parse().unwrap(), ..Plan::default() }, None).await.unwrap_err();
    let events = audit::list(&world.app, &ADMIN, None, 9).await.unwrap();
    let [(_, event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.action.as_str(), event.subject.as_str(), event.at), ("plan.set", "plan 2", START));
    let detail: serde_json::Value = serde_json::from_str(&event.detail).unwrap();
    let expected = serde_json::json!({
        "currency": "INR",
        "commission_above": "0.00",
        "max_direct_referrals": 3,
        "levels": ["10%"],
        "rounding": "down",
        "hold_days": 30,
        "max_commission": "99.99",
        "effective_from_ms": START.millis() + 10_000,
    });
    assert_eq!(detail, expected);
}
