//! Everything that can be read. The list is the contract between the engines.

use std::collections::HashMap;

use domain::{
    Account, Email, Entry, Level, Plan, PlanVersion, Purchase, PurchaseId, Reference, ReferralCode,
    Timestamp, UserId,
};

use crate::{
    ActivityChange, ApiKey, Buyer, Credentials, DownlineMember, LedgerLine, Member, ProgrammeTotals, Result,
    SourceTotal, sqlite,
};

/// A consistent view of the database.
pub struct Snapshot<'c> {
    pub(crate) session: sqlite::Session<'c>,
}

#[expect(clippy::unused_async, reason = "an engine across a network waits where this one does not")]
impl Snapshot<'_> {
    /// The plan in force at a time. There always is one.
    pub async fn plan_in_force(&mut self, at: Timestamp) -> Result<(PlanVersion, Plan)> {
        self.session.plan_in_force(at)
    }

    /// Every plan there ever was, oldest first.
    pub async fn plans(&mut self) -> Result<Vec<(PlanVersion, Plan)>> {
        self.session.plans()
    }

    /// The member with this id.
    pub async fn member(&mut self, id: UserId) -> Result<Option<Member>> {
        self.session.member(id)
    }

    /// The member with this referral code.
    pub async fn member_by_code(&mut self, code: ReferralCode) -> Result<Option<Member>> {
        self.session.member_by_code(code)
    }

    /// The member whom a service registered under this reference.
    pub async fn member_by_reference(&mut self, reference: &Reference) -> Result<Option<Member>> {
        self.session.member_by_reference(reference)
    }

    /// What a sign-in with this address is checked against.
    pub async fn credentials(&mut self, email: &Email) -> Result<Option<Credentials>> {
        self.session.credentials(email)
    }

    /// Up to `limit` members, newest first, from just below `before`.
    pub async fn members_page(&mut self, before: Option<UserId>, limit: usize) -> Result<Vec<Member>> {
        self.session.members_page(before, limit)
    }

    /// The buyers among these users, with `depth` levels of upline.
    pub async fn buyers(&mut self, ids: &[UserId], depth: usize) -> Result<HashMap<UserId, Buyer>> {
        self.session.buyers(ids, depth)
    }

    /// Everybody up to `deepest` levels below a member, at most `limit` of them,
    /// nearest and then oldest first.
    pub async fn downline(
        &mut self,
        user: UserId,
        deepest: Level,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        self.session.downline(user, deepest, limit)
    }

    /// A member's account.
    pub async fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        self.session.account(user)
    }

    /// Up to `limit` lines of a member's ledger after `seq`, oldest first.
    pub async fn entries_after(&mut self, user: UserId, seq: i64, limit: usize) -> Result<Vec<LedgerLine>> {
        self.session.entries_after(user, seq, limit)
    }

    /// Up to `limit` lines of a member's ledger, newest first, from just below `before`.
    pub async fn entries_page(
        &mut self,
        user: UserId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        self.session.entries_page(user, before, limit)
    }

    /// A member's newest commissions, newest first.
    pub async fn newest_commissions(&mut self, user: UserId, limit: usize) -> Result<Vec<LedgerLine>> {
        self.session.newest_commissions(user, limit)
    }

    /// A purchase with the name of its buyer.
    pub async fn purchase(&mut self, id: PurchaseId) -> Result<Option<(Purchase, domain::Name)>> {
        self.session.purchase(id)
    }

    /// Up to `limit` purchases, newest first, from just below `before`.
    pub async fn purchases_page(
        &mut self,
        before: Option<PurchaseId>,
        limit: usize,
    ) -> Result<Vec<(Purchase, domain::Name)>> {
        self.session.purchases_page(before, limit)
    }

    /// The purchases that already carry one of these references.
    pub async fn purchases_by_reference(
        &mut self,
        references: &[&Reference],
    ) -> Result<HashMap<Reference, Purchase>> {
        self.session.purchases_by_reference(references)
    }

    /// Sums over everything; its cost grows with the number of purchases.
    pub async fn programme_totals(&mut self) -> Result<ProgrammeTotals> {
        self.session.programme_totals()
    }

    /// Every API key, oldest first.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        self.session.api_keys()
    }

    /// The key whose SHA-256 this is.
    pub async fn api_key_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        self.session.api_key_by_hash(hash)
    }

    /// Up to `limit` members with greater ids, in the order of their ids.
    pub async fn scan_members(&mut self, after: UserId, limit: usize) -> Result<Vec<Member>> {
        self.session.scan_members(after, limit)
    }

    /// Up to `limit` accounts of users with greater ids, in their order.
    pub async fn scan_accounts(&mut self, after: UserId, limit: usize) -> Result<Vec<Account>> {
        self.session.scan_accounts(after, limit)
    }

    /// Every activation and deactivation of one member, oldest first.
    pub async fn activity(&mut self, user: UserId) -> Result<Vec<ActivityChange>> {
        self.session.activity(user)
    }

    /// Up to `limit` purchases with greater ids, in their order.
    pub async fn scan_purchases(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Purchase>> {
        self.session.scan_purchases(after, limit)
    }

    /// Up to `limit` entries after the one that `(user, seq)` names, in their order.
    pub async fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        self.session.scan_entries(after, limit)
    }

    /// Up to `limit` source totals after the one of `(source, level)`, in their order.
    pub async fn scan_sources(&mut self, after: (UserId, u8), limit: usize) -> Result<Vec<SourceTotal>> {
        self.session.scan_sources(after, limit)
    }

    /// Whether the schema is the one that this release works with.
    pub async fn schema_is_current(&mut self) -> Result<bool> {
        self.session.schema_is_current()
    }

    /// What the engine itself finds wrong with its files; nothing when all is well.
    pub async fn integrity(&mut self) -> Result<Vec<String>> {
        self.session.integrity()
    }
}
