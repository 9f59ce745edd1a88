//! What the store takes and gives besides plain domain values.

use domain::{
    Currency, Email, Entry, EntryKind, ExternalId, Level, Metadata, Money, Month, Name, Origin, PayoutId,
    PayoutRunId, PayoutStatus, PayoutWarning, Plan, PlanVersion, PurchaseId, Reason, Reference, ReferralCode,
    RefundId, Scopes, SessionId, SignIn, Timestamp, User, UserId,
};

/// What a new database begins with.
#[derive(Clone, Debug)]
pub struct Foundation {
    /// The currency, which stays for ever: rupees when none is named. A database
    /// that is there already and counts in another one than is named is not opened.
    pub currency: Option<Currency>,
    /// The time zone whose days and months count, by its IANA name.
    pub time_zone: String,
}

impl Default for Foundation {
    fn default() -> Self {
        Self { currency: None, time_zone: "UTC".to_owned() }
    }
}

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
    /// The shop's own number of her.
    pub external_id: Option<ExternalId>,
    /// What the shop has noted of her.
    pub metadata: Metadata,
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
    /// The shop's own number of her.
    pub external_id: Option<ExternalId>,
    /// What the shop has noted of her.
    pub metadata: Metadata,
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

/// A line that somebody earned by a purchase, without the sums after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commission {
    /// Which line of her ledger.
    pub seq: i64,
    /// What she earned.
    pub amount: Money,
    /// The purchase.
    pub origin: Origin,
    /// Who bought.
    pub from_user: Name,
    /// When it was bought.
    pub occurred_at: Timestamp,
}

/// What late lines of one kind and level come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LateSum {
    /// Their kind.
    pub kind: EntryKind,
    /// Their level, where they have one.
    pub level: Option<Level>,
    /// What they add up to.
    pub amount: Money,
    /// How many there are.
    pub lines: i64,
}

/// The plan in force, and what can be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// The version of the plan.
    pub version: PlanVersion,
    /// What it pays.
    pub plan: Plan,
    /// The first moment of the first open month.
    pub open_from: Timestamp,
}

/// A time zone, and since which month its days and months count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The first month.
    pub from: Month,
    /// Its name by the IANA.
    pub name: String,
    /// When it was set.
    pub set_at: Timestamp,
}

/// A month that was closed once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedMonth {
    /// Which.
    pub month: Month,
    /// The first moment after it.
    pub ends_at: Timestamp,
    /// When it was closed; nothing while it is open again.
    pub closed_at: Option<Timestamp>,
    /// When it was last opened again, if ever.
    pub reopened_at: Option<Timestamp>,
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

/// Where somebody stands among those whose purchases brought a member something:
/// whoever brought most comes first, and of two who brought the same, whoever
/// registered first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRank {
    /// Commissions less reversals that her purchases made.
    pub earned: Money,
    /// Who bought.
    pub source: UserId,
}

impl SourceRank {
    /// Before the first.
    pub const TOP: Self = Self { earned: Money::from_paise(i64::MAX), source: UserId::new(0) };
}

/// How many people brought a member something, and by how many purchases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceCount {
    /// How many people.
    pub people: i64,
    /// How many purchases.
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
    /// What was taken back of the commissions, as a number of zero or more.
    pub reversed: Money,
    /// Commissions less reversals, at each level.
    pub by_level: domain::LevelTotals,
}

impl ProgrammeTotals {
    /// All commissions, before anything was taken back.
    pub fn commissions(&self) -> Money {
        // The engines answer no totals of which this is out of range.
        self.checked_commissions().unwrap_or_default()
    }

    fn checked_commissions(&self) -> Option<Money> {
        self.by_level.checked_sum()?.checked_add(self.reversed)
    }

    /// These totals, when all that follows from them is in range.
    pub(crate) fn in_range(self) -> crate::Result<Self> {
        match self.checked_commissions() {
            Some(_) => Ok(self),
            None => Err(crate::Error::OutOfRange("all commissions")),
        }
    }
}

/// A version of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// Its number.
    pub version: PlanVersion,
    /// What it pays.
    pub plan: Plan,
    /// Since when it is in force, or from when on.
    pub effective_from: Timestamp,
    /// When it was set.
    pub created_at: Timestamp,
    /// When it was withdrawn, which is before it began.
    pub withdrawn_at: Option<Timestamp>,
}

/// Commissions of one member that cannot be paid out before some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub user: UserId,
    /// When they can be paid out.
    pub matures_at: Timestamp,
    /// How much, less what was reversed.
    pub amount: Money,
}

