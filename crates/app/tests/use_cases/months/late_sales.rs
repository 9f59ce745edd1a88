//! Sales that are told late: they stand in the month in which they are booked, and
//! change no other.

use std::collections::BTreeMap;

use app::Calendar;
use app::earnings::{month, today};
use app::months::{close, reopen};
use domain::{HoldDays, Money, Month, Plan, Timestamp, UserId};
use proptest::prelude::*;

use super::{figures, seqs};
use crate::world::{ADMIN, START, World, made, money, sale, seconds};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Noon, UTC.
fn noon(day: &str) -> Timestamp {
    let (month, day) = day.rsplit_once('-').unwrap();
    let first = Calendar::default().times(month.parse().unwrap()).start;
    first.plus_millis((day.parse::<i64>().unwrap() - 1) * DAY_MS + DAY_MS / 2)
}

async fn tell(world: &World, buyer: UserId, amount: &str, day: &str) {
    world.record(made(noon(day), sale(buyer, amount))).await.unwrap();
}

#[tokio::test]
async fn a_late_sale_stands_in_its_own_month_and_changes_no_other() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let (asha, buyer) = (asha.user.id, buyer.user.id);
    world.set_clock(noon("2026-11-20"));
    tell(&world, buyer, "4000", "2026-10-05").await;
    tell(&world, buyer, "5000", "2026-11-03").await;
    tell(&world, buyer, "6000", "2026-10-30").await;
    assert_eq!(
        figures(&world, asha, "2026-10").await,
        ("0.00", vec![(1, "200.00"), (3, "500.00")], "500.00")
    );
    assert_eq!(figures(&world, asha, "2026-11").await, ("500.00", vec![(2, "750.00")], "750.00"));
    world.books_are_right().await;
}

#[tokio::test]
async fn lines_that_come_newest_first_are_put_into_their_months() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let (asha, buyer) = (asha.user.id, buyer.user.id);
    world.set_clock(noon("2026-11-20"));
    for day in ["2026-11-03", "2026-10-30", "2026-10-05", "2026-09-30", "2026-09-01"] {
        tell(&world, buyer, "2000", day).await;
    }
    for (name, expected) in
        [("2026-09", &[5, 4][..]), ("2026-10", &[3, 2]), ("2026-11", &[1]), ("2026-12", &[])]
    {
        assert_eq!(seqs(&world, asha, name).await, expected, "{name}");
    }
    world.books_are_right().await;
}

#[tokio::test]
async fn a_sale_of_a_closed_month_is_booked_at_the_first_moment_of_the_first_open_one() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let (asha, buyer) = (asha.user.id, buyer.user.id);
    world.set_clock(noon("2026-11-20"));
    tell(&world, buyer, "4000", "2026-10-05").await;
    let october: Month = "2026-10".parse().unwrap();
    let closed = close(&world.app, &ADMIN, Some(october)).await.unwrap();
    assert_eq!(closed.closed_at, Some(world.app.now()));
    let issued = figures(&world, asha, "2026-10").await;

    let late = world.record(made(noon("2026-10-30"), sale(buyer, "6000"))).await.unwrap().purchase;
    let first = Calendar::default().times(october).end;
    assert_eq!(
        (late.occurred_at, late.booked_at, late.recorded_at),
        (noon("2026-10-30"), first, world.app.now())
    );
    assert_eq!(late.plan.get(), 1, "the plan is that of its time");
    assert_eq!(figures(&world, asha, "2026-10").await, issued);
    assert_eq!(figures(&world, asha, "2026-11").await, ("200.00", vec![(2, "500.00")], "500.00"));
    let statement = month(&world.app, &ADMIN, asha, Some(october)).await.unwrap();
    assert_eq!(statement.month.closed_at, closed.closed_at);
    world.books_are_right().await;

    reopen(&world.app, &ADMIN, october).await.unwrap();
    tell(&world, buyer, "2000", "2026-10-31").await;
    assert_eq!(
        figures(&world, asha, "2026-10").await,
        ("0.00", vec![(1, "200.00"), (3, "300.00")], "300.00")
    );
    assert_eq!(figures(&world, asha, "2026-11").await, ("300.00", vec![(2, "600.00")], "600.00"));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_refund_of_a_sale_of_a_closed_month_is_booked_when_it_is_made() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.set_clock(noon("2026-10-20"));
    let bought = world.buy(buyer.user.id, "4000").await.purchase;
    world.set_clock(noon("2026-11-20"));
    close(&world.app, &ADMIN, None).await.unwrap();
    world.refund(bought.id, "4000").await;
    assert_eq!(figures(&world, asha.user.id, "2026-10").await.2, "200.00");
    assert_eq!(figures(&world, asha.user.id, "2026-11").await, ("200.00", vec![(2, "0.00")], "0.00"));
    world.books_are_right().await;
}

