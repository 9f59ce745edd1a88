//! Batches: many purchases in one transaction, each answered as if it were alone.

use std::sync::Arc;

use app::purchases::{self, Batch, NewPurchase, RecordError, record_batch};
use domain::{Cause, Money, Origin, UserId};
use store::NewAdjustment;
use tokio::task::JoinSet;

use crate::world::{ADMIN, World, money, sale, sale_as};

/// Records these in one transaction.
async fn in_one_batch(world: &World, sales: Vec<NewPurchase>) -> Batch {
    let now = world.app.now();
    world.app.store().write(async move |tx| record_batch(tx, now, &sales).await).await.unwrap()
}

/// `new 1`, `again 1` or the refusal, for each answer.
fn told(batch: &Batch) -> Vec<String> {
    let answers = batch.answers.iter().map(|answer| match answer {
        Ok(recorded) if recorded.replayed => format!("again {}", recorded.purchase.id),
        Ok(recorded) => format!("new {}", recorded.purchase.id),
        Err(RecordError::ReferenceReused(..)) => "reused".into(),
        Err(RecordError::UserNotFound(_)) => "nobody".into(),
        Err(RecordError::CurrencyMismatch { .. }) => "currency".into(),
        Err(error) => panic!("{error}"),
    });
    answers.collect()
}

#[tokio::test]
async fn twins_in_one_batch_are_recorded_once() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let id = buyer.user.id;
    let batch = in_one_batch(
        &world,
        vec![
            sale_as("a", id, "2000"),
            sale_as("b", id, "3000"),
            sale_as("a", id, "2000"),
            sale_as("a", id, "2001"),
            sale_as("b", asha.user.id, "3000"),
            sale_as("b", id, "3000"),
        ],
    )
    .await;
    assert_eq!(told(&batch), ["new 1", "new 2", "again 1", "reused", "reused", "again 2"]);
    let answer = |index: usize| batch.answers[index].as_ref().unwrap().purchase.clone();
    assert_eq!((answer(2), answer(5)), (answer(0), answer(1)));
    assert_eq!(batch.purchases.len(), 2);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("250"));
    world.books_are_right().await;
}

#[tokio::test]
async fn one_bad_purchase_disturbs_nobody() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let id = buyer.user.id;
    world.record(sale_as("old", id, "2000")).await.unwrap();
    let euros = NewPurchase { currency: Some("EUR".parse().unwrap()), ..sale(id, "2000") };
    let batch = in_one_batch(
        &world,
        vec![
            sale(id, "2000"),
            sale(UserId::new(404), "2000"),
            sale_as("old", id, "9"),
            euros,
            sale_as("old", id, "2000"),
            sale(id, "2000"),
        ],
    )
    .await;
    assert_eq!(told(&batch), ["new 2", "nobody", "reused", "currency", "again 1", "new 3"]);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("300"));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_lines_of_a_batch_come_by_ledger_and_carry_every_balance() {
    let world = World::new().await;
    let [root, asha, buyer] = world.chain(["Root", "Asha", "Buyer"]).await;
    let sales = vec![sale(buyer.user.id, "2000"), sale(asha.user.id, "4000"), sale(buyer.user.id, "6000")];
    let batch = in_one_batch(&world, sales).await;
    let line = |line: &store::LedgerLine| {
        let Origin { purchase, source, level } = line.entry.origin().unwrap();
        let from = line.from_user.as_ref().unwrap().to_string();
        (
            line.entry.user,
            line.entry.seq,
            line.entry.totals.balance().to_string(),
            purchase.get(),
            source,
            level.number(),
            from,
        )
    };
    let (root, asha, buyer) = (root.user.id, asha.user.id, buyer.user.id);
    let expected = [
        (root, 1, "20.00", 1, buyer, 2, "Buyer"),
        (root, 2, "220.00", 2, asha, 1, "Asha"),
        (root, 3, "280.00", 3, buyer, 2, "Buyer"),
        (asha, 1, "100.00", 1, buyer, 1, "Buyer"),
        (asha, 2, "400.00", 3, buyer, 1, "Buyer"),
    ]
    .map(|(user, seq, balance, purchase, source, level, from)| {
        (user, seq, balance.to_owned(), purchase, source, level, from.to_owned())
    });
    assert_eq!(batch.lines.iter().map(line).collect::<Vec<_>>(), expected);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_batch_may_be_empty_or_full() {
    let world = World::new().await;
    let [root, asha, buyer] = world.chain(["Root", "Asha", "Buyer"]).await;
    assert_eq!(told(&in_one_batch(&world, Vec::new()).await), [""; 0]);

    let sales = (0..1_024).map(|number| sale_as(&format!("order-{number}"), buyer.user.id, "2000"));
    let batch = in_one_batch(&world, sales.collect()).await;
    let expected: Vec<_> = (1..=1_024).map(|id| format!("new {id}")).collect();
    assert_eq!(told(&batch), expected);
    assert_eq!((batch.purchases.len(), batch.lines.len()), (1_024, 2_048));
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("102400"));
    assert_eq!(world.account(root.user.id).await.totals.commissions(), money("20480"));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_purchase_that_cannot_be_written_fails_alone() {
    let world = World::new().await;
    let [rich, buyer, poor, other] = world.chain(["Rich", "Buyer", "Poor", "Other"]).await;
    let rich = rich.user.id;
    // One more rupee, and her total leaves the range of what can be counted.
    world
        .app
        .store()
        .write(async move |tx| {
            let mut account = tx.lock_accounts(&[rich]).await?.remove(0);
            let almost = Money::from_paise(i64::MAX - 99);
            let at = domain::Timestamp::from_millis(0);
            let reason = "a gift".parse().unwrap();
            let gift = NewAdjustment { user: rich, amount: almost, reason, reference: None, created_at: at };
            let gift = Cause::Adjustment(tx.insert_adjustment(&gift).await?);
            let entry = account.post(gift, almost, domain::EntryTimes::at(at)).unwrap();
            tx.append_entries(&[entry]).await
        })
        .await
        .unwrap();

    let mut requests = JoinSet::new();
    for number in 0..41 {
        let app = Arc::clone(&world.app);
        let buyer = if number == 20 { buyer.user.id } else { other.user.id };
        requests.spawn(async move { (number, purchases::record(&app, &ADMIN, sale(buyer, "2000")).await) });
    }
    for (number, answer) in requests.join_all().await {
        match number {
            20 => assert!(matches!(answer, Err(RecordError::Store(_))), "{answer:?}"),
            _ => assert!(answer.is_ok(), "{answer:?}"),
        }
    }
    assert_eq!(world.account(poor.user.id).await.totals.commissions(), money("4000"));
    assert_eq!(world.account(rich).await.seq, 1);
    world.books_are_right().await;
}
