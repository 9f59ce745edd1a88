//! What the store takes and gives besides plain domain values.

use domain::{
    Email, Entry, Level, Money, Name, PlanVersion, PurchaseId, Reference, ReferralCode, Scopes, Timestamp,
    User, UserId,
};

/// A registration, ready to be written.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What she is called.
    pub name: Name,
    /// Her address.
    pub email: Email,
    /// The code drawn for her.
    pub code: ReferralCode,
    /// Whose code she gave.
    pub referrer: Option<UserId>,
    /// The plan version whose limit her referrer's slot was taken under.
    pub plan: PlanVersion,
    /// An argon2 hash in PHC form, if she chose a password.
    pub password_hash: Option<String>,
    /// The calling service's own id for the registration.
    pub reference: Option<Reference>,
    /// When she registered.
    pub joined_at: Timestamp,
}

/// A member with what can change about her.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who she is.
    pub user: User,
    /// Whether she earns at present.
    pub active: bool,
    /// How many members she referred directly.
    pub slots_used: u32,
    /// The plan version whose limit her referrer's slot was taken under.
    pub plan: PlanVersion,
}

/// What a sign-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub user: UserId,
    /// An argon2 hash in PHC form, if she has a password.
    pub password_hash: Option<String>,
}

/// What a purchase needs to know of its buyer. None of it ever changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// What she is called.
    pub name: Name,
    /// The chain of referrers above her, nearest first.
    pub upline: Vec<UserId>,
}

/// An entry with the name of the person behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// The entry.
    pub entry: Entry,
    /// Who bought, where a purchase is behind the entry.
    pub from_user: Option<Name>,
}

/// What all purchases of one buyer came to at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceTotal {
    /// Who bought.
    pub source: UserId,
    /// How many hops above her the earner stands.
    pub level: Level,
    /// The one member whom her purchases feed at that level.
    pub earner: UserId,
    /// Commissions less reversals.
    pub amount: Money,
    /// How many purchases paid something.
    pub purchases: i64,
}

/// Somebody below a member, and what her purchases brought that member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownlineMember {
    /// Who she is.
    pub user: User,
    /// Whether she earns at present.
    pub active: bool,
    /// How many hops below.
    pub level: Level,
    /// Commissions less reversals that her purchases made for the member above.
    pub earned: Money,
    /// How many of her purchases paid something.
    pub purchases: i64,
}

/// One activation or deactivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityChange {
    /// Whose.
    pub user: UserId,
    /// What she became.
    pub active: bool,
    /// The first purchase that read it.
    pub from: PurchaseId,
    /// When it was made.
    pub at: Timestamp,
}

/// An API key about to be written.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What the owner calls it.
    pub name: String,
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// What its holder may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An API key, without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its number.
    pub id: i64,
    /// What the owner calls it.
    pub name: String,
    /// What its holder may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

/// Sums over the whole programme.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgrammeTotals {
    /// Registered members.
    pub members: i64,
    /// Members who earn at present.
    pub active_members: i64,
    /// Reported purchases.
    pub purchases: i64,
    /// Sum of their amounts.
    pub sales: Money,
    /// Sum of all commissions.
    pub commissions: Money,
    /// What was taken back of them.
    pub reversed: Money,
    /// Commissions less reversals, at each level.
    pub by_level: domain::LevelTotals,
}
