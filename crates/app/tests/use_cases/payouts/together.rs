//! Many payouts that are settled together: each once, and conflicts are told.

use app::payouts::{self, Of, Order, PayoutError, SettledTogether, Settlement};
use domain::{PayoutId, PayoutRunId, PayoutStatus};

use super::credit_somebody;
use crate::world::{ADMIN, World, money, seconds};

const RUN: PayoutRunId = PayoutRunId::new(1);

fn failed(reason: &str) -> Settlement {
    Settlement::Failed(reason.parse().unwrap())
}

fn these(ids: impl IntoIterator<Item = i64>) -> Of {
    Of::These(ids.into_iter().map(PayoutId::new).collect())
}

/// A world with one payout run for so many members, each of one paisa.
async fn world_with_a_run(members: u64) -> World {
    let world = World::fleeting().await;
    let credit_many = async move |tx: &mut store::Tx<'_>| {
        for number in 0..members {
            credit_somebody(tx, number).await?;
        }
        Ok::<_, store::Error>(())
    };
    world.app.store().write(credit_many).await.unwrap();
    world.pay_out().await.unwrap();
    world.advance(seconds(60));
    world
}

async fn settle(world: &World, of: Of, settlement: Settlement) -> SettledTogether {
    payouts::settle_run(&world.app, &ADMIN, RUN, of, settlement).await.unwrap()
}

/// How many payouts of the run are pending, paid and failed.
async fn standing(world: &World) -> [usize; 3] {
    let all = payouts::of_run(&world.app, &ADMIN, RUN, PayoutId::new(0), usize::MAX).await.unwrap();
    [PayoutStatus::Pending, PayoutStatus::Paid, PayoutStatus::Failed]
        .map(|status| all.iter().filter(|(payout, _)| payout.state.status() == status).count())
}

#[tokio::test]
async fn a_whole_run_is_settled_in_slices_and_saying_it_again_changes_nothing() {
    let world = world_with_a_run(1_003).await;
    let done = settle(&world, Of::Run, failed("the file was refused")).await;
    assert_eq!((done.settled, done.already, done.unsettled.len()), (1_003, 0, 0));
    assert_eq!(standing(&world).await, [0, 0, 1_003]);
    let again = settle(&world, Of::Run, failed("the file was refused")).await;
    assert_eq!((again.settled, again.already, again.unsettled.len()), (0, 1_003, 0));
    assert_eq!(world.account(domain::UserId::new(1)).await.seq, 3, "it came back once");
    let events = app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap();
    let told: Vec<_> = events.iter().filter(|(_, event)| event.action == "payout.failed").collect();
    assert_eq!(told.len(), 2, "one for each slice, and none for what changes nothing");
    assert_eq!(told[0].1.subject, "payout run 1");
    assert!(told[0].1.detail.contains("[1001,1002,1003]"), "{}", told[0].1.detail);
    world.books_are_right().await;
}

#[tokio::test]
async fn conflicts_are_told_payout_by_payout_and_disturb_no_other() {
    let world = world_with_a_run(5).await;
    settle(&world, these([2]), failed("account closed")).await;
    settle(&world, these([3]), Settlement::Paid).await;
    let done = settle(&world, these([3, 1, 2, 404, 1]), Settlement::Paid).await;
    assert_eq!((done.settled, done.already), (1, 1));
    let told: Vec<_> = done.unsettled.iter().map(|(id, why)| (id.get(), why.to_string())).collect();
    let expected = [(2, "this payout is failed already"), (404, "payout 404 does not exist")];
    assert_eq!(told, expected.map(|(id, why)| (id, why.to_owned())));
    assert_eq!(standing(&world).await, [2, 2, 1]);
    let rest = settle(&world, Of::Run, Settlement::Paid).await;
    assert_eq!((rest.settled, rest.already, rest.unsettled.len()), (2, 2, 1));
    assert_eq!(standing(&world).await, [0, 4, 1]);
    world.books_are_right().await;
}

#[tokio::test]
async fn only_payouts_of_the_run_are_settled_with_it() {
    let world = world_with_a_run(1).await;
    world.app.store().write(async |tx| credit_somebody(tx, 7).await).await.unwrap();
    world.pay_out().await.unwrap();
    let done = settle(&world, these([1, 2]), Settlement::Paid).await;
    assert_eq!(done.settled, 1);
    assert!(matches!(done.unsettled[..], [(id, PayoutError::PayoutNotFound(_))] if id.get() == 2));
    let nothing = payouts::settle_run(&world.app, &ADMIN, PayoutRunId::new(404), Of::Run, Settlement::Paid);
    assert!(matches!(nothing.await, Err(PayoutError::RunNotFound(id)) if id.get() == 404));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_settle_a_run_at_once_each_payout_has_one_outcome() {
    let world = world_with_a_run(40).await;
    let other = world.another_app().await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..12 {
        let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
        let settlement = if number % 4 < 2 { Settlement::Paid } else { failed("account closed") };
        let of = if number % 3 == 0 { Of::Run } else { these((1..=40).rev().step_by(3)) };
        racing.spawn(async move { payouts::settle_run(&app, &ADMIN, RUN, of, settlement).await.unwrap() });
    }
    let answers = racing.join_all().await;
    assert_eq!(answers.iter().map(|answer| answer.settled).sum::<usize>(), 40, "each exactly once");
    let [pending, paid, failed] = standing(&world).await;
    assert_eq!((pending, paid + failed), (0, 40));
    let due = payouts::preview(&world.app, &ADMIN, money("0.01"), Order::User, 1).await.unwrap();
    assert_eq!(due.payouts, failed, "what failed came back once");
    world.books_are_right().await;
}
