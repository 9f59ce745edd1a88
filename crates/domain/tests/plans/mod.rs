//! Plans of every kind, and uplines written as words.

use domain::{Earner, Levels, Money, Plan, Rate, Rounding, UserId};
use proptest::prelude::*;

/// An upline written as a word: `A` is an active member, `i` an inactive one,
/// nearest first.
pub(crate) fn upline(word: &str) -> Vec<Earner> {
    let earner = |(id, c)| Earner { user: UserId::new(id), active: c == 'A' };
    (1..).zip(word.chars()).map(earner).collect()
}

prop_compose! {
    pub(crate) fn any_plan()(
        basis_points in proptest::collection::vec(0..=1_000_u16, 1..=10),
        threshold in 0..=200_000_i64,
        rounding in proptest::sample::select(Rounding::ALL),
        cap in proptest::option::of(1..=50_000_i64),
    ) -> Plan {
        let rates: Vec<Rate> = basis_points.into_iter().map(|bp| Rate::from_basis_points(bp).unwrap()).collect();
        Plan {
            levels: Levels::try_from(rates).unwrap(),
            commission_above: Money::from_paise(threshold),
            rounding,
            max_commission: cap.map(Money::from_paise),
            ..Plan::default()
        }
    }
}
