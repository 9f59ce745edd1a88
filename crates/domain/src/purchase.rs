//! A purchase with everything that was decided about it, and what was taken
//! back of it.

use crate::{Decision, Metadata, Money, PlanVersion, PurchaseId, Reference, RefundId, Timestamp, UserId};

/// A sale that was reported: the only thing that can ever make a commission.
///
/// All but what was refunded is fixed when it is committed, so the answer to a
/// purchase can be rebuilt at any later time, word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Its own id.
    pub id: PurchaseId,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// Who bought.
    pub buyer: UserId,
    /// For how much.
    pub amount: Money,
    /// The version of the plan it was made under.
    pub plan: PlanVersion,
    /// What each level of that plan came to, nearest first; nothing when its
    /// commissions were settled elsewhere.
    pub decisions: Vec<Decision>,
    /// When it was made.
    pub occurred_at: Timestamp,
    /// Which month, and which day, of the books it belongs to: when it was made, or
    /// the first moment of the first open month where its own was closed.
    pub booked_at: Timestamp,
    /// What the clock said when it was written.
    pub recorded_at: Timestamp,
    /// When what it paid can be paid out, where its plan holds that back.
    pub matures_at: Option<Timestamp>,
    /// The plan that was in force when it was recorded, where it was made under
    /// another one.
    pub present_plan: Option<PlanVersion>,
    /// What the shop has noted of it.
    pub metadata: Metadata,
    /// How much of the amount was taken back since.
    pub refunded: Money,
}

impl Purchase {
    /// What is left of the amount.
    pub fn net(&self) -> Money {
        self.amount.checked_sub(self.refunded).unwrap_or_default()
    }

    /// What all levels were paid together, before anything was taken back.
    pub fn commission(&self) -> Money {
        // The rates of a plan come to 100 % at most.
        Money::sum(self.decisions.iter().map(|decision| decision.amount)).unwrap_or_default()
    }
}

/// A part of a purchase that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its own id.
    pub id: RefundId,
    /// Of which purchase.
    pub purchase: PurchaseId,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// How much was taken back.
    pub amount: Money,
    /// How much of the purchase was left after it.
    pub net: Money,
    /// When it was recorded.
    pub created_at: Timestamp,
}
