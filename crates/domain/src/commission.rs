//! Who is paid for a purchase, how much, and why not.

use std::iter;

use crate::named::named;
use crate::{Level, Money, Plan, Rate, UserId};

/// A member of the buyer's upline, as she stood when the purchase was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Earner {
    /// Who she is.
    pub user: UserId,
    /// Whether she was active, read inside the purchase's own transaction.
    pub active: bool,
}

/// What one level of one purchase came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Hops above the buyer.
    pub level: Level,
    /// Who stands at that level, if anybody does.
    pub earner: Option<Earner>,
    /// Whether she is paid, or why not.
    pub outcome: Outcome,
    /// The plan's rate for the level.
    pub rate: Rate,
    /// What she is paid: zero unless the outcome pays.
    pub amount: Money,
}

impl Decision {
    /// Who is paid, when somebody is.
    pub fn payee(&self) -> Option<UserId> {
        self.earner.filter(|_| self.outcome.pays()).map(|earner| earner.user)
    }
}

/// Why a level was paid or not. The first that applies, from the bottom up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The rate's share of the amount.
    Paid,
    /// The share was more than the plan's `max_commission`, which was paid.
    Capped,
    /// The share is less than half a paisa.
    RoundsToZero,
    /// She was not active at the time; what she missed goes to nobody.
    Inactive,
    /// The upline ends before this level.
    NoReferrer,
    /// The amount is not above the plan's threshold.
    BelowThreshold,
}

impl Outcome {
    /// Whether the level earns something.
    pub const fn pays(self) -> bool {
        matches!(self, Self::Paid | Self::Capped)
    }
}

named!(Outcome, UnknownOutcome, "is not an outcome", {
    Paid => "paid",
    Capped => "capped",
    RoundsToZero => "rounds_to_zero",
    Inactive => "inactive",
    NoReferrer => "no_referrer",
    BelowThreshold => "below_threshold",
});

/// Decides every level of the plan for a purchase of `amount`.
///
/// `upline` is the chain above the buyer, nearest first; it may be shorter or
/// longer than the plan. Each level stands alone: a level that earns nothing
/// neither raises nor hides another.
///
/// ```
/// use domain::{Earner, Money, Outcome, Plan, UserId, commission::decide};
///
/// let asha = Earner { user: UserId::new(2), active: false };
/// let root = Earner { user: UserId::new(1), active: true };
/// let amount = Money::parse_amount("2000").unwrap();
///
/// let [first, second] = decide(&Plan::default(), amount, &[asha, root])[..] else { panic!() };
/// assert_eq!((first.outcome, first.amount), (Outcome::Inactive, Money::ZERO));
/// assert_eq!((second.outcome, second.amount), (Outcome::Paid, Money::from_paise(20_00)));
/// ```
pub fn decide(plan: &Plan, amount: Money, upline: &[Earner]) -> Vec<Decision> {
    decide_each(plan, amount, upline).collect()
}

/// What [`decide`] collects, one level at a time.
pub fn decide_each(plan: &Plan, amount: Money, upline: &[Earner]) -> impl Iterator<Item = Decision> {
    let earners = upline.iter().copied().map(Some).chain(iter::repeat(None));
    plan.levels.iter().zip(earners).map(move |((level, rate), earner)| {
        let (outcome, amount) = decide_level(plan, amount, rate, earner);
        Decision { level, earner, outcome, rate, amount }
    })
}

fn decide_level(plan: &Plan, amount: Money, rate: Rate, earner: Option<Earner>) -> (Outcome, Money) {
    if amount <= plan.commission_above {
        return (Outcome::BelowThreshold, Money::ZERO);
    }
    let Some(earner) = earner else {
        return (Outcome::NoReferrer, Money::ZERO);
    };
    if !earner.active {
        return (Outcome::Inactive, Money::ZERO);
    }
    match (rate.of(amount, plan.rounding), plan.max_commission) {
        (Money::ZERO, _) => (Outcome::RoundsToZero, Money::ZERO),
        (share, Some(most)) if share > most => (Outcome::Capped, most),
        (share, _) => (Outcome::Paid, share),
    }
}
