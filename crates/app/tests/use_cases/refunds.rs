//! Refunds: what they take back, and that it does not matter how they come.

mod any_order;

use app::ReadError;
use app::refunds::{self, NewRefund, RefundError};
use domain::{HoldDays, Levels, Money, Plan, Purchase, PurchaseId, Rate, UserId};
use store::{Held, Member};

use crate::world::{ADMIN, START, World, money, reference, seconds};

const DAY: u64 = 24 * 60 * 60;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn levels(rates: &[&str]) -> Levels {
    rates.iter().map(|rate| rate.parse().unwrap()).collect::<Vec<Rate>>().try_into().unwrap()
}

async fn refund(world: &World, new: NewRefund) -> Result<(refunds::Refunded, bool), RefundError> {
    refunds::refund(&world.app, &ADMIN, new).await
}

fn part(purchase: PurchaseId, amount: &str) -> NewRefund {
    NewRefund { purchase: purchase.into(), amount: money(amount), reference: None }
}

/// Three earners above a buyer who bought for this much.
async fn sold(amount: &str) -> (World, [Member; 4], Purchase) {
    let world = World::new().await;
    let chain = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    let purchase = world.buy(chain[3].user.id, amount).await.purchase;
    (world, chain, purchase)
}

#[tokio::test]
async fn each_refund_takes_what_is_no_longer_due() {
    let (world, [_, asha, bina, _], purchase) = sold("2001.30").await;
    for (amount, net, taken, balances) in [
        ("1.30", "2000.00", vec![(1, "0.07"), (2, "0.01")], ["100.00", "20.00"]),
        ("0.01", "1999.99", vec![], ["100.00", "20.00"]),
        ("999.98", "1000.01", vec![(1, "50.00"), (2, "10.00")], ["50.00", "10.00"]),
        ("0.01", "1000.00", vec![(1, "50.00"), (2, "10.00")], ["0.00", "0.00"]),
        ("1000.00", "0.00", vec![], ["0.00", "0.00"]),
    ] {
        let refunded = world.refund(purchase.id, amount).await;
        let told: Vec<_> =
            refunded.reversals.iter().map(|r| (r.decision.level.number(), r.amount.to_string())).collect();
        let taken: Vec<_> = taken.into_iter().map(|(level, amount)| (level, amount.to_owned())).collect();
        assert_eq!((refunded.refund.net.to_string().as_str(), told), (net, taken), "{amount}");
        let found = [world.balance(bina.user.id).await, world.balance(asha.user.id).await];
        assert_eq!(found, balances, "{amount}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_full_refund_nets_to_nothing_everywhere() {
    let (world, chain, purchase) = sold("123456.78").await;
    for amount in ["0.01", "99.99", "122000", "1356.78"] {
        world.refund(purchase.id, amount).await;
    }
    for member in &chain {
        let totals = world.account(member.user.id).await.totals;
        assert_eq!(
            (totals.earnings(), totals.balance()),
            (Money::ZERO, Money::ZERO),
            "{:?}",
            member.user.name
        );
        assert_eq!(totals.commissions(), totals.reversed);
    }
    let sources = world.app.store().read(async move |view| view.scan_sources((UserId::new(0), 0), 9).await);
    assert!(sources.await.unwrap().iter().all(|source| source.amount == Money::ZERO));
    world.books_are_right().await;
}

#[tokio::test]
async fn whoever_is_not_active_by_now_gives_back_and_whoever_was_not_does_not() {
    let world = World::new().await;
    let [asha, bina, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    world.set_active(asha.user.id, false).await;
    let purchase = world.buy(buyer.user.id, "2000").await.purchase;
    world.set_active(asha.user.id, true).await;
    world.set_active(bina.user.id, false).await;
    let refunded = world.refund(purchase.id, "2000").await;
    let taken: Vec<_> = refunded.reversals.iter().map(|r| (r.earner, r.amount)).collect();
    assert_eq!(taken, [(bina.user.id, money("100"))]);
    assert_eq!(world.account(asha.user.id).await.seq, 0, "nothing to take back, no line");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_purchase_keeps_its_plan_whatever_the_plan_is_by_now() {
    let (world, [root, asha, bina, buyer], purchase) = sold("2000").await;
    world.advance(seconds(1));
    let cap = Some(money("10"));
    let later = Plan { levels: levels(&["1%", "1%", "1%"]), max_commission: cap, ..Plan::default() };
    world.set_plan(later).await;
    let second = world.buy(buyer.user.id, "2000").await.purchase;
    world.refund(purchase.id, "500").await;
    world.refund(second.id, "500").await;
    // 5 % and 1 % of 1500.00, and thrice the cap.
    for (member, balance) in [(bina, "85.00"), (asha, "25.00"), (root, "10.00")] {
        assert_eq!(world.balance(member.user.id).await, balance);
    }
    world.refund(purchase.id, "1500").await;
    world.refund(second.id, "1500").await;
    for member in [UserId::new(1), UserId::new(2), UserId::new(3)] {
        assert_eq!(world.balance(member).await, "0.00");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn what_is_taken_back_is_held_until_the_day_of_what_it_takes_back() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.set_plan(Plan { hold: HoldDays::new(10).unwrap(), ..Plan::default() }).await;
    let first = world.buy(buyer.user.id, "2000").await.purchase;
    world.advance(seconds(3 * DAY));
    world.buy(buyer.user.id, "3000").await;
    // The plan holds nothing by now, but this purchase keeps its own.
    world.advance(seconds(1));
    world.set_plan(Plan::default()).await;
    world.refund(first.id, "500").await;
    let held = async || {
        let held = world.app.store().read(async move |view| view.scan_held((UserId::new(0), START), 9).await);
        held.await.unwrap()
    };
    let [tenth, thirteenth] = [10, 13].map(|days| START.plus_millis(days * DAY_MS));
    let of = |matures_at, amount| Held { user: asha.user.id, matures_at, amount: money(amount) };
    assert_eq!(held().await, [of(tenth, "75"), of(thirteenth, "150")]);

    world.advance(seconds(7 * DAY));
    let available = async || world.pay_out().await.map(|run| run.total.to_string());
    assert_eq!(available().await.unwrap(), "75.00", "its day has come");
    world.refund(first.id, "1500").await;
    assert_eq!(world.balance(asha.user.id).await, "75.00", "150.00 on hold, less 75.00 that were paid");
    assert!(available().await.is_err(), "what she owes is taken from what is free first");
    world.advance(seconds(3 * DAY));
    assert_eq!(available().await.unwrap(), "75.00");
    world.books_are_right().await;
}

#[tokio::test]
async fn what_cannot_be_refunded_says_why() {
    let (world, [.., buyer], purchase) = sold("2000").await;
    let other = world.buy(buyer.user.id, "3000").await.purchase;
    let error = refund(&world, part(PurchaseId::new(404), "1")).await.unwrap_err();
    assert!(matches!(error, RefundError::PurchaseNotFound(id) if id.get() == 404), "{error:?}");
    let error = refund(&world, part(purchase.id, "2000.01")).await.unwrap_err();
    assert!(matches!(error, RefundError::ExceedsPurchase(left) if left == money("2000")), "{error:?}");

    let named = |new: NewRefund| NewRefund { reference: Some(reference("return-1")), ..new };
    let (first, replayed) = refund(&world, named(part(purchase.id, "1500"))).await.unwrap();
    assert!(!replayed);
    let error = refund(&world, part(purchase.id, "500.01")).await.unwrap_err();
    assert!(matches!(error, RefundError::ExceedsPurchase(left) if left == money("500")), "{error:?}");
    for new in [part(purchase.id, "1499"), part(other.id, "1500"), part(PurchaseId::new(404), "1500")] {
        let error = refund(&world, named(new)).await.unwrap_err();
        assert!(matches!(error, RefundError::ReferenceReused(..)), "{error:?}");
    }
    world.refund(purchase.id, "500").await;
    let (again, replayed) = refund(&world, named(part(purchase.id, "1500"))).await.unwrap();
    assert_eq!((again.refund, again.reversals, replayed), (first.refund, first.reversals, true));

    let error = refunds::list(&world.app, &ADMIN, PurchaseId::new(404)).await.unwrap_err();
    assert!(matches!(error, ReadError::PurchaseNotFound(_)), "{error:?}");
    let list = refunds::list(&world.app, &ADMIN, purchase.id).await.unwrap();
    let amounts: Vec<_> = list.iter().map(|refunded| refunded.refund.amount).collect();
    assert_eq!(amounts, [money("1500"), money("500")]);
    assert!(refunds::list(&world.app, &ADMIN, other.id).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_of_one_purchase_on_two_nodes_never_take_more_than_it_was() {
    let (world, [_, asha, bina, _], purchase) = sold("2000").await;
    let other = world.another_app().await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..32 {
        let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
        racing.spawn(async move { refunds::refund(&app, &ADMIN, part(purchase.id, "300")).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 6);
    let refused = answers.iter().filter(|answer| matches!(answer, Err(RefundError::ExceedsPurchase(_))));
    assert_eq!(refused.count(), 26);
    assert_eq!(world.balance(bina.user.id).await, "0.00", "200.00 is left, which is below the threshold");
    assert_eq!(world.account(asha.user.id).await.totals.reversed, money("20"));
    world.books_are_right().await;
}
