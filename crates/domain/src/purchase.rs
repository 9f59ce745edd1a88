//! A purchase, with everything that was decided about it.

use crate::{Decision, Money, PlanVersion, PurchaseId, Reference, Timestamp, UserId};

/// A sale that was reported: the only thing that can ever make a commission.
///
/// All of it is fixed when it is committed, so an answer about a purchase can
/// be rebuilt from it at any later time, word for word.
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
    /// What each level of that plan came to, nearest first.
    pub decisions: Vec<Decision>,
    /// When it was recorded.
    pub created_at: Timestamp,
}
