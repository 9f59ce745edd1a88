//! Any order and any number of refunds, under plans of every kind.

use std::time::Duration;

use app::purchases::NewPurchase;
use domain::{HoldDays, Money, Plan, Rate, Rounding, Totals};
use proptest::prelude::*;
use store::Member;

use crate::world::World;

prop_compose! {
    fn any_plan()(
        basis_points in prop::collection::vec(0..=1_500_u16, 1..=5),
        threshold in prop_oneof![Just(0), 0..=200_000_i64],
        rounding in prop::sample::select(Rounding::ALL),
        cap in prop::option::of(1..=5_000_i64),
        hold in 0..=2_u16,
    ) -> Plan {
        let rates: Vec<Rate> =
            basis_points.into_iter().map(|points| Rate::from_basis_points(points).unwrap()).collect();
        Plan {
            levels: rates.try_into().unwrap(),
            commission_above: Money::from_paise(threshold),
            rounding,
            max_commission: cap.map(Money::from_paise),
            hold: HoldDays::new(hold).unwrap(),
            ..Plan::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_number_of_refunds_ends_like_one_of_the_sum(
        plan in any_plan(),
        paise in 1..=300_000_i64,
        parts in prop::collection::vec(1..=60_000_i64, 1..6),
        active in prop::collection::vec(any::<bool>(), 4),
        elapsed in 0..3 * 24 * 60 * 60_u64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(ends_alike(&plan, paise, &parts, &active, elapsed));
    }
}

/// Three families alike with a purchase each: refunded in parts, in the same
/// parts from the last to the first, and at once.
async fn ends_alike(plan: &Plan, paise: i64, parts: &[i64], active: &[bool], seconds: u64) {
    let world = World::fleeting().await;
    world.set_plan(plan.clone()).await;
    let mut left = paise;
    let fitting = |part: &i64| {
        let part = left.min(*part);
        left -= part;
        part
    };
    let parts: Vec<i64> = parts.iter().map(fitting).filter(|part| *part > 0).collect();
    let backwards = parts.iter().rev().copied().collect();
    let at_once = vec![parts.iter().sum()];
    let mut families = Vec::new();
    for (number, parts) in [parts, backwards, at_once].into_iter().enumerate() {
        families.push(refunded(&world, number, active, paise, parts).await);
    }
    world.advance(Duration::from_secs(seconds));
    let mut ends = Vec::new();
    for family in &families {
        ends.push(end(&world, family).await);
    }
    assert_eq!(ends[0], ends[1], "from the last to the first");
    assert_eq!(ends[0], ends[2], "at once");
    world.books_are_right().await;
    world.app.stop().await;
}

/// A purchase below four members, refunded in these parts.
async fn refunded(world: &World, number: usize, active: &[bool], paise: i64, parts: Vec<i64>) -> [Member; 5] {
    let names = ["A", "B", "C", "D", "Buyer"].map(|name| format!("{name} {number}"));
    let family = world.chain(names.each_ref().map(String::as_str)).await;
    for (member, active) in family.iter().zip(active) {
        world.set_active(member.user.id, *active).await;
    }
    let sale = NewPurchase::new(family[4].user.id, Money::from_paise(paise));
    let purchase = world.record(sale).await.unwrap().purchase;
    for part in parts {
        world.refund(purchase.id, &Money::from_paise(part).to_string()).await;
    }
    family
}

/// What everybody of a family came to, and what of it is on hold.
async fn end(world: &World, family: &[Member]) -> Vec<(Totals, Money)> {
    let now = world.app.now();
    let mut ends = Vec::new();
    for member in family {
        let user = member.user.id;
        let pending = world.app.store().read(async move |view| view.pending(user, now).await).await;
        ends.push((world.account(user).await.totals, pending.unwrap()));
    }
    ends
}
