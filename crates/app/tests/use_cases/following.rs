//! Following a ledger: every line once, in order, whatever happens in between.

use std::time::Duration;

use app::App;
use app::feed::{Stream, follow, follow_purchases};
use app::purchases::{NewPurchase, record, record_batch};
use domain::UserId;
use store::{LedgerLine, Store};

use crate::world::{ADMIN, World, sale};

/// Longer than a follower may need to notice anything.
const PATIENCE: Duration = Duration::from_secs(5);

async fn next(stream: &mut Stream) -> LedgerLine {
    tokio::time::timeout(PATIENCE, stream.next()).await.expect("a line comes in time").unwrap()
}

/// The `seq` of the next lines.
async fn seqs(stream: &mut Stream, count: usize) -> Vec<i64> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        seqs.push(next(stream).await.entry.seq);
    }
    seqs
}

/// Fails when another line comes.
async fn nothing_more(stream: &mut Stream) {
    let more = tokio::time::timeout(Duration::from_millis(300), stream.next()).await;
    assert!(more.is_err(), "{more:?}");
}

/// An earner, a buyer below her, and a world around them.
async fn world() -> (World, UserId, UserId) {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    (world, asha.user.id, buyer.user.id)
}

async fn buy(world: &World, buyer: UserId, times: usize) {
    for _ in 0..times {
        world.buy(buyer, "2000").await;
    }
}

async fn stream(app: &App, user: UserId, after: Option<i64>) -> Stream {
    follow(app, &ADMIN, user, after).await.unwrap().0
}

#[tokio::test]
async fn a_follower_gets_every_line_from_now_on() {
    let (world, asha, buyer) = world().await;
    buy(&world, buyer, 3).await;
    let (mut stream, head) = follow(&world.app, &ADMIN, asha, None).await.unwrap();
    assert_eq!(head, 3);
    let sold = world.buy(buyer, "1000.10").await.purchase;
    let line = next(&mut stream).await;
    assert_eq!((line.entry.seq, line.entry.amount.to_string().as_str()), (4, "50.01"));
    assert_eq!((line.entry.origin().unwrap().purchase, line.from_user.unwrap().as_str()), (sold.id, "Buyer"));
    assert_eq!(line.entry.totals.balance().to_string(), "350.01");
    nothing_more(&mut stream).await;
}

#[tokio::test]
async fn a_follower_may_begin_after_any_line() {
    let (world, asha, buyer) = world().await;
    buy(&world, buyer, 3).await;
    for (after, missed) in
        [(Some(-1), &[1, 2, 3][..]), (Some(0), &[1, 2, 3]), (Some(2), &[3]), (Some(3), &[]), (Some(99), &[])]
    {
        let (mut stream, head) = follow(&world.app, &ADMIN, asha, after).await.unwrap();
        assert_eq!(head, 3);
        assert_eq!(seqs(&mut stream, missed.len()).await, missed, "after {after:?}");
    }
    let mut late = stream(&world.app, asha, Some(1)).await;
    buy(&world, buyer, 2).await;
    assert_eq!(seqs(&mut late, 4).await, [2, 3, 4, 5]);
    nothing_more(&mut late).await;
}

#[tokio::test]
async fn a_follower_may_begin_many_pages_ago() {
    let (world, asha, buyer) = world().await;
    let (sales, now) = (vec![sale(buyer, "2000"); 250], world.app.now());
    world.app.store().write(async move |tx| record_batch(tx, now, &sales).await).await.unwrap();
    let mut stream = stream(&world.app, asha, Some(0)).await;
    assert_eq!(seqs(&mut stream, 250).await, (1..=250).collect::<Vec<_>>());
    nothing_more(&mut stream).await;
}

#[tokio::test]
async fn a_follower_who_was_not_looking_misses_nothing() {
    let (world, asha, buyer) = world().await;
    let mut stream = stream(&world.app, asha, None).await;
    let mut last = 0;
    // Fewer than are kept for her, more than are kept, more than one page of the ledger.
    for count in [3, 40, 120, 1] {
        buy(&world, buyer, count).await;
        let expected: Vec<_> = (last + 1..).take(count).collect();
        assert_eq!(seqs(&mut stream, count).await, expected);
        last = *expected.last().unwrap();
    }
    nothing_more(&mut stream).await;
}

#[tokio::test]
async fn lines_that_come_while_she_catches_up_come_once() {
    let (world, asha, buyer) = world().await;
    let mut stream = stream(&world.app, asha, None).await;
    buy(&world, buyer, 40).await;
    let mut seen = seqs(&mut stream, 20).await;
    buy(&world, buyer, 5).await;
    seen.extend(seqs(&mut stream, 25).await);
    assert_eq!(seen, (1..=45).collect::<Vec<_>>());
    nothing_more(&mut stream).await;
}

