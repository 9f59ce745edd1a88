//! Stopping: what was accepted is recorded, and nothing is accepted after.

use std::sync::Arc;
use std::task::{Context, Waker};

use app::purchases::{self, RecordError, record};
use store::Store;
use tokio::task::JoinSet;

use crate::world::{ADMIN, World, money, sale, sale_as};

#[tokio::test]
async fn stopping_records_everything_that_was_accepted() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let mut requests: Vec<_> = (0..2_000)
        .map(|_| Box::pin(async { record(&world.app, &ADMIN, sale(buyer.user.id, "2000")).await }))
        .collect();
    for request in &mut requests {
        // One look at each: it stands in the queue, and nothing is on disk yet.
        assert!(request.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    world.app.stop().await;
    for request in requests {
        assert!(!request.await.unwrap().replayed);
    }
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("200000"));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_yes_is_on_disk_and_every_no_is_not() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    let mut requests = JoinSet::new();
    for number in 0..400 {
        let (app, sale) = (Arc::clone(&world.app), sale_as(&format!("order-{number}"), buyer, "2000"));
        requests.spawn(async move { (sale.reference.clone().unwrap(), record(&app, &ADMIN, sale).await) });
    }
    world.app.stop().await;
    let outside = Store::open(&world.database).await.unwrap();
    for (reference, answer) in requests.join_all().await {
        let known = reference.clone();
        let found =
            outside.read(async move |view| view.purchases_by_reference(&[&known]).await).await.unwrap();
        match answer {
            Ok(recorded) => assert_eq!(found[&reference], recorded.purchase),
            Err(RecordError::Overloaded) => assert!(found.is_empty()),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn nothing_is_accepted_after_the_stop_and_looking_still_works() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    world.app.stop().await;
    world.app.stop().await;
    assert!(matches!(world.record(sale(buyer, "5")).await, Err(RecordError::Overloaded)));
    assert_eq!(world.member(buyer).await.user.id, buyer);
}

#[tokio::test]
async fn a_caller_who_hangs_up_finds_her_purchase_when_she_retries() {
    let world = World::new().await;
    let buyer = world.join("Buyer", None).await.user.id;
    let order = sale_as("order-1", buyer, "2000");
    let request = tokio::spawn({
        let (app, order) = (Arc::clone(&world.app), order.clone());
        async move { record(&app, &ADMIN, order).await }
    });
    tokio::task::yield_now().await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    let found = world.record(order).await.unwrap().purchase;
    world.app.stop().await;
    let all = purchases::list(&world.app, &ADMIN, None, 9).await.unwrap();
    assert_eq!(all.into_iter().map(|(purchase, _)| purchase).collect::<Vec<_>>(), [found]);
}
