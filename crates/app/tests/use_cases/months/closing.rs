//! Closing months, opening them again, and the time zones that they lie in.

use app::Calendar;
use app::earnings::month;
use app::months::{self, MonthError, SetTimeZoneError, close, close_what_is_due, reopen, set_time_zone};
use app::payouts::Order;
use domain::{HoldDays, Month, Plan, Scope, Timestamp};
use store::ZoneRecord;

use super::figures;
use crate::world::{ADMIN, START, World, made, sale, service};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn named(text: &str) -> Month {
    text.parse().unwrap()
}

fn start_of(text: &str) -> Timestamp {
    Calendar::default().times(named(text)).start
}

async fn closed(world: &World) -> Vec<String> {
    let months = months::list(&world.app, &ADMIN).await.unwrap();
    let closed = months.months.iter().rev().filter(|state| state.closed_at.is_some());
    closed.map(|state| state.month.to_string()).collect()
}

#[tokio::test]
async fn months_are_closed_in_their_order_when_they_have_ended() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    world.set_clock(start_of("2026-03").plus_millis(-1));
    let refused = close(&world.app, &ADMIN, Some(named("2026-02"))).await.unwrap_err();
    assert!(matches!(refused, MonthError::NotEnded(month) if month == named("2026-02")), "{refused:?}");
    world.set_clock(start_of("2026-04"));
    let refused = close(&world.app, &ADMIN, Some(named("2026-02"))).await.unwrap_err();
    assert!(matches!(refused, MonthError::NotNext(month) if month == named("2026-01")), "{refused:?}");
    assert_eq!(closed(&world).await, [""; 0]);
    for name in ["2026-01", "2026-02", "2026-03"] {
        assert_eq!(close(&world.app, &ADMIN, None).await.unwrap().month, named(name));
    }
    let refused = close(&world.app, &ADMIN, None).await.unwrap_err();
    assert!(matches!(refused, MonthError::NotEnded(month) if month == named("2026-04")), "{refused:?}");
    let again = close(&world.app, &ADMIN, Some(named("2026-02"))).await.unwrap();
    assert_eq!(again.closed_at, Some(start_of("2026-04")), "to close it again changes nothing");
    assert_eq!(closed(&world).await, ["2026-01", "2026-02", "2026-03"]);
    assert_eq!(app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn only_the_newest_closed_month_is_opened_again_and_it_is_noted() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    world.set_clock(start_of("2026-03"));
    let refused = reopen(&world.app, &ADMIN, named("2026-02")).await.unwrap_err();
    assert!(matches!(refused, MonthError::NotClosed(_)), "{refused:?}");
    close(&world.app, &ADMIN, None).await.unwrap();
    close(&world.app, &ADMIN, None).await.unwrap();
    let refused = reopen(&world.app, &ADMIN, named("2026-01")).await.unwrap_err();
    assert!(matches!(refused, MonthError::NotNewest(month) if month == named("2026-02")), "{refused:?}");
    let opened = reopen(&world.app, &ADMIN, named("2026-02")).await.unwrap();
    assert_eq!((opened.closed_at, opened.reopened_at), (None, Some(start_of("2026-03"))));
    assert_eq!(reopen(&world.app, &ADMIN, named("2026-02")).await.unwrap(), opened);
    assert_eq!(closed(&world).await, ["2026-01"]);
    let [newest, ..] = &app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap()[..] else { panic!() };
    assert_eq!((newest.1.action.as_str(), newest.1.subject.as_str()), ("month.reopen", "month 2026-02"));
}

#[tokio::test]
async fn what_ended_long_enough_ago_is_closed_by_itself() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    close_what_is_due(&world.app, 0).await.unwrap();
    world.buy(buyer.user.id, "2000").await;
    world.set_clock(start_of("2026-03").plus_millis(5 * DAY_MS - 1));
    close_what_is_due(&world.app, 5).await.unwrap();
    assert_eq!(closed(&world).await, ["2026-01"]);
    world.set_clock(start_of("2026-03").plus_millis(5 * DAY_MS));
    close_what_is_due(&world.app, 5).await.unwrap();
    assert_eq!(closed(&world).await, ["2026-01", "2026-02"]);
}

#[tokio::test]
async fn of_sales_and_a_closing_at_once_every_sale_is_wholly_before_or_after() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let january = START.plus_millis(DAY_MS);
    world.record(made(january, sale(buyer.user.id, "2000"))).await.unwrap_err();
    world.set_clock(start_of("2026-02"));
    world.record(made(january, sale(buyer.user.id, "2000"))).await.unwrap();
    let app = std::sync::Arc::clone(&world.app);
    let sales: Vec<_> = (0..20)
        .map(|_| {
            let (app, late) = (app.clone(), made(january, sale(buyer.user.id, "2000")));
            tokio::spawn(async move { app::purchases::record(&app, &ADMIN, late).await.unwrap().purchase })
        })
        .collect();
    close(&world.app, &ADMIN, Some(named("2026-01"))).await.unwrap();
    let issued = month(&world.app, &ADMIN, asha.user.id, Some(named("2026-01"))).await.unwrap();
    let mut in_january = 1;
    for sale in sales {
        in_january += i64::from(sale.await.unwrap().booked_at == january);
    }
    assert_eq!(issued.line_count, in_january, "what was issued stays as it was issued");
    let now = month(&world.app, &ADMIN, asha.user.id, Some(named("2026-01"))).await.unwrap();
    assert_eq!((now.line_count, now.closing), (issued.line_count, issued.closing));
    world.books_are_right().await;
}

