//! Sums that are too great to be counted: an error in words, never a wrong
//! number. The amounts are those that earlier releases took.

use app::adjustments::{self, AdjustError, NewAdjustment};
use app::payouts::{self, Order, PayoutError};
use app::purchases::{NewPurchase, Payer, RecordError};
use app::verify::{Rule, verify};
use app::{ReadError, StoreError, programme};
use domain::{Money, UserId};

use crate::world::{ADMIN, World, money, reference};

/// More than half of what can be counted.
const MOST: Money = Money::from_paise(i64::MAX / 2 + 1);

async fn credit(world: &World, user: UserId, amount: Money) -> Result<(), AdjustError> {
    let reason = "Taken over".parse().unwrap();
    let new = NewAdjustment { user, amount, reason, reference: None };
    adjustments::adjust(&world.app, &ADMIN, new).await.map(drop)
}

#[tokio::test]
async fn purchases_that_cannot_be_added_up_say_so_and_verify_goes_on() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    for _ in 0..2 {
        let sale = NewPurchase { payer: Payer::Elsewhere, ..NewPurchase::new(buyer.user.id, MOST) };
        world.record(sale).await.unwrap();
    }
    let refused = programme::totals(&world.app, &ADMIN).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the sum of all purchases is out of range: it would be more than 92233720368547758.07"
    );
    assert!(matches!(refused, ReadError::Store(StoreError::OutOfRange(_))), "{refused:?}");

    world.buy(buyer.user.id, "2000").await;
    assert_eq!(world.balance(asha.user.id).await, "100.00");
    let report = verify(world.app.store()).await.unwrap();
    let found: Vec<_> = report.breaches.iter().map(|breach| breach.rule).collect();
    assert_eq!((found, report.purchases, report.entries), (vec![Rule::Totals], 3, 1));
}

#[tokio::test]
async fn a_run_whose_total_cannot_be_counted_pays_nobody() {
    let world = World::new().await;
    for name in ["Asha", "Bina"] {
        let user = world.join(name, None).await.user.id;
        credit(&world, user, MOST).await.unwrap();
    }
    let refused = payouts::preview(&world.app, &ADMIN, money("1"), Order::User, 9).await.unwrap_err();
    assert!(refused.to_string().starts_with("the sum of all that is due is out of range"), "{refused}");
    let refused =
        payouts::make_run(&world.app, &ADMIN, money("1"), Some(reference("run-1"))).await.unwrap_err();
    assert!(matches!(refused, PayoutError::Store(StoreError::OutOfRange(_))), "{refused:?}");
    assert!(payouts::runs(&world.app, &ADMIN, None, 9).await.unwrap().is_empty());
    world.books_are_right().await;
}

#[tokio::test]
async fn a_line_that_is_too_much_for_its_account_is_refused_in_words_and_alone() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    credit(&world, asha.user.id, Money::from_paise(i64::MAX)).await.unwrap();
    let refused = credit(&world, asha.user.id, money("0.01")).await.unwrap_err();
    assert!(refused.to_string().starts_with("the sum of an account is out of range"), "{refused}");
    let refused = world.record(NewPurchase::new(buyer.user.id, money("2000"))).await.unwrap_err();
    assert!(matches!(refused, RecordError::Store(StoreError::OutOfRange(_))), "{refused:?}");
    world.buy(buyer.user.id, "1000").await;
    assert_eq!(world.account(asha.user.id).await.totals.adjusted, Money::from_paise(i64::MAX));
    world.books_are_right().await;
}
