//! What a refund takes back.
//!
//! A purchase owes its upline what its plan pays on the amount that is left.
//! That depends on the amount alone, so the order and the number of refunds do
//! not matter, and a full refund leaves nothing.

use crate::commission::decide;
use crate::{Decision, Earner, Money, Plan, Purchase, UserId};

/// What one level gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reversal {
    /// The level, as it was decided when the purchase was recorded.
    pub decision: Decision,
    /// Whom it takes from, whether she is active by now or not.
    pub earner: UserId,
    /// How much; more than zero.
    pub amount: Money,
}

/// Decides a purchase again as if only `net` had been paid for it: by its own
/// plan, and with everybody as active as she was.
///
/// `plan` is the version that the purchase was made under.
pub fn decide_again(plan: &Plan, purchase: &Purchase, net: Money) -> Vec<Decision> {
    let upline: Vec<Earner> = purchase.decisions.iter().map_while(|decision| decision.earner).collect();
    decide(plan, net, &upline).into_iter().take(purchase.decisions.len()).collect()
}

/// What each level gives back when a purchase of which `before` was left is
/// refunded until `after` is left.
///
/// ```
/// # use domain::{commission::decide, *};
/// # let plan = Plan::default();
/// # let asha = Earner { user: UserId::new(1), active: true };
/// # let amount = Money::parse_amount("3000").unwrap();
/// # let purchase = Purchase {
/// #     id: PurchaseId::new(1), reference: None, buyer: UserId::new(2), amount, plan: PlanVersion::new(1),
/// #     decisions: decide(&plan, amount, &[asha]), occurred_at: Timestamp::MIN,
/// #     booked_at: Timestamp::MIN, recorded_at: Timestamp::MIN, matures_at: None, present_plan: None,
/// #     metadata: Metadata::default(), refunded: Money::ZERO,
/// # };
/// // 3000.00 paid 150.00; 1000.00 is not above the threshold and pays nothing.
/// let left = Money::parse_amount("1000").unwrap();
/// let [reversal] = refund::reversals(&plan, &purchase, purchase.amount, left)[..] else { panic!() };
/// assert_eq!(reversal.amount.to_string(), "150.00");
/// ```
pub fn reversals(plan: &Plan, purchase: &Purchase, before: Money, after: Money) -> Vec<Reversal> {
    let (owed, still_owed) = (decide_again(plan, purchase, before), decide_again(plan, purchase, after));
    let levels = purchase.decisions.iter().zip(owed).zip(still_owed);
    levels
        .filter_map(|((decision, owed), still_owed)| {
            let amount = owed.amount.checked_sub(still_owed.amount).filter(|amount| *amount > Money::ZERO)?;
            Some(Reversal { decision: *decision, earner: decision.payee()?, amount })
        })
        .collect()
}
