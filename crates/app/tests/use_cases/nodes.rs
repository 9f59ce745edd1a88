//! Several nodes on one database: whatever they do at the same time, the books
//! are as if it had been done one after another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::App;
use app::feed::follow;
use app::members::{MemberChange, RegisterError, change, register};
use app::plans;
use app::purchases::{RecordError, record};
use app::refunds::{NewRefund, refund};
use domain::{Plan, ReferralCode, UserId};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::world::{ADMIN, World, money, newcomer, reference, sale, sale_as};

/// Two nodes, a member, and two buyers below her.
async fn two_nodes() -> (World, [Arc<App>; 2], UserId, [UserId; 2]) {
    let world = World::new().await;
    let [_, asha, bina] = world.chain(["Root", "Asha", "Bina"]).await;
    let chetan = world.join("Chetan", &asha).await;
    let nodes = [Arc::clone(&world.app), world.another_app().await];
    (world, nodes, asha.user.id, [bina.user.id, chetan.user.id])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_purchase_knows_who_was_active_when_it_was_recorded() {
    let (world, nodes, asha, buyers) = two_nodes().await;
    let mut work = JoinSet::new();
    for number in 0..80 {
        let (app, buyer) = (Arc::clone(&nodes[number % 2]), buyers[number / 2 % 2]);
        work.spawn(async move { record(&app, &ADMIN, sale(buyer, "2000")).await.map(drop).unwrap() });
        if number % 4 == 0 {
            let (app, active) = (Arc::clone(&nodes[number / 4 % 2]), number % 8 != 0);
            work.spawn(async move {
                drop(change(&app, &ADMIN, asha, MemberChange::active(active)).await.unwrap());
            });
        }
    }
    work.join_all().await;
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_that_both_are_given_has_one_effect() {
    let (world, nodes, asha, [buyer, _]) = two_nodes().await;
    let mut work = JoinSet::new();
    for number in 0..60 {
        for app in &nodes {
            let (app, order) = (Arc::clone(app), sale_as(&format!("order-{number}"), buyer, "2000"));
            work.spawn(async move { record(&app, &ADMIN, order).await });
        }
    }
    let answers: Vec<_> = work.join_all().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|recorded| !recorded.replayed).count(), 60);
    assert_eq!(world.account(asha).await.totals.commissions(), money("6000"));
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_purchase_disturbs_nobody_on_another_node() {
    let (world, nodes, _, [buyer, _]) = two_nodes().await;
    let mut work = JoinSet::new();
    for number in 0..40 {
        for (node, amount) in nodes.iter().zip(["2000", "3000"]) {
            let (app, order) = (Arc::clone(node), sale_as(&format!("order-{number}"), buyer, amount));
            work.spawn(async move { record(&app, &ADMIN, order).await.map(|recorded| recorded.replayed) });
        }
    }
    let mut recorded = 0;
    for answer in work.join_all().await {
        match answer {
            Ok(false) => recorded += 1,
            Err(RecordError::ReferenceReused(..)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(recorded, 40);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_a_limit_on_both() {
    let (world, nodes, _, _) = two_nodes().await;
    let code: ReferralCode = world.join("Divya", None).await.user.code;
    let mut work = JoinSet::new();
    for number in 0..32 {
        let app = Arc::clone(&nodes[number % 2]);
        let new = newcomer(&format!("Newcomer {number}"), Some(code));
        work.spawn(async move { register(&app, &app::Caller::Anonymous, new).await.map(drop) });
    }
    let mut joined = 0;
    for answer in work.join_all().await {
        match answer {
            Ok(()) => joined += 1,
            Err(RegisterError::ReferralLimitReached(8)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(joined, 8);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_of_one_purchase_never_exceed_it() {
    let (world, nodes, _, [buyer, _]) = two_nodes().await;
    let purchase = world.buy(buyer, "2000").await.purchase.id;
    let mut work = JoinSet::new();
    for number in 0..16 {
        let app = Arc::clone(&nodes[number % 2]);
        let reference = Some(reference(&format!("return-{number}")));
        let new = NewRefund { purchase: purchase.into(), amount: money("300"), reference };
        work.spawn(async move { refund(&app, &ADMIN, new).await.is_ok() });
    }
    let refunded = work.join_all().await.into_iter().filter(|refunded| *refunded).count();
    assert_eq!(refunded, 6, "six times 300 of 2000");
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_keeps_the_plan_of_its_time_while_plans_are_set() {
    let (world, nodes, _, buyers) = two_nodes().await;
    let mut work = JoinSet::new();
    for number in 0..60 {
        let (app, buyer) = (Arc::clone(&nodes[number % 2]), buyers[number / 2 % 2]);
        work.spawn(async move { record(&app, &ADMIN, sale(buyer, "2000")).await.map(drop).unwrap() });
        if number % 15 == 7 {
            world.advance(Duration::from_millis(1));
            let app = Arc::clone(&nodes[number % 2]);
            let plan = Plan { max_direct_referrals: 9, ..Plan::default() };
            work.spawn(
                async move { plans::set(&app, &ADMIN, plan, plans::Begins::Now).await.map(drop).unwrap() },
            );
        }
    }
    work.join_all().await;
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_records_is_seen_on_the_other_within_a_quarter_of_a_second_at_the_median() {
    let (_world, [here, there], asha, [buyer, _]) = two_nodes().await;
    let (mut stream, _) = follow(&there, &ADMIN, asha, None).await.unwrap();
    // As a socket does: whoever waits for the next line is always there.
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    tokio::spawn(async move { while stream.next().await.is_ok() && arrived.send(Instant::now()).is_ok() {} });
    let mut waits = Vec::new();
    for pause in (0..15).map(|number| number * 37 % 250) {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        record(&here, &ADMIN, sale(buyer, "2000")).await.unwrap();
        let recorded = Instant::now();
        waits.push(arrivals.recv().await.unwrap() - recorded);
    }
    waits.sort_unstable();
    assert!(waits[7] < Duration::from_millis(250), "{waits:?}");
}