#[tokio::test]
async fn two_followers_of_one_member_both_get_everything() {
    let (world, asha, buyer) = world().await;
    let mut first = stream(&world.app, asha, None).await;
    let mut second = stream(&world.app, asha, None).await;
    buy(&world, buyer, 2).await;
    assert_eq!((seqs(&mut first, 2).await, seqs(&mut second, 2).await), (vec![1, 2], vec![1, 2]));
    drop(first);
    buy(&world, buyer, 2).await;
    assert_eq!(seqs(&mut second, 2).await, [3, 4], "one leaves, the other stays");
    drop(second);
    let mut third = stream(&world.app, asha, None).await;
    buy(&world, buyer, 1).await;
    assert_eq!(seqs(&mut third, 1).await, [5], "and somebody may come after all have left");
}

#[tokio::test]
async fn ledgers_do_not_mix() {
    let world = World::new().await;
    let [root, asha, buyer] = world.chain(["Root", "Asha", "Buyer"]).await;
    let mut roots = stream(&world.app, root.user.id, None).await;
    let mut ashas = stream(&world.app, asha.user.id, None).await;
    world.buy(buyer.user.id, "2000").await;
    world.buy(asha.user.id, "2000").await;
    assert_eq!(seqs(&mut roots, 2).await, [1, 2]);
    let line = next(&mut ashas).await;
    assert_eq!((line.entry.user, line.entry.amount.to_string().as_str()), (asha.user.id, "100.00"));
    nothing_more(&mut ashas).await;
}

#[tokio::test]
async fn a_line_that_another_process_wrote_is_seen() {
    let (world, asha, buyer) = world().await;
    let mut stream = stream(&world.app, asha, None).await;
    let outside = Store::open(&world.database).await.unwrap();
    for seq in 1..=3 {
        tokio::time::sleep(Duration::from_millis(20)).await; // the lookout has looked once
        write_outside(&outside, world.app.now(), buyer).await;
        assert_eq!(seqs(&mut stream, 1).await, [seq]);
    }
    nothing_more(&mut stream).await;
}

#[tokio::test]
async fn lines_of_two_nodes_come_in_the_order_of_the_ledger() {
    let (world, asha, buyer) = world().await;
    let other = world.another_app().await;
    let mut here = stream(&world.app, asha, None).await;
    let mut there = stream(&other, asha, None).await;
    for _ in 0..5 {
        app::purchases::record(&other, &ADMIN, sale(buyer, "2000")).await.unwrap();
        buy(&world, buyer, 1).await;
    }
    let all: Vec<_> = (1..=10).collect();
    assert_eq!(seqs(&mut here, 10).await, all);
    assert_eq!(seqs(&mut there, 10).await, all);
    nothing_more(&mut here).await;
}

#[tokio::test]
async fn what_another_process_writes_while_the_app_starts_is_seen() {
    let (world, asha, buyer) = world().await;
    let starting = world.another_app().await;
    let mut stream = stream(&starting, asha, None).await;
    // Before the new node's own tasks have run for the first time.
    let (database, now) = (world.database.clone(), world.app.now());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let outside = Store::open(&database).await.unwrap();
            write_outside(&outside, now, buyer).await;
        });
    })
    .join()
    .unwrap();
    assert_eq!(seqs(&mut stream, 1).await, [1]);
}

async fn write_outside(store: &Store, now: domain::Timestamp, buyer: UserId) {
    let sales: [NewPurchase; 1] = [sale(buyer, "2000")];
    store.write(async move |tx| record_batch(tx, now, &sales).await).await.unwrap();
}

#[tokio::test]
async fn purchases_are_followed_as_they_are_committed() {
    let (world, _, buyer) = world().await;
    world.buy(buyer, "5").await;
    let mut purchases = follow_purchases(&world.app, &ADMIN).await.unwrap();
    let sold = world.buy(buyer, "6").await.purchase;
    let seen = purchases.recv().await.unwrap();
    assert_eq!((&seen.0, seen.1.as_str()), (&sold, "Buyer"));
    assert!(purchases.try_recv().is_err());
}

#[tokio::test]
async fn purchases_are_followed_on_whichever_node_they_are_recorded() {
    let (world, _, buyer) = world().await;
    world.buy(buyer, "5").await;
    let mut purchases = follow_purchases(&world.app, &ADMIN).await.unwrap();
    let other = world.another_app().await;
    let mut expected = Vec::new();
    for app in [&other, &world.app, &other, &world.app] {
        expected.push(record(app, &ADMIN, sale(buyer, "6")).await.unwrap().purchase.id);
    }
    let mut seen = Vec::new();
    while seen.len() < expected.len() {
        let next = tokio::time::timeout(PATIENCE, purchases.recv()).await;
        let next = next.unwrap_or_else(|_| panic!("only {seen:?} of {expected:?}"));
        seen.push(next.unwrap().0.id);
    }
    seen.sort_unstable();
    assert_eq!(seen, expected, "each once, though this node's own may come first");
    let more = tokio::time::timeout(Duration::from_millis(600), purchases.recv()).await;
    assert!(more.is_err(), "{more:?}");
}
