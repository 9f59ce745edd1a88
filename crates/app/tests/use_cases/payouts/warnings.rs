//! A sale that is refunded while its payout is pending is a warning of the run.

use app::payouts::{self, Settlement};
use domain::{HoldDays, PayoutId, PayoutRunId, PayoutStatus, PayoutWarning, Plan};

use crate::world::{ADMIN, START, World, made, money, sale, seconds};

const DAY: u64 = 24 * 60 * 60;

/// Whom and how much the warnings of a run concern, and how her payout stands.
async fn told(world: &World, run: i64) -> Vec<(String, String, PayoutStatus)> {
    let warnings = payouts::warnings(&world.app, &ADMIN, PayoutRunId::new(run), 99).await.unwrap();
    let told = |noted: &app::NotedPayoutWarning| {
        assert_eq!(noted.kind, PayoutWarning::RefundedSale);
        (noted.user_name.to_string(), noted.amount.to_string(), noted.status)
    };
    warnings.iter().map(told).collect()
}

fn of(name: &str, amount: &str, status: PayoutStatus) -> (String, String, PayoutStatus) {
    (name.to_owned(), amount.to_owned(), status)
}

#[tokio::test]
async fn a_late_sale_under_an_earlier_plan_is_told_on_the_next_run_and_on_no_other() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.advance(seconds(5 * DAY));
    world.set_plan(Plan { commission_above: money("100"), ..Plan::default() }).await;
    world.advance(seconds(DAY));
    let late = made(START, sale(buyer.user.id, "2000"));
    let recorded = world.record(late).await.unwrap().purchase;
    assert_eq!((recorded.plan.get(), recorded.present_plan.map(domain::PlanVersion::get)), (1, Some(2)));
    world.record(made(world.app.now(), sale(buyer.user.id, "3000"))).await.unwrap();
    world.pay_out().await.unwrap();
    let warnings = payouts::warnings(&world.app, &ADMIN, PayoutRunId::new(1), 99).await.unwrap();
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert_eq!((warning.kind, warning.purchase), (PayoutWarning::BackdatedSale, recorded.id));
    assert_eq!((warning.user_name.as_str(), warning.amount), ("Asha", money("100")));
    world.buy(buyer.user.id, "2000").await;
    world.pay_out().await.unwrap();
    assert_eq!(payouts::warnings(&world.app, &ADMIN, PayoutRunId::new(2), 99).await.unwrap(), []);
    world.books_are_right().await;
}

async fn settle(world: &World, payout: i64, settlement: Settlement) {
    payouts::settle(&world.app, &ADMIN, PayoutId::new(payout), settlement).await.unwrap();
}

#[tokio::test]
async fn each_refund_is_told_at_every_pending_payout_that_it_concerns() {
    let world = World::new().await;
    let [_, _, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    let sale = world.buy(buyer.user.id, "4000").await.purchase.id;
    world.pay_out().await.unwrap();
    assert_eq!(told(&world, 1).await, []);
    world.refund(sale, "2000").await;
    let pending = PayoutStatus::Pending;
    assert_eq!(told(&world, 1).await, [of("Bina", "100.00", pending), of("Asha", "20.00", pending)]);
    settle(&world, 1, Settlement::Paid).await;
    world.refund(sale, "2000").await;
    let expected = [
        of("Bina", "100.00", pending),
        of("Asha", "20.00", PayoutStatus::Paid),
        of("Bina", "100.00", pending),
    ];
    assert_eq!(told(&world, 1).await, expected, "what was paid is paid, and no news");
    settle(&world, 2, Settlement::Failed("too late".parse().unwrap())).await;
    assert_eq!(told(&world, 1).await, [of("Asha", "20.00", PayoutStatus::Paid)], "her money is back");
    world.books_are_right().await;
}

#[tokio::test]
async fn only_the_payout_that_pays_for_the_sale_is_warned_of() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    let first = world.buy(buyer.user.id, "2000").await.purchase.id;
    world.pay_out().await.unwrap();
    let second = world.buy(buyer.user.id, "3000").await.purchase.id;
    world.pay_out().await.unwrap();
    let third = world.buy(buyer.user.id, "4000").await.purchase.id;
    world.refund(third, "4000").await;
    assert_eq!((told(&world, 1).await, told(&world, 2).await), (vec![], vec![]), "nobody is paid for it yet");
    world.refund(second, "3000").await;
    assert_eq!(told(&world, 1).await, []);
    assert_eq!(told(&world, 2).await, [of("Asha", "150.00", PayoutStatus::Pending)]);
    world.advance(seconds(1));
    settle(&world, 1, Settlement::Failed("account closed".parse().unwrap())).await;
    world.advance(seconds(1));
    // What came back of the first goes out again with the third.
    let third = world.pay_out().await;
    assert!(third.is_err(), "it only makes up for the refund: {third:?}");
    world.buy(buyer.user.id, "5000").await;
    world.pay_out().await.unwrap();
    world.refund(first, "2000").await;
    assert_eq!(told(&world, 3).await, [of("Asha", "100.00", PayoutStatus::Pending)]);
    assert_eq!(told(&world, 1).await, []);
    world.books_are_right().await;
}

#[tokio::test]
async fn what_was_on_hold_is_not_in_the_payout() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.set_plan(Plan { hold: HoldDays::new(2).unwrap(), ..Plan::default() }).await;
    let early = world.buy(buyer.user.id, "2000").await.purchase.id;
    world.advance(seconds(2 * DAY));
    let late = world.buy(buyer.user.id, "3000").await.purchase.id;
    assert_eq!(world.pay_out().await.unwrap().total, money("100"));
    world.refund(late, "3000").await;
    assert_eq!(told(&world, 1).await, []);
    world.refund(early, "500").await;
    assert_eq!(told(&world, 1).await, [of("Asha", "25.00", PayoutStatus::Pending)]);
}

#[tokio::test]
async fn a_sale_that_came_after_the_run_is_not_behind_it_whatever_the_clock_said() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    world.pay_out().await.unwrap();
    world.set_clock(crate::world::START.plus_millis(-1_000_000));
    let after = world.buy(buyer.user.id, "3000").await.purchase.id;
    world.refund(after, "3000").await;
    assert_eq!(told(&world, 1).await, []);
}
