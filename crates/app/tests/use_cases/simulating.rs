//! What-if: the past under another plan, and the books as they are.

use std::sync::{Arc, Mutex, mpsc};

use app::simulate::{MemberChange, Progress, SimulateError, Simulation, WhatIf, simulate};
use app::{plans, refunds};
use domain::{
    HoldDays, Level, LevelTotals, Money, Plan, PlanVersion, Purchase, PurchaseId, Rounding, Timestamp, UserId,
};
use store::Member;

use crate::world::{ADMIN, START, World, money, seconds};

fn plan(levels: &[&str]) -> Plan {
    let rates: Vec<domain::Rate> = levels.iter().map(|rate| rate.parse().unwrap()).collect();
    Plan { levels: rates.try_into().unwrap(), ..Plan::default() }
}

async fn what_if(world: &World, plan: Plan) -> Simulation {
    what_if_since(world, plan, None).await
}

async fn what_if_since(world: &World, plan: Plan, since: Option<Timestamp>) -> Simulation {
    simulate(&world.app, &ADMIN, WhatIf { plan, since }, |_| ()).await.unwrap()
}

async fn refund(world: &World, purchase: PurchaseId, amount: &str) {
    let new = refunds::NewRefund { purchase: purchase.into(), amount: money(amount), reference: None };
    refunds::refund(&world.app, &ADMIN, new).await.unwrap();
}

/// The totals at the first levels.
fn levels<const N: usize>(totals: &LevelTotals) -> [String; N] {
    std::array::from_fn(|index| totals.get(Level::new(u8::try_from(index + 1).unwrap()).unwrap()).to_string())
}

fn change(member: &Member, earned: &str, would_earn: &str) -> MemberChange {
    let money = |text: &str| text.parse().unwrap();
    MemberChange { user: member.user.id, earned: money(earned), would_earn: money(would_earn) }
}

/// Fails unless one side of the simulation is what the ledgers hold.
async fn books_are_the_ledgers(world: &World, simulation: &Simulation) {
    let accounts = world.app.store().read(async move |view| view.scan_accounts(UserId::new(0), 1_000).await);
    let accounts = accounts.await.unwrap();
    let mut by_level = [0; 10];
    for account in &accounts {
        let found = simulation.members.iter().find(|member| member.user == account.user);
        let earned = found.map_or(Money::ZERO, |member| member.earned);
        assert_eq!(earned, account.totals.earnings(), "user {}", account.user);
        account.totals.by_level.iter().for_each(|(level, total)| by_level[level.index()] += total.paise());
    }
    let simulated: Vec<_> = simulation.books.by_level.iter().map(|(_, total)| total.paise()).collect();
    assert_eq!(simulated, by_level);
    assert_eq!(simulation.books.total.paise(), by_level.iter().sum::<i64>());
    assert_eq!(simulation.gain + simulation.lose + simulation.unchanged, accounts.len() as u64);
}

/// Some trade of four members in a line: around the threshold, with somebody
/// inactive, and with refunds of a part and of the whole.
async fn trade(world: &World, line: &[Member; 4]) {
    let [_, asha, bina, buyer] = line.each_ref().map(|member| member.user.id);
    for (number, amount) in (1..).zip(["1000", "1000.01", "1001.30", "2500", "7777.77", "99999.99"]) {
        world.advance(seconds(1));
        world.set_active(asha, number % 3 != 0).await;
        let first = world.buy(buyer, amount).await.purchase.id;
        let second = world.buy(bina, amount).await.purchase.id;
        world.advance(seconds(1));
        refund(world, first, "0.01").await;
        if number % 2 == 0 {
            refund(world, first, "600").await;
            refund(world, second, amount).await;
        }
    }
}

#[tokio::test]
async fn the_plan_that_was_in_force_gives_exactly_the_books() {
    let world = World::new().await;
    let line = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    trade(&world, &line).await;
    let simulation = what_if(&world, Plan::default()).await;
    books_are_the_ledgers(&world, &simulation).await;
    assert_eq!(simulation.books, simulation.plan);
    assert!(simulation.books.total > Money::ZERO);
    assert_eq!((simulation.gain, simulation.lose, simulation.unchanged), (0, 0, 4));
    assert!(simulation.members.iter().all(|member| member.difference() == Money::ZERO));
    assert!(simulation.names.is_empty());
    assert_eq!((simulation.purchases, simulation.settled_elsewhere), (12, 0));
    world.books_are_right().await;
}