#[tokio::test]
async fn only_an_admin_closes_months_and_sets_the_time_zone() {
    let world = World::new().await;
    let reader = service(&[Scope::Read]);
    let refused = close(&world.app, &reader, None).await.unwrap_err();
    assert!(matches!(refused, MonthError::Denied(_)), "{refused:?}");
    let refused = reopen(&world.app, &reader, named("2026-01")).await.unwrap_err();
    assert!(matches!(refused, MonthError::Denied(_)), "{refused:?}");
    let refused = set_time_zone(&world.app, &reader, "UTC").await.unwrap_err();
    assert!(matches!(refused, SetTimeZoneError::Denied(_)), "{refused:?}");
    assert!(months::list(&world.app, &service(&[Scope::PurchasesWrite])).await.is_err());
    assert!(months::time_zones(&world.app, &reader).await.is_ok());
}

/// A programme that has counted by this time zone from its beginning.
async fn in_zone(name: &str) -> World {
    let world = World::new().await;
    let zone = ZoneRecord { from: Month::FIRST, name: name.to_owned(), set_at: Timestamp::from_millis(0) };
    world.app.store().write(async move |tx| tx.set_time_zone(&zone).await).await.unwrap();
    world
}

#[tokio::test]
async fn a_month_and_a_hold_begin_and_end_with_the_days_of_the_time_zone() {
    let world = in_zone("Asia/Kolkata").await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    // 1:30 on 1 November in Kolkata, which is still October in London.
    let night = start_of("2026-11").plus_millis(-4 * HOUR_MS);
    world.set_clock(night.plus_millis(-3 * HOUR_MS));
    world.set_plan(Plan { hold: HoldDays::new(1).unwrap(), ..Plan::default() }).await;
    world.buy(buyer.user.id, "2000").await;
    world.set_clock(night);
    let bought = world.buy(buyer.user.id, "4000").await.purchase;
    assert_eq!(figures(&world, asha.user.id, "2026-10").await, ("0.00", vec![(1, "100.00")], "100.00"));
    assert_eq!(figures(&world, asha.user.id, "2026-11").await, ("100.00", vec![(2, "300.00")], "300.00"));
    // Midnight in Kolkata lies five and a half hours before that of UTC.
    let next_midnight = start_of("2026-11").plus_millis(DAY_MS - 11 * HOUR_MS / 2);
    assert_eq!(bought.matures_at, Some(next_midnight));
    for (at, available) in [(next_midnight.plus_millis(-1), "100.00"), (next_midnight, "300.00")] {
        world.set_clock(at);
        let due =
            app::payouts::preview(&world.app, &ADMIN, domain::Money::from_paise(1), Order::default(), 9);
        assert_eq!(due.await.unwrap().total.to_string(), available);
    }
    world.refund(bought.id, "4000").await;
    world.books_are_right().await;
}

#[tokio::test]
async fn a_time_zone_counts_from_the_next_month_on() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let unknown = set_time_zone(&world.app, &ADMIN, "Asia/Atlantis").await.unwrap_err();
    assert!(matches!(&unknown, SetTimeZoneError::Unknown(name) if name == "Asia/Atlantis"), "{unknown:?}");
    set_time_zone(&world.app, &ADMIN, "Asia/Tokyo").await.unwrap();
    let zone = set_time_zone(&world.app, &ADMIN, "america/new_york").await.unwrap();
    assert_eq!((zone.name.as_str(), zone.from), ("America/New_York", named("2026-02")));
    // January ends with midnight in New York, five hours later.
    for hours in [-1, 4, 5] {
        world.set_clock(start_of("2026-02").plus_millis(hours * HOUR_MS));
        world.buy(buyer.user.id, "2000").await;
    }
    assert_eq!(
        figures(&world, asha.user.id, "2026-01").await,
        ("0.00", vec![(1, "100.00"), (2, "200.00")], "200.00")
    );
    assert_eq!(figures(&world, asha.user.id, "2026-02").await, ("200.00", vec![(3, "300.00")], "300.00"));
    let statement = |name| month(&world.app, &ADMIN, asha.user.id, Some(named(name)));
    assert_eq!(statement("2026-01").await.unwrap().month.time_zone, "UTC");
    assert_eq!(statement("2026-02").await.unwrap().month.time_zone, "America/New_York");
    world.books_are_right().await;
}
