//! The plan: what a purchase pays, and to how many levels.

use crate::{Currency, Day, Level, Money, Rate, Rounding};

/// The rules of one programme.
///
/// A plan is versioned where it is stored; a purchase keeps the version it was
/// made under. Every value of this type is a valid plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The one currency of the deployment.
    pub currency: Currency,
    /// Only purchases strictly above this amount pay, and they pay on the whole.
    pub commission_above: Money,
    /// How many members one member may refer directly.
    pub max_direct_referrals: u32,
    /// The rate of each level.
    pub levels: Levels,
    /// What happens to the part of a paisa.
    pub rounding: Rounding,
    /// How long a commission waits until it can be paid out.
    pub hold: HoldDays,
    /// The most one level of one purchase can pay.
    pub max_commission: Option<Money>,
}

/// 5 % and 1 % of purchases above ₹1000, at most 8 direct referrals.
impl Default for Plan {
    fn default() -> Self {
        Self {
            currency: Currency::default(),
            commission_above: Money::from_paise(1_000_00),
            max_direct_referrals: 8,
            levels: Levels(vec![
                Rate::from_basis_points(500).unwrap(),
                Rate::from_basis_points(100).unwrap(),
            ]),
            rounding: Rounding::HalfUp,
            hold: HoldDays::default(),
            max_commission: None,
        }
    }
}

/// The rates of a plan, nearest level first: 1 to 10 of them, at most 100 % in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Vec<Rate>);

impl Levels {
    /// How many levels the plan pays.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Each level with its rate, nearest first.
    pub fn iter(&self) -> impl Iterator<Item = (Level, Rate)> {
        Level::all().zip(self.0.iter().copied())
    }
}

impl TryFrom<Vec<Rate>> for Levels {
    type Error = InvalidPlan;

    fn try_from(rates: Vec<Rate>) -> Result<Self, InvalidPlan> {
        if rates.is_empty() || rates.len() > usize::from(Level::MAX) {
            return Err(InvalidPlan::LevelCount);
        }
        let sum: u32 = rates.iter().map(|rate| u32::from(rate.basis_points())).sum();
        if sum > u32::from(Rate::WHOLE.basis_points()) {
            return Err(InvalidPlan::RatesAboveWhole);
        }
        Ok(Self(rates))
    }
}

/// Whole days until a commission can be paid out, 0 to 365.
///
/// ```
/// use domain::{Day, HoldDays};
///
/// let hold = HoldDays::new(30).unwrap();
/// assert_eq!(hold.available_on(Day::new(5)), Day::new(35));
/// assert!(HoldDays::new(366).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldDays(u16);

impl HoldDays {
    /// The longest hold.
    pub const MAX: u16 = 365;

    /// So many days, at most [`HoldDays::MAX`].
    pub const fn new(days: u16) -> Result<Self, InvalidPlan> {
        if days > Self::MAX {
            return Err(InvalidPlan::HoldTooLong);
        }
        Ok(Self(days))
    }

    /// The number of days.
    pub const fn days(self) -> u16 {
        self.0
    }

    /// The first day on which what was earned on `day` can be paid out.
    pub fn available_on(self, day: Day) -> Day {
        day.plus_days(self.0)
    }
}

/// Why some terms do not make a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPlan {
    /// No level, or more than [`Level::MAX`].
    #[error("levels must name 1 to 10 rates")]
    LevelCount,
    /// The programme would pay out more than it sells.
    #[error("the rates of all levels may not pass 100% together")]
    RatesAboveWhole,
    /// Nobody waits longer than a year for her money.
    #[error("hold_days must be 0 to 365")]
    HoldTooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(rates: &[&str]) -> Result<Levels, InvalidPlan> {
        rates.iter().map(|rate| rate.parse().unwrap()).collect::<Vec<Rate>>().try_into()
    }

    #[test]
    fn a_plan_has_one_to_ten_levels_and_pays_at_most_everything() {
        assert_eq!(levels(&[]), Err(InvalidPlan::LevelCount));
        assert_eq!(levels(&["1%"; 11]), Err(InvalidPlan::LevelCount));
        assert_eq!(levels(&["60%", "40.01%"]), Err(InvalidPlan::RatesAboveWhole));
        assert_eq!(levels(&["60%", "40%"]).unwrap().depth(), 2);
        assert_eq!(levels(&["10%"; 10]).unwrap().depth(), 10);
    }
}
