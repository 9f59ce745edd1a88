//! Identities. Each kind is its own type, so a purchase is never looked up by
//! the number of a user.

use std::fmt;
use std::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            pub const fn new(number: i64) -> Self {
                Self(number)
            }

            /// The number, as it stands in JSON and SQL.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                let number = text.parse().ok().filter(|n| digits && *n <= MAX_SAFE_INTEGER);
                number.map(Self).ok_or(InvalidId)
            }
        }
    };
}

/// The largest integer that every JSON reader keeps exactly.
const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

id! {
    /// A member of the referral tree.
    UserId
}
id! {
    /// A sale that was reported.
    PurchaseId
}
id! {
    /// A version of the plan; the first is 1.
    PlanVersion
}
id! {
    /// A part of a purchase that was taken back.
    RefundId
}
id! {
    /// Payouts that were made together.
    PayoutRunId
}
id! {
    /// Money sent to one member.
    PayoutId
}
id! {
    /// A correction by an admin.
    AdjustmentId
}

/// The name of a line of a ledger: whose it is, and its number there.
///
/// ```
/// use domain::{EntryId, UserId};
///
/// let id: EntryId = "42-17".parse().unwrap();
/// assert_eq!(id, EntryId { user: UserId::new(42), seq: 17 });
/// assert_eq!(id.to_string(), "42-17");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// Whose ledger.
    pub user: UserId,
    /// Which line: 1, 2, 3, …
    pub seq: i64,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.user, self.seq)
    }
}

impl FromStr for EntryId {
    type Err = InvalidEntryId;

    fn from_str(text: &str) -> Result<Self, InvalidEntryId> {
        let (user, seq) = text.split_once('-').ok_or(InvalidEntryId)?;
        // The number of a line is as safe in JSON as any id.
        let number = |text: &str| text.parse::<UserId>().map_err(|_| InvalidEntryId);
        Ok(Self { user: number(user)?, seq: number(seq)?.get() })
    }
}

/// The text is not the name of a line of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a user and the number of a line such as 42-17")]
pub struct InvalidEntryId;

/// The text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number such as 42")]
pub struct InvalidId;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_numbers_that_json_can_hold() {
        assert_eq!("42".parse(), Ok(UserId(42)));
        assert_eq!("9007199254740991".parse(), Ok(UserId(MAX_SAFE_INTEGER)));
        for text in ["", "-1", "+1", "1.0", "abc", "9007199254740992", "99999999999999999999", " 1"] {
            assert_eq!(text.parse::<UserId>(), Err(InvalidId), "{text}");
        }
        for text in
            ["", "-", "42", "42-", "-17", "42--17", "42-17-1", "42-x", " 42-17", "42-9007199254740992"]
        {
            assert_eq!(text.parse::<EntryId>(), Err(InvalidEntryId), "{text}");
        }
    }
}
