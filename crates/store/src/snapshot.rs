//! Everything that can be read. The list is the contract between the engines.

use std::collections::HashMap;
use std::ops::Range;

use domain::{
    Account, Adjustment, AdjustmentId, Day, Email, Entry, Level, Money, Payout, PayoutId, PayoutRun,
    PayoutRunId, Plan, PlanVersion, Purchase, PurchaseId, Reference, ReferralCode, Refund, RefundId,
    Timestamp, UserId,
};

use crate::{
    ActivityChange, ApiKey, Buyer, Credentials, DownlineMember, Held, LedgerLine, Member, NumberedAuditEvent,
    PlanRecord, ProgrammeTotals, Result, Sale, SourceTotal, sqlite,
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

    /// The plan of this version.
    pub async fn plan(&mut self, version: PlanVersion) -> Result<Option<PlanRecord>> {
        self.session.plan(version)
    }

    /// Every plan there ever was, oldest version first.
    pub async fn plans(&mut self) -> Result<Vec<PlanRecord>> {
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

    /// The members who registered with one of these addresses.
    pub async fn members_by_email(&mut self, emails: &[&Email]) -> Result<HashMap<Email, Member>> {
        self.session.members_by_email(emails)
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

    /// What a member earned that cannot be paid out by `today`.
    pub async fn pending(&mut self, user: UserId, today: Day) -> Result<Money> {
        self.session.pending(user, today)
    }

    /// One line of a member's ledger.
    pub async fn entry(&mut self, user: UserId, seq: i64) -> Result<Option<LedgerLine>> {
        self.session.entry(user, seq)
    }

    /// Up to `limit` lines of a member's ledger after `seq` that were posted in
    /// these times, oldest first.
    pub async fn entries_between(
        &mut self,
        user: UserId,
        times: Range<Timestamp>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        self.session.entries_between(user, times, after, limit)
    }

    /// The last line of a member's ledger that was posted before `at`.
    pub async fn last_entry_before(&mut self, user: UserId, at: Timestamp) -> Result<Option<Entry>> {
        self.session.last_entry_before(user, at)
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

    /// The refunds of a purchase, oldest first.
    pub async fn refunds(&mut self, purchase: PurchaseId) -> Result<Vec<Refund>> {
        self.session.refunds(purchase)
    }

    /// The refund with this id.
    pub async fn refund(&mut self, id: RefundId) -> Result<Option<Refund>> {
        self.session.refund(id)
    }

    /// The refund that already carries this reference.
    pub async fn refund_by_reference(&mut self, reference: &Reference) -> Result<Option<Refund>> {
        self.session.refund_by_reference(reference)
    }

    /// The payout run with this id.
    pub async fn payout_run(&mut self, id: PayoutRunId) -> Result<Option<PayoutRun>> {
        self.session.payout_run(id)
    }

    /// The payout run that already carries this reference.
    pub async fn payout_run_by_reference(&mut self, reference: &Reference) -> Result<Option<PayoutRun>> {
        self.session.payout_run_by_reference(reference)
    }

    /// Up to `limit` payout runs, newest first, from just below `before`.
    pub async fn payout_runs_page(
        &mut self,
        before: Option<PayoutRunId>,
        limit: usize,
    ) -> Result<Vec<PayoutRun>> {
        self.session.payout_runs_page(before, limit)
    }

    /// The payout with this id.
    pub async fn payout(&mut self, id: PayoutId) -> Result<Option<Payout>> {
        self.session.payout(id)
    }

    /// Up to `limit` payouts of a run with greater ids, in their order.
    pub async fn payouts_of_run(
        &mut self,
        run: PayoutRunId,
        after: PayoutId,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        self.session.payouts_of_run(run, after, limit)
    }

    /// Up to `limit` payouts to a member, newest first, from just below `before`.
    pub async fn payouts_of_user(
        &mut self,
        user: UserId,
        before: Option<PayoutId>,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        self.session.payouts_of_user(user, before, limit)
    }

    /// The adjustment with this id.
    pub async fn adjustment(&mut self, id: AdjustmentId) -> Result<Option<Adjustment>> {
        self.session.adjustment(id)
    }

    /// The adjustment that already carries this reference.
    pub async fn adjustment_by_reference(&mut self, reference: &Reference) -> Result<Option<Adjustment>> {
        self.session.adjustment_by_reference(reference)
    }

    /// Up to `limit` events of the audit trail, newest first, from just below `before`.
    pub async fn audit_page(&mut self, before: Option<i64>, limit: usize) -> Result<Vec<NumberedAuditEvent>> {
        self.session.audit_page(before, limit)
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

    /// Every activation and deactivation of the members that `scan_members`
    /// answers, member by member, oldest first.
    pub async fn scan_activity(&mut self, after: UserId, limit: usize) -> Result<Vec<ActivityChange>> {
        self.session.scan_activity(after, limit)
    }

    /// Up to `limit` purchases with greater ids, in their order.
    pub async fn scan_purchases(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Purchase>> {
        self.session.scan_purchases(after, limit)
    }

    /// What `scan_purchases` answers, in short.
    pub async fn scan_sales(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Sale>> {
        self.session.scan_sales(after, limit)
    }

    /// Up to `limit` entries after the one that `(user, seq)` names, in their order.
    pub async fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        self.session.scan_entries(after, limit)
    }

    /// Up to `limit` source totals after the one of `(source, level)`, in their order.
    pub async fn scan_sources(&mut self, after: (UserId, u8), limit: usize) -> Result<Vec<SourceTotal>> {
        self.session.scan_sources(after, limit)
    }

    /// Up to `limit` refunds with greater ids, in their order.
    pub async fn scan_refunds(&mut self, after: RefundId, limit: usize) -> Result<Vec<Refund>> {
        self.session.scan_refunds(after, limit)
    }

    /// Up to `limit` payouts with greater ids, in their order.
    pub async fn scan_payouts(&mut self, after: PayoutId, limit: usize) -> Result<Vec<Payout>> {
        self.session.scan_payouts(after, limit)
    }

    /// Up to `limit` adjustments with greater ids, in their order.
    pub async fn scan_adjustments(&mut self, after: AdjustmentId, limit: usize) -> Result<Vec<Adjustment>> {
        self.session.scan_adjustments(after, limit)
    }

    /// Up to `limit` held amounts after the one of `(user, day)`, in their order.
    pub async fn scan_held(&mut self, after: (UserId, Day), limit: usize) -> Result<Vec<Held>> {
        self.session.scan_held(after, limit)
    }

    /// Up to `limit` events of the audit trail with greater numbers, in their order.
    pub async fn scan_audit(&mut self, after: i64, limit: usize) -> Result<Vec<NumberedAuditEvent>> {
        self.session.scan_audit(after, limit)
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