/// A purchase without what a replay of the past has no use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The purchase.
    pub id: PurchaseId,
    /// Who bought.
    pub buyer: UserId,
    /// For how much.
    pub amount: Money,
    /// How much of the amount was taken back since.
    pub refunded: Money,
    /// The version of the plan it was made under.
    pub plan: PlanVersion,
    /// Who of her upline was active.
    pub decided: Decided,
    /// When it was made.
    pub occurred_at: Timestamp,
}

/// The levels that were decided for a purchase, and at which of them somebody
/// active stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    levels: u8,
    active: u16,
}

impl Decided {
    /// Whether nothing was decided: the commissions were settled elsewhere.
    pub fn is_empty(self) -> bool {
        self.levels == 0
    }

    /// Whether somebody active stood at this level, if it was decided.
    pub fn active(self, level: Level) -> Option<bool> {
        (level.number() <= self.levels).then(|| self.active & Self::bit(level) != 0)
    }

    /// One level more, unless there are as many as a plan can have.
    pub(crate) fn push(&mut self, active: bool) -> Option<()> {
        let level = Level::new(self.levels + 1)?;
        self.levels = level.number();
        self.active |= if active { Self::bit(level) } else { 0 };
        Some(())
    }

    const fn bit(level: Level) -> u16 {
        1 << level.index()
    }
}

/// Which purchase was made when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaleTime {
    /// The purchase.
    pub purchase: PurchaseId,
    /// When it was made.
    pub occurred_at: Timestamp,
}

/// A refund about to be written.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Of which purchase.
    pub purchase: PurchaseId,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// How much is taken back.
    pub amount: Money,
    /// How much of the purchase is left after it.
    pub net: Money,
    /// What all levels give back.
    pub reversed: Money,
    /// When it is recorded.
    pub created_at: Timestamp,
}

/// A payout run about to be written.
#[derive(Clone, Debug)]
pub struct NewPayoutRun {
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// Whoever is due less is left out.
    pub minimum: Money,
    /// To whom, and how much; each more than zero.
    pub payouts: Vec<(UserId, Money)>,
    /// When it is made.
    pub created_at: Timestamp,
}

impl NewPayoutRun {
    /// What all its payouts come to.
    pub fn total(&self) -> crate::Result<Money> {
        let amounts = self.payouts.iter().map(|(_, amount)| *amount);
        Money::sum(amounts).map_err(|_| crate::Error::OutOfRange("all payouts of the run"))
    }
}

/// Something about to be noted of a payout.
#[derive(Clone, Debug)]
pub struct NewPayoutWarning {
    /// Of which run.
    pub run: PayoutRunId,
    /// Of which of its payouts.
    pub payout: PayoutId,
    /// What there is to know.
    pub kind: PayoutWarning,
    /// The sale.
    pub purchase: PurchaseId,
    /// Its refund, where that is what there is to know.
    pub refund: Option<RefundId>,
    /// How much of the payout is concerned.
    pub amount: Money,
    /// When it came about.
    pub created_at: Timestamp,
}

/// Something that was noted of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedPayoutWarning {
    /// Of which payout.
    pub payout: PayoutId,
    /// What became of that.
    pub status: PayoutStatus,
    /// To whom it is.
    pub user: UserId,
    /// What she is called.
    pub user_name: Name,
    /// What there is to know.
    pub kind: PayoutWarning,
    /// The sale.
    pub purchase: PurchaseId,
    /// Its refund, where that is what there is to know.
    pub refund: Option<RefundId>,
    /// How much of the payout is concerned.
    pub amount: Money,
    /// When it came about.
    pub created_at: Timestamp,
}

/// An adjustment about to be written.
#[derive(Clone, Debug)]
pub struct NewAdjustment {
    /// Whose balance.
    pub user: UserId,
    /// What it adds; negative where it takes away.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// When it is made.
    pub created_at: Timestamp,
}

/// A session about to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession {
    /// What its token calls it.
    pub id: SessionId,
    /// Whose it is; the owner's when nobody's.
    pub user: Option<UserId>,
    /// How it begins.
    pub made_by: SignIn,
    /// When it begins.
    pub made_at: Timestamp,
    /// When its token expires.
    pub expires_at: Timestamp,
}

/// Something that was changed by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Who did it, such as `key 3` or `admin`.
    pub actor: String,
    /// What was done, such as `payout.failed`.
    pub action: String,
    /// To what, such as `payout 7`.
    pub subject: String,
    /// The particulars, as a JSON object.
    pub detail: String,
    /// When it was done.
    pub at: Timestamp,
}

/// An event of the audit trail with its number: 1, 2, 3, …
pub type NumberedAuditEvent = (i64, AuditEvent);