#[tokio::test]
async fn the_side_of_the_books_is_decided_by_each_purchases_own_plan() {
    let world = World::new().await;
    let line = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    let versions = [
        Plan { rounding: Rounding::HalfEven, ..Plan::default() },
        Plan { max_commission: Some(money("40")), ..plan(&["7.77%", "3%", "1.5%"]) },
        Plan { commission_above: Money::ZERO, rounding: Rounding::Down, ..plan(&["0.33%"]) },
        Plan { hold: HoldDays::new(30).unwrap(), ..plan(&["0%", "2.5%"]) },
    ];
    trade(&world, &line).await;
    for version in versions.clone() {
        world.advance(seconds(1));
        plans::set(&world.app, &ADMIN, version, plans::Begins::Now).await.unwrap();
        trade(&world, &line).await;
    }
    for plan in versions.into_iter().chain([Plan::default(), plan(&["10%"; 10])]) {
        books_are_the_ledgers(&world, &what_if(&world, plan).await).await;
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn another_plan_gives_what_it_would_have_paid() {
    let world = World::new().await;
    let [root, asha, bina, buyer] = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    world.buy(buyer.user.id, "1000").await;
    let refunded = world.buy(buyer.user.id, "3000").await.purchase.id;
    refund(&world, refunded, "1000").await;
    world.buy(asha.user.id, "5000").await;

    let other = Plan { commission_above: money("999.99"), ..plan(&["2%", "10%", "0.5%"]) };
    let simulation = what_if(&world, other).await;
    books_are_the_ledgers(&world, &simulation).await;
    assert_eq!(
        (simulation.purchases, simulation.sales, simulation.refunded),
        (3, money("9000"), money("1000"))
    );

    // By the books 5 % of 2000 to Bina and of 5000 to the root, 1 % of 2000 to Asha.
    assert_eq!(simulation.books.total, money("370"));
    assert_eq!(levels(&simulation.books.by_level), ["350.00", "20.00", "0.00"]);
    assert_eq!(simulation.books.share.unwrap().to_string(), "4.63%");
    // Of 1000 and 2000: 2 % to Bina, 10 % to Asha, 0.5 % to the root; and 2 % of 5000 to the root.
    assert_eq!(simulation.plan.total, money("475"));
    assert_eq!(levels(&simulation.plan.by_level), ["160.00", "300.00", "15.00"]);
    assert_eq!(simulation.plan.share.unwrap().to_string(), "5.94%");
    assert_eq!(simulation.levels().count(), 3);

    let expected = [
        change(&asha, "20.00", "300.00"),
        change(&bina, "100.00", "60.00"),
        change(&root, "250.00", "115.00"),
    ];
    assert_eq!(simulation.members, expected);
    assert_eq!((simulation.gain, simulation.lose, simulation.unchanged), (1, 2, 1));
    assert_eq!(simulation.gainers().collect::<Vec<_>>(), [&expected[0]]);
    assert_eq!(simulation.losers().collect::<Vec<_>>(), [&expected[2], &expected[1]]);
    let name = |member: &Member| simulation.names[&member.user.id].to_string();
    assert_eq!([name(&root), name(&asha), name(&bina)], ["Root", "Asha", "Bina"]);
}

#[tokio::test]
async fn levels_that_were_never_decided_go_by_who_was_active_at_the_time() {
    let world = World::new().await;
    let [root, _, bina, buyer] = world.chain(["Root", "Asha", "Bina", "Buyer"]).await;
    // Level 3 was never decided: the root was active for the first and the last purchase.
    // Level 1 was: Bina was inactive for the second, as the purchase itself says.
    for (root_active, bina_active) in [(true, true), (false, false), (true, true)] {
        world.advance(seconds(1));
        world.set_active(root.user.id, root_active).await;
        world.set_active(bina.user.id, bina_active).await;
        world.advance(seconds(1));
        world.buy(buyer.user.id, "2000").await;
    }
    world.set_active(root.user.id, false).await;
    world.set_active(bina.user.id, false).await;
    let simulation = what_if(&world, plan(&["5%", "1%", "2%"])).await;
    books_are_the_ledgers(&world, &simulation).await;
    assert_eq!(levels(&simulation.plan.by_level), ["200.00", "60.00", "80.00"]);
    assert_eq!(simulation.members[0], change(&root, "0.00", "80.00"));
}

#[tokio::test]
async fn only_purchases_since_a_time_count_when_it_is_given() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    for amount in ["2000", "3000", "4000"] {
        world.buy(buyer.user.id, amount).await;
        world.advance(seconds(1));
    }
    for (since, purchases, earned, would_earn) in [
        (0, 3, "450.00", "900.00"),
        (1, 2, "350.00", "700.00"),
        (1_001, 1, "200.00", "400.00"),
        (2_001, 0, "0.00", "0.00"),
    ] {
        let simulation = what_if_since(&world, plan(&["10%"]), Some(START.plus_millis(since))).await;
        assert_eq!(simulation.purchases, purchases, "since {since}");
        let expected = Some(change(&asha, earned, would_earn)).filter(|_| purchases > 0);
        assert_eq!(simulation.members.first().copied(), expected, "since {since}");
        assert_eq!(simulation.plan.share.map(domain::Rate::basis_points), expected.map(|_| 1_000));
    }
}

#[tokio::test]
async fn what_was_settled_elsewhere_pays_nothing_under_any_plan() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let elsewhere = Purchase {
        id: PurchaseId::new(2),
        reference: None,
        buyer: buyer.user.id,
        amount: money("5000"),
        plan: PlanVersion::new(1),
        decisions: vec![],
        occurred_at: START,
        booked_at: START,
        recorded_at: START,
        matures_at: None,
        present_plan: None,
        metadata: domain::Metadata::default(),
        refunded: Money::ZERO,
    };
    world.app.store().write(async move |tx| tx.insert_purchases(&[&elsewhere]).await).await.unwrap();
    let simulation = what_if(&world, plan(&["10%", "10%", "10%"])).await;
    assert_eq!((simulation.purchases, simulation.settled_elsewhere), (1, 1));
    assert_eq!((simulation.sales, simulation.plan.total), (money("2000"), money("200")));
}

