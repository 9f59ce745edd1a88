//! The rules of commission as tables, the rounding against an exact oracle, and
//! what must hold for any plan, any amount and any upline.

mod plans;

use domain::commission::decide;
use domain::{Decision, Money, Outcome, Plan, Rate, Rounding};
use proptest::prelude::*;

use crate::plans::{any_plan, upline};

#[track_caller]
fn check(plan: &Plan, chain: &str, amount: &str, expect: &[&str]) {
    let amount = Money::parse_amount(amount).unwrap();
    let show = |d: &Decision| match d.outcome.pays() {
        true => format!("{} {}", d.outcome, d.amount),
        false => d.outcome.to_string(),
    };
    let decided: Vec<_> = decide(plan, amount, &upline(chain)).iter().map(show).collect();
    assert_eq!(decided, expect, "upline {chain:?}, amount {amount}");
}

#[test]
fn the_default_plan() {
    let plan = Plan::default();
    // The threshold is strict, and above it the whole amount counts.
    check(&plan, "AA", "999.99", &["below_threshold", "below_threshold"]);
    check(&plan, "AA", "1000.00", &["below_threshold", "below_threshold"]);
    check(&plan, "AA", "1000.01", &["paid 50.00", "paid 10.00"]);
    check(&plan, "", "1000.00", &["below_threshold", "below_threshold"]);
    check(&plan, "ii", "1000.00", &["below_threshold", "below_threshold"]);
    // Rounding, each level alone.
    check(&plan, "AA", "1000.10", &["paid 50.01", "paid 10.00"]);
    check(&plan, "AA", "1001.30", &["paid 50.07", "paid 10.01"]);
    check(&plan, "AA", "1004.50", &["paid 50.23", "paid 10.05"]);
    check(&plan, "AA", "1000000000.00", &["paid 50000000.00", "paid 10000000.00"]);
    // Nothing rolls up, and nothing hides the level above.
    check(&plan, "iA", "2000", &["inactive", "paid 20.00"]);
    check(&plan, "Ai", "2000", &["paid 100.00", "inactive"]);
    check(&plan, "ii", "2000", &["inactive", "inactive"]);
    // The upline may be shorter or longer than the plan.
    check(&plan, "", "2000", &["no_referrer", "no_referrer"]);
    check(&plan, "A", "2000", &["paid 100.00", "no_referrer"]);
    check(&plan, "i", "2000", &["inactive", "no_referrer"]);
    check(&plan, "AAAA", "2000", &["paid 100.00", "paid 20.00"]);
}

#[test]
fn other_plans() {
    let paise = Money::from_paise;
    let capped = Plan { max_commission: Some(paise(500_00)), ..Plan::default() };
    check(&capped, "AA", "10000.00", &["paid 500.00", "paid 100.00"]);
    check(&capped, "AA", "10000.20", &["capped 500.00", "paid 100.00"]);
    check(&capped, "iA", "90000", &["inactive", "capped 500.00"]);

    let from_nothing = Plan { commission_above: Money::ZERO, ..Plan::default() };
    check(&from_nothing, "AA", "0.01", &["rounds_to_zero", "rounds_to_zero"]);
    check(&from_nothing, "AA", "0.10", &["paid 0.01", "rounds_to_zero"]);

    let down = Plan { rounding: Rounding::Down, ..Plan::default() };
    check(&down, "AA", "1001.30", &["paid 50.06", "paid 10.01"]);

    let rates: Vec<Rate> = ["10%", "5%", "0%"].map(|rate| rate.parse().unwrap()).to_vec();
    let three_levels = Plan { levels: rates.try_into().unwrap(), ..Plan::default() };
    check(&three_levels, "AAA", "2000", &["paid 200.00", "paid 100.00", "rounds_to_zero"]);
}

/// Half up, computed another way: in whole and remaining basis points, by
/// schoolbook digits, never with the product that `Rate::of` forms.
fn oracle_half_up(paise: u64, basis_points: u64) -> u64 {
    let (whole, rest) = (paise / 10_000, paise % 10_000);
    let fraction = rest * basis_points;
    whole * basis_points + fraction / 10_000 + u64::from(fraction % 10_000 >= 5_000)
}

#[test]
fn rounding_agrees_with_an_exact_oracle_over_a_million_amounts() {
    let five: Rate = "5%".parse().unwrap();
    let one: Rate = "1%".parse().unwrap();
    // Every paisa from 1000.01 to 7000.00, then strides up to the largest amount.
    let every = 100_001..=700_000_u64;
    let strides = (1..=600_000_u64).map(|k| k * 166_666_667 % 100_000_000_000_000 + 1);
    let mut compared = 0;
    for paise in every.chain(strides) {
        let amount = Money::from_paise(i64::try_from(paise).unwrap());
        for rate in [five, one] {
            let ours = rate.of(amount, Rounding::HalfUp).paise();
            let exact = oracle_half_up(paise, u64::from(rate.basis_points()));
            assert_eq!(ours, i64::try_from(exact).unwrap(), "{rate} of {amount}");
        }
        compared += 1;
    }
    assert!(compared >= 1_000_000, "compared only {compared}");
}

proptest! {
    #[test]
    fn any_purchase_is_decided_at_every_level_to_within_a_paisa(
        plan in any_plan(),
        paise in 1..=Money::MAX_AMOUNT.paise(),
        chain in "[Ai]{0,12}",
    ) {
        let amount = Money::from_paise(paise);
        let upline = upline(&chain);
        let decisions = decide(&plan, amount, &upline);

        prop_assert_eq!(decisions.len(), plan.levels.depth());
        for (i, (decision, (level, rate))) in decisions.iter().zip(plan.levels.iter()).enumerate() {
            prop_assert_eq!((decision.level, decision.rate), (level, rate));
            prop_assert_eq!(decision.earner, upline.get(i).copied());
            prop_assert_eq!(decision.outcome.pays(), decision.amount > Money::ZERO);
            prop_assert_eq!(decision.outcome.pays(), decision.payee().is_some());
            if decision.outcome.pays() {
                prop_assert!(decision.earner.unwrap().active);
                prop_assert!(amount > plan.commission_above);
                prop_assert!(plan.max_commission.is_none_or(|cap| decision.amount <= cap));
            }
            let exact = i128::from(paise) * i128::from(rate.basis_points());
            let error = i128::from(decision.amount.paise()) * 10_000 - exact;
            if decision.outcome == Outcome::Paid {
                prop_assert!(error.abs() < 10_000, "off by a paisa or more");
            }
        }
    }

    #[test]
    fn a_level_is_decided_alone(
        plan in any_plan(),
        paise in 1..=10_000_000_i64,
        chain in "[Ai]{10}",
        other in "[Ai]{10}",
        level in 0..10_usize,
    ) {
        // Two uplines that agree at one level are decided alike there.
        let mixed = format!("{}{}{}", &other[..level], &chain[level..=level], &other[level + 1..]);
        let decide = |word: &str| decide(&plan, Money::from_paise(paise), &upline(word));
        let at_level = |word: &str| decide(word).get(level).copied();
        prop_assert_eq!(at_level(&chain), at_level(&mixed));
    }
}
