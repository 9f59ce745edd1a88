//! Payouts: everybody who is due is paid once, and what fails comes back.

mod together;
mod warnings;

use app::payouts::{self, Order, PayoutError, RUN_MAX, Settlement};
use domain::{
    Account, Cause, EntryTimes, HoldDays, Money, PayoutId, PayoutRunId, PayoutState, PayoutStatus, Plan,
    PlanVersion, ReferralCode, UserId,
};
use store::{NewAdjustment, NewUser, Tx};

use crate::world::{ADMIN, START, World, money, reference, seconds};

const DAY: u64 = 24 * 60 * 60;

fn failed(reason: &str) -> Settlement {
    Settlement::Failed(reason.parse().unwrap())
}

#[tokio::test]
async fn a_run_pays_everybody_who_is_due_the_minimum() {
    let world = World::new().await;
    let [asha, bina, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let preview = payouts::preview(&world.app, &ADMIN, money("20"), Order::User, 1).await.unwrap();
    assert_eq!((preview.payouts, preview.total, preview.due.len()), (2, money("120"), 1));
    assert_eq!((preview.due[0].user, preview.due[0].amount), (asha.user.id, money("20")));

    let (run, replayed) = payouts::make_run(&world.app, &ADMIN, money("20.01"), None).await.unwrap();
    assert_eq!((run.payouts, run.total, run.minimum, replayed), (1, money("100"), money("20.01"), false));
    assert_eq!([world.balance(bina.user.id).await, world.balance(asha.user.id).await], ["0.00", "20.00"]);
    let error = payouts::make_run(&world.app, &ADMIN, money("20.01"), None).await.unwrap_err();
    assert!(matches!(error, PayoutError::NothingDue(minimum) if minimum == money("20.01")), "{error:?}");
    assert_eq!(world.pay_out().await.unwrap().total, money("20"));
    world.books_are_right().await;
}

#[tokio::test]
async fn those_who_are_due_most_are_named_first_where_that_is_asked_for() {
    let world = World::new().await;
    let [_, _, first] = world.chain(["Asha", "Bina", "First"]).await;
    let [_, second] = world.chain(["Chetan", "Second"]).await;
    world.buy(first.user.id, "2000").await;
    world.buy(second.user.id, "2000").await;
    for (order, limit, names) in [
        (Order::User, 9, vec!["Asha", "Bina", "Chetan"]),
        (Order::Amount, 9, vec!["Bina", "Chetan", "Asha"]),
        (Order::Amount, 1, vec!["Bina"]),
    ] {
        let preview = payouts::preview(&world.app, &ADMIN, money("1"), order, limit).await.unwrap();
        assert_eq!(preview.due.iter().map(|due| due.name.as_str()).collect::<Vec<_>>(), names);
        assert_eq!((preview.payouts, preview.total), (3, money("220")), "all are counted");
    }
}

#[tokio::test]
async fn only_what_is_not_on_hold_is_paid() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.set_plan(Plan { hold: HoldDays::new(2).unwrap(), ..Plan::default() }).await;
    for amount in ["2000", "3000", "4000"] {
        world.buy(buyer.user.id, amount).await;
        world.advance(seconds(DAY));
    }
    // It is the fourth day: what was earned on the first two is free.
    assert_eq!(world.pay_out().await.unwrap().total, money("250"));
    assert_eq!(world.balance(asha.user.id).await, "200.00");
    assert!(matches!(world.pay_out().await, Err(PayoutError::NothingDue(_))));
    world.advance(seconds(DAY));
    assert_eq!(world.pay_out().await.unwrap().total, money("200"), "by time alone");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_debt_is_carried_until_it_is_earned_back() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let purchase = world.buy(buyer.user.id, "2000").await.purchase;
    world.pay_out().await.unwrap();
    world.refund(purchase.id, "2000").await;
    assert_eq!(world.balance(asha.user.id).await, "-100.00", "what was paid stays paid");
    assert!(matches!(world.pay_out().await, Err(PayoutError::NothingDue(_))));
    world.buy(buyer.user.id, "2000").await;
    assert!(matches!(world.pay_out().await, Err(PayoutError::NothingDue(_))), "even");
    world.buy(buyer.user.id, "1100").await;
    assert_eq!(world.pay_out().await.unwrap().total, money("55"));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_payout_is_settled_once() {
    let world = World::new().await;
    let [asha, bina, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let run = world.pay_out().await.unwrap();
    world.advance(seconds(5));
    let now = world.app.now();
    let settle = async |payout: i64, settlement| {
        payouts::settle(&world.app, &ADMIN, PayoutId::new(payout), settlement).await
    };
    let settled = |answer: Result<_, PayoutError>, status| {
        assert!(matches!(&answer, Err(PayoutError::Settled(was)) if *was == status), "{answer:?}");
    };

    assert_eq!(settle(1, Settlement::Paid).await.unwrap().state, PayoutState::Paid(now));
    let state = settle(2, failed("account closed")).await.unwrap().state;
    assert_eq!(state, PayoutState::Failed(now, "account closed".parse().unwrap()));
    assert_eq!([world.balance(asha.user.id).await, world.balance(bina.user.id).await], ["0.00", "100.00"]);

    world.advance(seconds(5));
    assert_eq!(settle(1, Settlement::Paid).await.unwrap().state, PayoutState::Paid(now), "said again");
    assert_eq!(settle(2, failed("account closed")).await.unwrap().state, state);
    settled(settle(1, failed("account closed")).await, PayoutStatus::Paid);
    settled(settle(2, Settlement::Paid).await, PayoutStatus::Failed);
    settled(settle(2, failed("another reason")).await, PayoutStatus::Failed);
    assert_eq!(world.account(bina.user.id).await.seq, 3, "came back once");

    let error = settle(404, Settlement::Paid).await.unwrap_err();
    assert!(matches!(error, PayoutError::PayoutNotFound(id) if id.get() == 404), "{error:?}");
    let of_run = payouts::of_run(&world.app, &ADMIN, run.id, PayoutId::new(0), 9).await.unwrap();
    let told: Vec<_> =
        of_run.iter().map(|(payout, member)| (member.user.name.as_str(), payout.state.status())).collect();
    assert_eq!(told, [("Asha", PayoutStatus::Paid), ("Bina", PayoutStatus::Failed)]);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_run_is_made_once_for_each_reference() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let make = async |minimum: &str| {
        payouts::make_run(&world.app, &ADMIN, money(minimum), Some(reference("november"))).await
    };
    let (first, _) = make("1").await.unwrap();
    assert_eq!(make("1").await.unwrap(), (first.clone(), true), "though nobody is due by now");
    world.buy(buyer.user.id, "2000").await;
    assert_eq!(make("1").await.unwrap(), (first.clone(), true), "though somebody is due by now");
    let error = make("2").await.unwrap_err();
    assert!(matches!(error, PayoutError::ReferenceReused(..)), "{error:?}");
    let runs = payouts::runs(&world.app, &ADMIN, None, 9).await.unwrap();
    assert_eq!(runs, [first]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let (app, none) = (&world.app, PayoutId::new(0));
    let run = payouts::run(app, &ADMIN, PayoutRunId::new(404)).await.unwrap_err();
    assert!(matches!(run, PayoutError::RunNotFound(id) if id.get() == 404), "{run:?}");
    let of_run = payouts::of_run(app, &ADMIN, PayoutRunId::new(404), none, 9).await.unwrap_err();
    assert!(matches!(of_run, PayoutError::RunNotFound(_)), "{of_run:?}");
    let of_user = payouts::of_user(app, &ADMIN, UserId::new(404), None, 9).await.unwrap_err();
    assert!(matches!(of_user, PayoutError::UserNotFound(id) if id.get() == 404), "{of_user:?}");
    let payout = payouts::find(app, &ADMIN, PayoutId::new(404)).await.unwrap_err();
    assert!(matches!(payout, PayoutError::PayoutNotFound(_)), "{payout:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn runs_at_once_on_two_nodes_pay_everybody_once() {
    let world = World::new().await;
    let [asha, bina, buyer] = world.chain(["Asha", "Bina", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let other = world.another_app().await;
    let mut racing = tokio::task::JoinSet::new();
    for number in 0..16 {
        let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
        // Half of them are retries of one run, the others are runs of their own.
        let reference = (number < 8).then(|| reference("november"));
        racing.spawn(async move { payouts::make_run(&app, &ADMIN, money("1"), reference).await });
    }
    let answers = racing.join_all().await;
    let mut made: Vec<_> = answers.iter().flatten().map(|(run, _)| run.id).collect();
    made.dedup();
    assert_eq!(answers.iter().flatten().filter(|(_, replayed)| !replayed).count(), 1);
    assert_eq!(made.len(), 1, "{answers:?}");
    for (user, paid) in [(asha.user.id, "20"), (bina.user.id, "100")] {
        let totals = world.account(user).await.totals;
        assert_eq!((totals.paid, totals.balance()), (money(paid), Money::ZERO));
    }
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_settle_at_once_one_decides() {
    for round in 0..4 {
        let world = World::new().await;
        let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
        world.buy(buyer.user.id, "2000").await;
        world.pay_out().await.unwrap();
        let other = world.another_app().await;
        let mut racing = tokio::task::JoinSet::new();
        for number in 0..16 {
            let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
            let settlement = if number % 4 < 2 { Settlement::Paid } else { failed("account closed") };
            racing.spawn(async move { payouts::settle(&app, &ADMIN, PayoutId::new(1), settlement).await });
        }
        let answers = racing.join_all().await;
        let (payout, _) = payouts::find(&world.app, &ADMIN, PayoutId::new(1)).await.unwrap();
        assert_eq!(answers.iter().flatten().count(), 8, "those who said what it was");
        assert!(answers.iter().flatten().all(|settled| *settled == payout));
        let came_back = payout.state.status() == PayoutStatus::Failed;
        let (seq, balance) = if came_back { (3, "100.00") } else { (2, "0.00") };
        assert_eq!(world.account(asha.user.id).await.seq, seq, "round {round}");
        assert_eq!(world.balance(asha.user.id).await, balance);
        world.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn runs_purchases_and_refunds_at_once_leave_right_books() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let buyer = buyer.user.id;
    let mut sold = Vec::new();
    for _ in 0..20 {
        sold.push(world.buy(buyer, "2000").await.purchase.id);
    }
    let mut racing = tokio::task::JoinSet::new();
    for purchase in sold {
        let app = world.app.clone();
        racing.spawn(async move {
            let new =
                app::refunds::NewRefund { purchase: purchase.into(), amount: money("2000"), reference: None };
            app::refunds::refund(&app, &ADMIN, new).await.unwrap();
        });
        let app = world.app.clone();
        racing.spawn(async move {
            match payouts::make_run(&app, &ADMIN, money("0.01"), None).await {
                Ok(_) | Err(PayoutError::NothingDue(_)) => {}
                Err(error) => panic!("{error}"),
            }
        });
        let app = world.app.clone();
        racing.spawn(async move {
            app::purchases::record(&app, &ADMIN, crate::world::sale(buyer, "2000")).await.unwrap();
        });
    }
    racing.join_all().await;
    let totals = world.account(asha.user.id).await.totals;
    assert_eq!((totals.commissions(), totals.reversed), (money("4000"), money("2000")));
    assert_eq!(totals.balance().paise(), 2_000_00 - totals.paid.paise());
    world.books_are_right().await;
}

#[tokio::test]
async fn a_run_is_full_at_five_thousand_and_the_next_pays_the_rest() {
    let world = World::fleeting().await;
    let more = 3;
    let credit_many = async move |tx: &mut Tx<'_>| {
        for number in 0..RUN_MAX + more {
            credit_somebody(tx, number as u64).await?;
        }
        Ok::<_, store::Error>(())
    };
    world.app.store().write(credit_many).await.unwrap();
    let preview = payouts::preview(&world.app, &ADMIN, money("0.01"), Order::User, 7).await.unwrap();
    assert_eq!((preview.payouts, preview.due.len()), (RUN_MAX + more, 7));
    let made = [world.pay_out().await.unwrap(), world.pay_out().await.unwrap()];
    assert_eq!(made.map(|run| run.payouts), [5_000, 3]);
    assert!(matches!(world.pay_out().await, Err(PayoutError::NothingDue(_))));
    world.books_are_right().await;
}

/// Somebody new with one paisa.
pub(crate) async fn credit_somebody(tx: &mut Tx<'_>, number: u64) -> store::Result<()> {
    let new = NewUser {
        name: "Member".parse().unwrap(),
        email: format!("m{number}@example.com").parse().unwrap(),
        code: ReferralCode::from_bits(number),
        referrer: None,
        plan: PlanVersion::new(1),
        password_hash: None,
        reference: None,
        external_id: None,
        metadata: domain::Metadata::default(),
        joined_at: START,
    };
    let user = tx.insert_user(&new).await?;
    let amount = Money::from_paise(1);
    let reason = "thanks".parse().unwrap();
    let new = NewAdjustment { user, amount, reason, reference: None, created_at: START };
    let cause = Cause::Adjustment(tx.insert_adjustment(&new).await?);
    tx.append_entries(&[Account::new(user).post(cause, amount, EntryTimes::at(START)).unwrap()]).await
}
