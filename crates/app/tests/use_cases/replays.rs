//! References: the same purchase is recorded once, however often it is sent.

use std::sync::Arc;

use app::purchases::{self, NewPurchase, RecordError, Recorded};
use domain::UserId;
use tokio::task::JoinSet;

use crate::world::{ADMIN, World, money, sale, sale_as, seconds};

#[tokio::test]
async fn the_same_fields_get_the_same_purchase_whatever_happened_since() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let order = sale_as("order-1", buyer.user.id, "2000");
    let first = world.record(order.clone()).await.unwrap();
    let account = world.account(asha.user.id).await;

    world.advance(seconds(3_600));
    world.set_active(asha.user.id, false).await;
    let plan = domain::Plan { commission_above: money("5000"), ..domain::Plan::default() };
    world.set_plan(plan).await;
    let second = world.record(order.clone()).await.unwrap();

    assert_eq!((first.replayed, second.replayed), (false, true));
    assert_eq!(second.purchase, first.purchase);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), account.totals.commissions());
    assert_eq!(world.account(asha.user.id).await.seq, 1);
    for currency in ["INR", "EUR"] {
        let named = NewPurchase { currency: Some(currency.parse().unwrap()), ..order.clone() };
        assert!(world.record(named).await.unwrap().replayed, "the currency says nothing of it");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn other_fields_under_the_same_reference_are_refused() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.record(sale_as("order-1", buyer.user.id, "2000")).await.unwrap();
    for other in [
        sale_as("order-1", buyer.user.id, "2000.01"),
        sale_as("order-1", asha.user.id, "2000"),
        sale_as("order-1", UserId::new(404), "2000"),
    ] {
        let refused = world.record(other).await.unwrap_err();
        assert!(
            matches!(&refused, RecordError::ReferenceReused(r, _) if r.as_str() == "order-1"),
            "{refused:?}"
        );
    }
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("100"));
}

#[tokio::test]
async fn references_are_compared_letter_by_letter_and_a_sale_without_one_is_always_new() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    let sales = [sale_as("a", buyer, "5"), sale_as("A", buyer, "5"), sale(buyer, "5"), sale(buyer, "5")];
    for new in sales {
        assert!(!world.record(new).await.unwrap().replayed);
    }
}

#[tokio::test]
async fn a_refused_purchase_does_not_use_its_reference_up() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    assert!(world.record(sale_as("order-1", UserId::new(404), "5")).await.is_err());
    assert!(!world.record(sale_as("order-1", buyer, "5")).await.unwrap().replayed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_with_one_reference_have_one_effect_and_equal_answers() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let other = world.another_app().await;
    let mut requests = JoinSet::new();
    for number in 0..50 {
        let app = Arc::clone(if number % 2 == 0 { &world.app } else { &other });
        let order = sale_as("order-1", buyer.user.id, "2000");
        requests.spawn(async move { purchases::record(&app, &ADMIN, order).await.unwrap() });
    }
    let answers: Vec<Recorded> = requests.join_all().await;
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.purchase == answers[0].purchase));
    let account = world.account(asha.user.id).await;
    assert_eq!((account.seq, account.totals.commissions()), (1, money("100")));
    world.books_are_right().await;
}
