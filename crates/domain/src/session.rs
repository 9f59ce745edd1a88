//! Sign-ins. Every token belongs to one, and opens nothing once it has ended.

use std::fmt;
use std::str::FromStr;

use crate::UserId;
use crate::named::named;

/// What a token calls its session: 32 hexadecimal digits. It opens nothing, so it
/// may be shown and kept.
///
/// ```
/// use domain::SessionId;
///
/// let id = SessionId::new([0xA5; 16]);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// assert!("a5".parse::<SessionId>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u128);

impl SessionId {
    /// An id made of chance.
    pub const fn new(chance: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(chance))
    }

    /// The session that a member's registration begins. It can be told at any later
    /// time, so that a registration that is sent again gets the same token.
    pub fn of_registration(user: UserId) -> Self {
        Self(u128::from(user.get().unsigned_abs()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = digits.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number.map(Self).ok_or(InvalidSessionId)
    }
}

/// The text is not a [`SessionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 hexadecimal digits")]
pub struct InvalidSessionId;

/// How a session began, which its tokens say too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignIn {
    /// By a member's own password.
    Password,
    /// A member registered herself without a password.
    Registration,
    /// A program signed a member in with its API key.
    Service,
    /// By the owner: from the command line, or for somebody else.
    Owner,
}

named!(SignIn, UnknownSignIn, "must be \"password\", \"registration\", \"service\" or \"owner\"", {
    Password => "password",
    Registration => "registration",
    Service => "service",
    Owner => "owner",
});
