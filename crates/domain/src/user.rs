//! Members of the referral tree.

use crate::{Email, Name, ReferralCode, Timestamp, UserId};

/// A member: who she is and where she stands in the tree. None of it changes
/// after registration; whether she is active belongs to her [`Account`].
///
/// [`Account`]: crate::Account
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Her id; greater than her referrer's.
    pub id: UserId,
    /// What she is called.
    pub name: Name,
    /// Unique among all members.
    pub email: Email,
    /// What she gives to the people she brings.
    pub code: ReferralCode,
    /// The member whose code she gave.
    pub referrer: Option<UserId>,
    /// When she registered.
    pub joined_at: Timestamp,
}
