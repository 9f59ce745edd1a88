//! Sales that are reported after the day: the plan is that of their time, who
//! is active is read when they are recorded.

use app::purchases::{NewPurchase, Payer, RecordError};
use domain::{Outcome, Plan, Timestamp};

use crate::world::{START, World, made, money, sale, sale_as, seconds};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

fn days_before_start(days: i64) -> Timestamp {
    START.plus_millis(-days * DAY_MS)
}

#[tokio::test]
async fn a_past_sale_falls_under_the_plan_of_its_time_and_the_first_reaches_back_for_ever() {
    let world = World::new().await;
    let [.., buyer] = world.chain(["Root", "Asha", "Buyer"]).await;
    let plan = |threshold: &str| Plan { commission_above: money(threshold), ..Plan::default() };
    let append = async |plan: Plan, from: Timestamp| {
        let now = world.app.now();
        world.app.store().write(async move |tx| tx.append_plan(&plan, from, now).await).await.unwrap()
    };
    append(plan("2000"), days_before_start(10)).await;
    append(plan("3000"), days_before_start(20)).await;
    append(plan("4000"), days_before_start(-1)).await;
    append(plan("5000"), days_before_start(10)).await;

    for (at, version) in [
        (Timestamp::from_millis(-1), 1),
        (Timestamp::from_millis(i64::MIN), 1),
        (days_before_start(21), 1),
        (days_before_start(20), 3),
        (days_before_start(10).plus_millis(-1), 3),
        (days_before_start(10), 5),
        (START, 5),
    ] {
        let recorded = world.record(made(at, sale(buyer.user.id, "2500"))).await.unwrap().purchase;
        assert_eq!((recorded.occurred_at, recorded.plan.get()), (at, version), "{at:?}");
    }
    assert_eq!(world.buy(buyer.user.id, "2500").await.purchase.plan.get(), 5);
}

#[tokio::test]
async fn a_past_sale_is_decided_by_who_is_active_now() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.advance(seconds(60));
    world.set_active(asha.user.id, false).await;
    let at = START.plus_millis(1_000);
    let recorded = world.record(made(at, sale(buyer.user.id, "2000"))).await.unwrap().purchase;
    assert_eq!((recorded.decisions[0].outcome, recorded.occurred_at), (Outcome::Inactive, at));
    world.books_are_right().await;
}

#[tokio::test]
async fn plans_of_any_depth_meet_in_one_batch() {
    let world = World::new().await;
    let [root, asha, bina, buyer] = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    let rates = ["1%"; 3].map(|rate| rate.parse().unwrap()).to_vec();
    world.advance(seconds(60));
    world.set_plan(Plan { levels: rates.try_into().unwrap(), ..Plan::default() }).await;
    let sales = vec![
        sale(buyer.user.id, "2000"),
        made(START, sale(buyer.user.id, "2000")),
        made(world.app.now().plus_millis(120_001), sale(buyer.user.id, "2000")),
    ];
    let now = world.app.now();
    let write = world.app.store().write(async move |tx| app::purchases::record_batch(tx, now, &sales).await);
    let answers = write.await.unwrap().answers;
    let [Ok(present), Ok(past), Err(RecordError::InTheFuture)] = &answers[..] else { panic!("{answers:?}") };
    assert_eq!((present.purchase.plan.get(), present.purchase.decisions.len()), (2, 3));
    assert_eq!((past.purchase.plan.get(), past.purchase.decisions.len()), (1, 2));
    for (member, earned) in [(bina, "120.00"), (asha, "40.00"), (root, "20.00")] {
        assert_eq!(world.account(member.user.id).await.totals.commissions().to_string(), earned);
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_sale_that_was_settled_elsewhere_is_recorded_and_pays_nobody() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let settled = NewPurchase { payer: Payer::Elsewhere, ..sale_as("old-1", buyer.user.id, "2000") };
    let recorded = world.record(settled.clone()).await.unwrap();
    assert_eq!((recorded.purchase.decisions.len(), recorded.purchase.plan.get()), (0, 1));
    assert_eq!(world.account(asha.user.id).await.seq, 0);
    assert!(world.record(settled).await.unwrap().replayed);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_sale_of_another_payer_is_another_sale_and_one_of_another_time_is_not() {
    let world = World::new().await;
    let [.., buyer] = world.chain(["Asha", "Buyer"]).await;
    let order = sale_as("order-1", buyer.user.id, "2000");
    world.advance(seconds(60));
    world.record(made(START, order.clone())).await.unwrap();
    let times = [0, 1, -DAY_MS, 365 * DAY_MS].map(|by| made(START.plus_millis(by), order.clone()));
    for same in times.into_iter().chain([order.clone()]) {
        let answer = world.record(same).await.unwrap();
        assert_eq!((answer.replayed, answer.purchase.occurred_at), (true, START), "as it was told first");
    }
    let settled = NewPurchase { payer: Payer::Elsewhere, ..order };
    let refused = world.record(settled).await.unwrap_err();
    assert!(matches!(refused, RecordError::ReferenceReused(..)), "{refused:?}");
}
