//! Adjustments: balances corrected by hand, once and with a reason.

use app::adjustments::{AdjustError, NewAdjustment, adjust};
use domain::{Money, UserId};

use crate::world::{ADMIN, World, money, reference};

/// Money added to a balance.
pub(crate) fn credit(user: UserId, amount: &str) -> NewAdjustment {
    NewAdjustment { user, amount: money(amount), reason: "thanks".parse().unwrap(), reference: None }
}

fn debit(user: UserId, amount: &str) -> NewAdjustment {
    let amount = Money::ZERO.checked_sub(money(amount)).unwrap();
    NewAdjustment { amount, reason: "fee".parse().unwrap(), ..credit(user, "1") }
}

#[tokio::test]
async fn a_balance_goes_up_and_down_and_below_nothing() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    for (new, balance) in [
        (credit(asha.user.id, "5.50"), "105.50"),
        (debit(asha.user.id, "105.50"), "0.00"),
        (debit(asha.user.id, "0.01"), "-0.01"),
    ] {
        let (adjustment, replayed) = adjust(&world.app, &ADMIN, new.clone()).await.unwrap();
        assert_eq!((adjustment.amount, &adjustment.reason, replayed), (new.amount, &new.reason, false));
        assert_eq!(world.balance(asha.user.id).await, balance);
    }
    let totals = world.account(asha.user.id).await.totals;
    assert_eq!((totals.adjusted.to_string().as_str(), totals.earnings()), ("-100.01", money("100")));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_credit_is_paid_out_and_a_debit_is_kept_from_what_is() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    adjust(&world.app, &ADMIN, credit(asha.user.id, "10")).await.unwrap();
    adjust(&world.app, &ADMIN, debit(asha.user.id, "4")).await.unwrap();
    adjust(&world.app, &ADMIN, debit(bina.user.id, "4")).await.unwrap();
    let run = world.pay_out().await.unwrap();
    assert_eq!((run.payouts, run.total), (1, money("6")));
    world.books_are_right().await;
}

#[tokio::test]
async fn an_adjustment_is_made_once_for_each_reference() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    let named = |new: NewAdjustment| NewAdjustment { reference: Some(reference("spring")), ..new };
    let (first, _) = adjust(&world.app, &ADMIN, named(credit(asha.user.id, "5"))).await.unwrap();
    let again = adjust(&world.app, &ADMIN, named(credit(asha.user.id, "5"))).await.unwrap();
    assert_eq!(again, (first, true));
    let reworded = NewAdjustment { reason: "another".parse().unwrap(), ..named(credit(asha.user.id, "5")) };
    for other in [
        named(credit(asha.user.id, "5.01")),
        named(debit(asha.user.id, "5")),
        named(credit(bina.user.id, "5")),
        named(credit(UserId::new(404), "5")),
        reworded,
    ] {
        let error = adjust(&world.app, &ADMIN, other).await.unwrap_err();
        assert!(matches!(error, AdjustError::ReferenceReused(..)), "{error:?}");
    }
    assert_eq!(world.balance(asha.user.id).await, "5.00");
    let error = adjust(&world.app, &ADMIN, credit(UserId::new(404), "5")).await.unwrap_err();
    assert!(matches!(error, AdjustError::UserNotFound(user) if user.get() == 404), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_with_one_reference_one_is_made() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    let other = world.another_app().await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
        let user = if number % 4 < 2 { asha.user.id } else { bina.user.id };
        let new = NewAdjustment { reference: Some(reference("spring")), ..credit(user, "5") };
        racing.spawn(async move { adjust(&app, &ADMIN, new).await });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().flatten().filter(|(_, replayed)| !replayed).count(), 1);
    assert_eq!(answers.iter().flatten().count(), 8, "all who asked for the same");
    let refused = answers.iter().filter(|answer| matches!(answer, Err(AdjustError::ReferenceReused(..))));
    assert_eq!(refused.count(), 8);
    let balances = [world.balance(asha.user.id).await, world.balance(bina.user.id).await];
    assert!(balances.contains(&"5.00".into()) && balances.contains(&"0.00".into()), "{balances:?}");
    world.books_are_right().await;
}
