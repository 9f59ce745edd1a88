//! Corrections by an admin, and the reasons people give.

use std::fmt;
use std::str::FromStr;

use crate::unseen::{self, Unseen};
use crate::{AdjustmentId, Money, Reference, Timestamp, UserId};

/// A correction of one member's balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Its own id.
    pub id: AdjustmentId,
    /// Whose balance.
    pub user: UserId,
    /// What it added; negative where it took away, never zero.
    pub amount: Money,
    /// Why, for the member to read.
    pub reason: Reason,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why somebody changed something by hand: 1 to 200 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reason(String);

impl Reason {
    /// The most characters a reason may have.
    pub const MAX_CHARS: usize = 200;

    /// A reason as it was written down once, whatever else was taken for one then.
    pub fn stored(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The reason as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(text: &str) -> Result<Self, InvalidReason> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > Self::MAX_CHARS {
            return Err(InvalidReason::Length);
        }
        match unseen::find_in_prose(text) {
            Some(unseen) => Err(InvalidReason::Unseen(unseen)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

/// The text cannot be a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// It is empty or too long.
    #[error("must be 1 to 200 characters on one line")]
    Length,
    /// It would look like another reason.
    #[error("must have no character that nobody sees; it has {0}: type it instead of pasting it")]
    Unseen(Unseen),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_trimmed_and_bounded() {
        assert_eq!(" wrong account ".parse::<Reason>().unwrap().as_str(), "wrong account");
        for text in ["", "  ", &"x".repeat(201)] {
            assert_eq!(text.parse::<Reason>(), Err(InvalidReason::Length), "{text}");
        }
        for text in ["a\nb", "00.1 fo \u{202e}dnufer"] {
            assert!(matches!(text.parse::<Reason>(), Err(InvalidReason::Unseen(_))), "{text}");
        }
    }
}
