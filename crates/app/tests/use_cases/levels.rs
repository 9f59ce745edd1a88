//! Parts and their whole: whatever plan is in force, every level that ever
//! earned is listed, and what is listed adds up to the total.

use app::{earnings, network, programme};
use domain::{Level, Money, Plan, Rate, UserId};
use proptest::prelude::*;
use proptest::sample::Index;
use store::Member;

use crate::world::{ADMIN, World, money, seconds};

/// A plan that pays each of so many levels 5 %.
fn plan(depth: usize) -> Plan {
    let rates = vec![Rate::from_basis_points(500).unwrap(); depth];
    Plan { levels: rates.try_into().unwrap(), commission_above: Money::ZERO, ..Plan::default() }
}

fn sum(amounts: impl Iterator<Item = Money>) -> Money {
    amounts.fold(Money::ZERO, |sum, amount| sum.checked_add(amount).unwrap())
}

async fn set_plan(world: &World, depth: usize) {
    world.advance(seconds(1));
    world.set_plan(plan(depth)).await;
    world.advance(seconds(3));
}

#[tokio::test]
async fn a_level_that_earned_stays_when_a_later_plan_does_not_pay_it() {
    let world = World::new().await;
    let [root, _, buyer] = world.chain(["R", "A", "C"]).await;
    world.buy(buyer.user.id, "50000").await;
    world.buy(buyer.user.id, "20000").await;
    set_plan(&world, 1).await;
    let of_second = Level::new(2).unwrap();

    let statement = earnings::statement(&world.app, &ADMIN, root.user.id).await.unwrap();
    assert_eq!(statement.levels().last(), Some(of_second));
    assert_eq!(statement.account.totals.by_level.get(of_second), money("700"));
    let sources = network::sources(&world.app, &ADMIN, root.user.id, None, 100).await.unwrap();
    assert_eq!(sources.levels().last(), Some(of_second));
    assert_eq!(sources.people[0].earned, money("700"));
    let (_, totals) = programme::totals(&world.app, &ADMIN).await.unwrap();
    assert_eq!((totals.by_level.depth(), totals.by_level.get(of_second)), (2, money("700")));
}

#[tokio::test]
async fn a_level_whose_earnings_were_all_taken_back_is_listed_with_nothing() {
    let world = World::new().await;
    let [root, _, buyer] = world.chain(["R", "A", "C"]).await;
    let bought = world.buy(buyer.user.id, "50000").await.purchase;
    world.refund(bought.id, "50000").await;
    set_plan(&world, 1).await;
    let statement = earnings::statement(&world.app, &ADMIN, root.user.id).await.unwrap();
    assert_eq!(statement.levels().count(), 2);
    let (_, totals) = programme::totals(&world.app, &ADMIN).await.unwrap();
    assert_eq!(totals.by_level.depth(), 2);
}

#[tokio::test]
async fn a_programme_that_has_earned_nothing_lists_the_levels_of_its_plan() {
    let world = World::new().await;
    let root = world.join("R", None).await.user.id;
    for depth in [2, 10, 1, 3] {
        set_plan(&world, depth).await;
        let statement = earnings::statement(&world.app, &ADMIN, root).await.unwrap();
        assert_eq!(statement.levels().count(), depth);
        let sources = network::sources(&world.app, &ADMIN, root, None, 100).await.unwrap();
        assert_eq!(sources.levels().count(), depth);
    }
}

/// What happens to a line of members under plans that grow and shrink.
#[derive(Clone, Debug)]
enum Step {
    /// Another plan, with so many levels.
    SetPlan(usize),
    /// One of them buys for so many paise.
    Buy(Index, i64),
    /// All of a purchase is taken back, or half of it.
    Refund(Index, i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1..=usize::from(Level::MAX)).prop_map(Step::SetPlan),
        4 => (any::<Index>(), 1..=10_000_000_i64).prop_map(|(buyer, paise)| Step::Buy(buyer, paise)),
        2 => (any::<Index>(), 1..=2_i64).prop_map(|(purchase, part)| Step::Refund(purchase, part)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_parts_add_up_to_their_whole_under_plans_that_grow_and_shrink(
        steps in prop::collection::vec(step(), 24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(adds_up(&steps));
    }
}

async fn adds_up(steps: &[Step]) {
    let world = World::fleeting().await;
    let people = world.chain(["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"]).await;
    let mut purchases = Vec::new();
    for step in steps {
        match step {
            Step::SetPlan(depth) => set_plan(&world, *depth).await,
            Step::Buy(buyer, paise) => {
                let amount = Money::from_paise(*paise).to_string();
                purchases.push(world.buy(buyer.get(&people).user.id, &amount).await.purchase);
            }
            Step::Refund(..) if purchases.is_empty() => {}
            Step::Refund(purchase, part) => {
                let purchase = purchases.swap_remove(purchase.index(purchases.len()));
                let paise = purchase.amount.paise() / part;
                if paise > 0 {
                    world.refund(purchase.id, &Money::from_paise(paise).to_string()).await;
                }
            }
        }
    }
    for Member { user, .. } in &people {
        member_adds_up(&world, user.id).await;
    }
    let (_, totals) = programme::totals(&world.app, &ADMIN).await.unwrap();
    let listed = Level::nearest(totals.by_level.depth()).map(|level| totals.by_level.get(level));
    assert_eq!(Some(sum(listed)), totals.commissions().checked_sub(totals.reversed));
    world.books_are_right().await;
    world.app.stop().await;
}

async fn member_adds_up(world: &World, user: UserId) {
    let statement = earnings::statement(&world.app, &ADMIN, user).await.unwrap();
    let totals = &statement.account.totals;
    assert_eq!(sum(statement.levels().map(|level| totals.by_level.get(level))), totals.earnings());
    let of_levels = |level| statement.newest.iter().filter(move |line| line.origin.level == level).count();
    assert_eq!(statement.levels().map(of_levels).sum::<usize>(), statement.newest.len());

    let sources = network::sources(&world.app, &ADMIN, user, None, 100).await.unwrap();
    let by_level = |level| {
        let people = sources.people.iter().filter(move |person| person.level == level);
        sum(people.map(|person| person.earned))
    };
    for level in Level::all() {
        assert_eq!(by_level(level), totals.by_level.get(level), "level {level} of user {user}");
    }
    assert_eq!(sum(sources.levels().map(by_level)), totals.earnings());
}
