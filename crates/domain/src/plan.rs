//! The plan: what a purchase pays, and to how many levels.

use std::fmt;
use std::str::FromStr;

use crate::{Day, Level, Money, Rate, Rounding};

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
            currency: Currency(*b"INR"),
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

/// An ISO 4217 code such as `INR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        if !code.iter().all(u8::is_ascii_uppercase) {
            return Err(InvalidCurrency);
        }
        Ok(Self(code))
    }
}

/// The text is not a currency code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a currency code of three capital letters such as \"INR\"")]
pub struct InvalidCurrency;

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

    #[test]
    fn currencies_are_three_capitals() {
        assert_eq!("INR".parse::<Currency>().unwrap().to_string(), "INR");
        for text in ["inr", "IN", "INRR", "₹", "1NR"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }
}
