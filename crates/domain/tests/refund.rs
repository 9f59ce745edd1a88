//! Refunds: what they take back depends on what is left alone, never on how it
//! came to be left.

mod plans;

use domain::commission::decide;
use domain::refund::{decide_again, reversals};
use domain::{
    Level, LevelTotals, Money, Plan, PlanVersion, Purchase, PurchaseId, Rounding, Timestamp, UserId,
};
use proptest::prelude::*;

use crate::plans::{any_plan, upline};

fn purchase(plan: &Plan, amount: Money, chain: &str) -> Purchase {
    Purchase {
        id: PurchaseId::new(1),
        reference: None,
        buyer: UserId::new(99),
        amount,
        plan: PlanVersion::new(1),
        decisions: decide(plan, amount, &upline(chain)),
        occurred_at: Timestamp::MIN,
        booked_at: Timestamp::MIN,
        recorded_at: Timestamp::MIN,
        matures_at: None,
        present_plan: None,
        metadata: domain::Metadata::default(),
        refunded: Money::ZERO,
    }
}

/// What each level gives back in all when the purchase is refunded in these parts.
fn taken_back(plan: &Plan, purchase: &Purchase, parts: &[i64]) -> LevelTotals {
    let mut taken = LevelTotals::default();
    let mut left = purchase.amount;
    for part in parts {
        let net = left.checked_sub(Money::from_paise(*part)).unwrap();
        for reversal in reversals(plan, purchase, left, net) {
            assert!(reversal.amount > Money::ZERO);
            assert_eq!(reversal.decision.payee(), Some(reversal.earner));
            let level = taken.get_mut(reversal.decision.level);
            *level = level.checked_add(reversal.amount).unwrap();
        }
        left = net;
    }
    taken
}

/// What every level earned.
fn earned(purchase: &Purchase) -> LevelTotals {
    let mut earned = LevelTotals::default();
    for decision in &purchase.decisions {
        *earned.get_mut(decision.level) = decision.amount;
    }
    earned
}

#[track_caller]
fn check(plan: &Plan, chain: &str, amount: &str, refunds: &[(&str, &[&str])]) {
    let purchase = purchase(plan, amount.parse().unwrap(), chain);
    let mut left = purchase.amount;
    for (refund, expect) in refunds {
        let net = left.checked_sub(refund.parse().unwrap()).unwrap();
        let taken = reversals(plan, &purchase, left, net);
        let taken: Vec<_> = taken.iter().map(|r| format!("{} {}", r.decision.level, r.amount)).collect();
        assert_eq!(taken, *expect, "{refund} of {left}");
        left = net;
    }
}

#[test]
fn the_default_plan() {
    let plan = Plan::default();
    check(&plan, "AA", "3000", &[("3000", &["1 150.00", "2 30.00"])]);
    check(&plan, "AA", "3000", &[("1000", &["1 50.00", "2 10.00"]), ("2000", &["1 100.00", "2 20.00"])]);
    // What is left must be above the threshold, strictly.
    check(&plan, "AA", "1500", &[("499.99", &["1 25.00", "2 5.00"]), ("0.01", &["1 50.00", "2 10.00"])]);
    check(&plan, "AA", "1500", &[("600", &["1 75.00", "2 15.00"]), ("900", &[])]);
    // Whoever earned nothing gives nothing back.
    check(&plan, "iA", "2000", &[("2000", &["2 20.00"])]);
    check(&plan, "A", "2000", &[("2000", &["1 100.00"])]);
    check(&plan, "AA", "1000", &[("1000", &[])]);
    // 5 % of 1001.30 is 50.065 and was rounded up; of 1001.29 it is 50.0645.
    check(&plan, "A", "1001.30", &[("0.01", &["1 0.01"])]);
    check(&plan, "A", "1001.29", &[("0.01", &[])]);
}

#[test]
fn other_plans() {
    let capped = Plan { max_commission: Some(Money::from_paise(60_00)), ..Plan::default() };
    check(&capped, "A", "2000", &[("800", &[]), ("100", &["1 5.00"]), ("1100", &["1 55.00"])]);
    let from_nothing = Plan { commission_above: Money::ZERO, ..Plan::default() };
    check(&from_nothing, "AA", "0.10", &[("0.01", &["1 0.01"]), ("0.09", &[])]);
    let even = Plan { rounding: Rounding::HalfEven, ..Plan::default() };
    check(&even, "A", "1001.30", &[("0.01", &[]), ("0.20", &["1 0.01"])]);
}

#[test]
fn what_was_settled_elsewhere_gives_nothing_back() {
    let plan = Plan::default();
    let amount = Money::from_paise(2_000_00);
    let purchase = Purchase { decisions: vec![], ..purchase(&plan, amount, "AA") };
    assert_eq!(reversals(&plan, &purchase, amount, Money::ZERO), []);
}

prop_compose! {
    /// A purchase of some paise, and parts of it that come to no more.
    fn sale()(
        // Around half a paisa and the threshold, and anywhere.
        paise in prop_oneof![1..=10_000_i64, 90_000..=210_000_i64, 1..=Money::MAX_AMOUNT.paise()],
    )(
        cuts in proptest::collection::vec(0..=paise, 1..8),
        paise in Just(paise),
    ) -> (i64, Vec<i64>) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.dedup();
        let before = std::iter::once(0).chain(cuts.iter().copied());
        let parts = before.zip(&cuts).map(|(before, cut)| cut - before).filter(|part| *part > 0);
        (paise, parts.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_number_of_refunds_ends_like_one_of_the_sum(
        plan in any_plan(),
        (paise, parts) in sale(),
        chain in "[Ai]{0,10}",
        turn in any::<prop::sample::Index>(),
    ) {
        let purchase = purchase(&plan, Money::from_paise(paise), &chain);
        let sum: i64 = parts.iter().sum();
        let at_once = taken_back(&plan, &purchase, &[sum]);
        prop_assert_eq!(taken_back(&plan, &purchase, &parts), at_once);
        let mut other = parts.clone();
        other.rotate_left(turn.index(parts.len().max(1)).min(parts.len()));
        other.reverse();
        prop_assert_eq!(taken_back(&plan, &purchase, &other), at_once);

        // What stays earned is what the rest alone would have paid.
        let net = Money::from_paise(paise - sum);
        let rest = decide(&plan, net, &upline(&chain));
        for (level, earned) in earned(&purchase).iter() {
            let due = rest.iter().find(|decision| decision.level == level).map_or(Money::ZERO, |d| d.amount);
            prop_assert_eq!(earned.checked_sub(at_once.get(level)), Some(due));
        }
    }

    #[test]
    fn a_full_refund_leaves_nothing_at_any_level(
        plan in any_plan(),
        (paise, mut parts) in sale(),
        chain in "[Ai]{0,10}",
    ) {
        let purchase = purchase(&plan, Money::from_paise(paise), &chain);
        parts.extend(Some(paise - parts.iter().sum::<i64>()).filter(|rest| *rest > 0));
        prop_assert_eq!(taken_back(&plan, &purchase, &parts), earned(&purchase));
    }

    #[test]
    fn nothing_refunded_is_decided_as_it_was(plan in any_plan(), (paise, _) in sale(), chain in "[Ai]{0,12}") {
        let purchase = purchase(&plan, Money::from_paise(paise), &chain);
        prop_assert_eq!(&decide_again(&plan, &purchase, purchase.amount), &purchase.decisions);
        prop_assert!(Level::all().all(|level| taken_back(&plan, &purchase, &[]).get(level) == Money::ZERO));
    }
}
