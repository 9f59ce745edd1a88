//! What the holder of an API key may do.

use std::fmt;
use std::str::FromStr;

use crate::named::named;

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

named!(
    Scope,
    UnknownScope,
    "must be \"read\", \"users:write\", \"purchases:write\", \"payouts:write\" or \"admin\"",
    {
        Read => "read",
        UsersWrite => "users:write",
        PurchasesWrite => "purchases:write",
        PayoutsWrite => "payouts:write",
        Admin => "admin",
    }
);

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
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
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
        let names: Vec<_> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_whitespace().map(str::parse).collect()
    }
}
