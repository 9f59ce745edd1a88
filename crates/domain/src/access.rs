//! What the holder of an API key may do.

use std::fmt;
use std::str::FromStr;

/// One permission of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// See every member, purchase and ledger.
    Read,
    /// Register members exactly once, and mint their tokens.
    UsersWrite,
    /// Report purchases and refunds.
    PurchasesWrite,
    /// Make payouts.
    PayoutsWrite,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope, with its name.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Read, "read"),
        (Self::UsersWrite, "users:write"),
        (Self::PurchasesWrite, "purchases:write"),
        (Self::PayoutsWrite, "payouts:write"),
        (Self::Admin, "admin"),
    ];
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = Self::NAMES[*self as usize];
        f.write_str(name)
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let known = Self::NAMES.into_iter().find(|(_, name)| *name == text);
        known.map(|(scope, _)| scope).ok_or(UnknownScope)
    }
}

/// The text names no [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be \"read\", \"users:write\", \"purchases:write\", \"payouts:write\" or \"admin\"")]
pub struct UnknownScope;

/// A set of scopes.
///
/// ```
/// use domain::{Scope, Scopes};
///
/// let scopes: Scopes = "read purchases:write".parse().unwrap();
/// assert!(scopes.allow(Scope::Read) && !scopes.allow(Scope::UsersWrite));
/// assert!(Scopes::from_iter([Scope::Admin]).allow(Scope::UsersWrite));
/// assert_eq!(scopes.to_string(), "read purchases:write");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Whether the scope, or `admin`, is in the set.
    pub fn allow(self, scope: Scope) -> bool {
        self.has(scope) || self.has(Scope::Admin)
    }

    /// The scopes in the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::NAMES.into_iter().map(|(scope, _)| scope).filter(move |scope| self.has(*scope))
    }

    const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | 1 << scope as u8))
    }
}

/// The names, separated by spaces.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(|scope| scope.to_string()).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_whitespace().map(str::parse).collect()
    }
}