#[tokio::test]
async fn what_was_told_late_is_held_from_when_it_was_told_and_what_was_imported_from_when_it_was_made() {
    use app::purchases::{NewPurchase, Reported};
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.set_plan(Plan { hold: HoldDays::new(10).unwrap(), ..Plan::default() }).await;
    world.advance(seconds(30 * 24 * 60 * 60));
    let old = made(START.plus_millis(DAY_MS), sale(buyer.user.id, "2000"));
    let told = world.record(old.clone()).await.unwrap().purchase;
    let today = START.plus_millis(30 * DAY_MS);
    assert_eq!(told.matures_at, Some(today.plus_millis(10 * DAY_MS)));
    let now = world.app.now();
    let imported = NewPurchase { reported: Reported::ByImport, ..old };
    let write = async move |tx: &mut store::Tx<'_>| {
        app::purchases::record_batch(tx, now, std::slice::from_ref(&imported)).await
    };
    let imported = world.app.store().write(write).await.unwrap().purchases.remove(0).0;
    assert_eq!(imported.matures_at, Some(START.plus_millis(11 * DAY_MS)));

    let pending = async || {
        let (user, now) = (asha.user.id, world.app.now());
        world.app.store().read(async move |view| view.pending(user, now).await).await.unwrap()
    };
    assert_eq!(pending().await, money("100"));
    // A reversal has the maturity of what it takes back.
    world.refund(told.id, "2000").await;
    assert_eq!(pending().await, Money::ZERO);
    world.books_are_right().await;
}

#[tokio::test]
async fn today_is_what_was_booked_today_in_whatever_order_it_was_written() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let (asha, buyer) = (asha.user.id, buyer.user.id);
    let earned = async || {
        let today = today(&world.app, &ADMIN, asha).await.unwrap();
        let difference = today.closing.earnings().checked_sub(today.opening.earnings()).unwrap();
        (today.began_at, difference.to_string())
    };
    world.set_clock(noon("2026-11-19"));
    world.buy(buyer, "4000").await;
    world.set_clock(noon("2026-11-20"));
    let began_at = noon("2026-11-20").plus_millis(-DAY_MS / 2);
    assert_eq!(earned().await, (began_at, "0.00".into()));
    world.buy(buyer, "2000").await;
    tell(&world, buyer, "9000", "2026-11-18").await;
    assert_eq!(earned().await, (began_at, "100.00".into()));
    for _ in 0..60 {
        world.buy(buyer, "2000").await;
    }
    tell(&world, buyer, "9000", "2026-10-18").await;
    assert_eq!(earned().await.1, "6100.00");
    world.set_clock(noon("2026-11-21"));
    assert_eq!(earned().await.1, "0.00");
}

/// One step of a programme that is told late of its sales.
#[derive(Clone, Debug)]
enum Step {
    /// A sale so many days before now.
    Sale(i64),
    /// So many days pass.
    Wait(i64),
    /// The next month is closed, if it has ended.
    Close,
    /// The newest closed month is opened again, if there is one.
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..100_i64).prop_map(Step::Sale),
        2 => (0..20_i64).prop_map(Step::Wait),
        2 => Just(Step::Close),
        1 => Just(Step::Reopen),
    ]
}

/// What was booked when, by the rule alone: when it was made, or at the first
/// moment after the closed months.
#[derive(Default)]
struct Model {
    booked: Vec<Timestamp>,
    closed: Vec<Month>,
}

async fn live(steps: Vec<Step>) {
    let world = World::fleeting().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let (calendar, mut model) = (Calendar::default(), Model::default());
    world.set_clock(noon("2026-06-15"));
    for step in steps {
        let now = world.app.now();
        match step {
            Step::Sale(days) => {
                let at = now.plus_millis(-days * DAY_MS);
                world.record(made(at, sale(buyer.user.id, "2000"))).await.unwrap();
                let open_from = model.closed.iter().map(|month| calendar.times(*month).end).max();
                model.booked.push(open_from.map_or(at, |open_from| at.max(open_from)));
            }
            Step::Wait(days) => world.set_clock(now.plus_millis(days * DAY_MS)),
            Step::Close => {
                model.closed.extend(close(&world.app, &ADMIN, None).await.map(|state| state.month));
            }
            Step::Reopen => {
                if let Some(newest) = model.closed.iter().max().copied() {
                    reopen(&world.app, &ADMIN, newest).await.unwrap();
                    model.closed.retain(|month| *month != newest);
                }
            }
        }
    }
    check(&world, &calendar, &model, asha.user.id).await;
    world.books_are_right().await;
}

async fn check(world: &World, calendar: &Calendar, model: &Model, user: UserId) {
    let mut months: BTreeMap<Month, Vec<(Timestamp, i64)>> = BTreeMap::new();
    for (booked, seq) in model.booked.iter().zip(1..) {
        months.entry(calendar.month_of(*booked)).or_default().push((*booked, seq));
    }
    let mut balance = Money::ZERO;
    let mut name = calendar.month_of(noon("2026-02-01"));
    while name <= calendar.month_of(world.app.now()) {
        let mut lines = months.remove(&name).unwrap_or_default();
        lines.sort_unstable();
        let expected: Vec<i64> = lines.iter().map(|(_, seq)| *seq).collect();
        assert_eq!(seqs(world, user, &name.to_string()).await, expected, "{name}");
        let statement = month(&world.app, &ADMIN, user, Some(name)).await.unwrap();
        assert_eq!(statement.opening.balance(), balance, "{name}");
        for line in &statement.lines {
            balance = balance.checked_add(money("100")).unwrap();
            assert_eq!(line.balance, balance);
        }
        assert_eq!(statement.closing.balance(), balance, "{name}");
        name = name.next().unwrap();
    }
    assert!(months.is_empty(), "{months:?}");
    assert_eq!(world.account(user).await.totals.balance(), balance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_line_stands_in_the_month_that_was_open_for_it(steps in prop::collection::vec(step(), 1..40)) {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(live(steps));
    }
}