#[tokio::test]
async fn without_purchases_there_is_nothing_to_pay() {
    let world = World::new().await;
    world.join("Asha", None).await;
    let simulation = what_if(&world, plan(&["10%"])).await;
    assert_eq!((simulation.purchases, simulation.plan.total, simulation.plan.share), (0, Money::ZERO, None));
    assert_eq!((simulation.members.len(), simulation.unchanged, simulation.levels().count()), (0, 1, 1));
}

#[tokio::test]
async fn twenty_are_named_on_either_side() {
    let world = World::new().await;
    world.set_plan(Plan { max_direct_referrals: 50, ..Plan::default() }).await;
    let root = world.join("Root", None).await;
    for number in 1..=25 {
        let member = world.join(&format!("Member {number}"), &root).await;
        let below = world.join(&format!("Buyer {number}"), &member).await;
        world.buy(below.user.id, &format!("{}", 1_000 + number)).await;
    }
    let halved = what_if(&world, plan(&["2.5%", "2%"])).await;
    assert_eq!((halved.gain, halved.lose, halved.unchanged), (1, 25, 25));
    assert_eq!((halved.gainers().count(), halved.losers().count(), halved.names.len()), (1, 20, 21));
    let most = halved.losers().next().unwrap();
    assert_eq!((most.earned, most.would_earn), (money("51.25"), money("25.63")), "the one of 1025.00");
}

#[tokio::test]
async fn the_progress_ends_with_the_newest_purchase() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    for _ in 0..3 {
        world.buy(buyer.user.id, "2000").await;
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let what_if = WhatIf { plan: Plan::default(), since: None };
    simulate(&world.app, &ADMIN, what_if, move |progress| listener.lock().unwrap().push(progress))
        .await
        .unwrap();
    assert_eq!(*told.lock().unwrap(), [Progress { done: 3, total: 3 }]);
}

#[tokio::test]
async fn one_simulation_runs_at_a_time() {
    let world = World::new().await;
    let [_, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.buy(buyer.user.id, "2000").await;
    let (running, runs) = tokio::sync::oneshot::channel();
    let (end, ends) = mpsc::channel::<()>();
    let (running, ends) = (Mutex::new(Some(running)), Mutex::new(ends));
    let app = Arc::clone(&world.app);
    let first = tokio::spawn(async move {
        let wait = move |_| {
            running.lock().unwrap().take().unwrap().send(()).unwrap();
            ends.lock().unwrap().recv().unwrap();
        };
        simulate(&app, &ADMIN, WhatIf { plan: Plan::default(), since: None }, wait).await
    });
    runs.await.unwrap();
    let second = simulate(&world.app, &ADMIN, WhatIf { plan: Plan::default(), since: None }, |_| ()).await;
    assert!(matches!(second, Err(SimulateError::Busy)), "{second:?}");
    end.send(()).unwrap();
    first.await.unwrap().unwrap();
    what_if(&world, Plan::default()).await;
}

#[tokio::test]
async fn a_plan_in_another_currency_cannot_be_compared() {
    let world = World::new().await;
    let plan = Plan { currency: "EUR".parse().unwrap(), ..Plan::default() };
    let refused = simulate(&world.app, &ADMIN, WhatIf { plan, since: None }, |_| ()).await.unwrap_err();
    assert_eq!(refused.to_string(), "this programme counts in INR, not in EUR");
}
