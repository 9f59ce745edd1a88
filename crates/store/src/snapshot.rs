//! Everything that can be read. The list is the contract between the engines.

use std::collections::HashMap;
use std::ops::Range;

use domain::{
    Account, Adjustment, AdjustmentId, Email, Entry, ExternalId, Level, Money, Payout, PayoutId, PayoutRun,
    PayoutRunId, Plan, PlanVersion, Purchase, PurchaseId, Reference, ReferralCode, Refund, RefundId,
    SessionId, Timestamp, UserId,
};

use crate::{
    ActivityChange, Ailment, ApiKey, Buyer, ClosedMonth, Commission, Credentials, DownlineMember, Held,
    LateSum, LedgerLine, Member, NotedPayoutWarning, NumberedAuditEvent, PlanRecord, Present,
    ProgrammeTotals, Result, Sale, SaleTime, SourceCount, SourceRank, SourceTotal, ZoneRecord, postgres,
    sqlite,
};

/// A transaction of one of the engines.
pub(crate) enum Session<'c> {
    Sqlite(sqlite::Session<'c>),
    Postgres(postgres::Session<'c>),
}

/// Hands a call on to the engine that the session is of.
macro_rules! forward {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match &mut $self.session {
            $crate::snapshot::Session::Sqlite(session) => session.$method($($argument),*),
            $crate::snapshot::Session::Postgres(session) => session.$method($($argument),*).await,
        }
    };
}
pub(crate) use forward;

/// A consistent view of the database.
pub struct Snapshot<'c> {
    pub(crate) session: Session<'c>,
}

impl Snapshot<'_> {
    /// Whether what was seen before is part of what is seen now: only while this
    /// number is the same. It changes whenever a database across a network is
    /// connected to, for what answers may be a copy that lacks the newest.
    pub fn history(&self) -> u64 {
        match &self.session {
            Session::Sqlite(_) => 0,
            Session::Postgres(session) => session.history(),
        }
    }

    /// The plan in force at a time. There always is one.
    pub async fn plan_in_force(&mut self, at: Timestamp) -> Result<(PlanVersion, Plan)> {
        forward!(self.plan_in_force(at))
    }

    /// The same, with the first moment at which something can be booked. A write
    /// transaction can rely on both until it ends.
    pub async fn present(&mut self, at: Timestamp) -> Result<Present> {
        forward!(self.present(at))
    }

    /// The first moment of the first open month. A write transaction can rely on it
    /// until it ends.
    pub async fn open_from(&mut self) -> Result<Timestamp> {
        forward!(self.open_from())
    }

    /// Every month that was ever closed, oldest first.
    pub async fn closed_months(&mut self) -> Result<Vec<ClosedMonth>> {
        forward!(self.closed_months())
    }

    /// When the first sale or adjustment was booked. Its cost grows with the number
    /// of purchases.
    pub async fn oldest_booking(&mut self) -> Result<Option<Timestamp>> {
        forward!(self.oldest_booking())
    }

    /// Every time zone that was set, by the month from which it counts and when it
    /// was set.
    pub async fn time_zones(&mut self) -> Result<Vec<ZoneRecord>> {
        forward!(self.time_zones())
    }

    /// The plan of this version.
    pub async fn plan(&mut self, version: PlanVersion) -> Result<Option<PlanRecord>> {
        forward!(self.plan(version))
    }

    /// Every plan there ever was, oldest version first.
    pub async fn plans(&mut self) -> Result<Vec<PlanRecord>> {
        forward!(self.plans())
    }

    /// The member with this id.
    pub async fn member(&mut self, id: UserId) -> Result<Option<Member>> {
        forward!(self.member(id))
    }

    /// The member with this referral code.
    pub async fn member_by_code(&mut self, code: ReferralCode) -> Result<Option<Member>> {
        forward!(self.member_by_code(code))
    }

    /// The member whom a service registered under this reference.
    pub async fn member_by_reference(&mut self, reference: &Reference) -> Result<Option<Member>> {
        forward!(self.member_by_reference(reference))
    }

    /// Those of these members that there are.
    pub async fn members_by_id(&mut self, ids: &[UserId]) -> Result<HashMap<UserId, Member>> {
        forward!(self.members_by_id(ids))
    }

    /// Whom the shop knows by one of these numbers.
    pub async fn users_by_external_id(&mut self, ids: &[&ExternalId]) -> Result<HashMap<ExternalId, UserId>> {
        forward!(self.users_by_external_id(ids))
    }

    /// The members who registered with one of these addresses.
    pub async fn members_by_email(&mut self, emails: &[&Email]) -> Result<HashMap<Email, Member>> {
        forward!(self.members_by_email(emails))
    }

    /// What a sign-in with this address is checked against.
    pub async fn credentials(&mut self, email: &Email) -> Result<Option<Credentials>> {
        forward!(self.credentials(email))
    }

    /// Up to `limit` members, newest first, from just below `before`.
    pub async fn members_page(&mut self, before: Option<UserId>, limit: usize) -> Result<Vec<Member>> {
        forward!(self.members_page(before, limit))
    }

    /// The first member with a greater id who joined under this version of the plan. It
    /// reads all of them.
    pub async fn first_member_under(&mut self, plan: PlanVersion, after: UserId) -> Result<Option<UserId>> {
        forward!(self.first_member_under(plan, after))
    }

    /// The buyers among these users, with `depth` levels of upline.
    pub async fn buyers(&mut self, ids: &[UserId], depth: usize) -> Result<HashMap<UserId, Buyer>> {
        forward!(self.buyers(ids, depth))
    }

    /// Everybody up to `deepest` levels below a member, at most `limit` of them,
    /// nearest and then oldest first. Where there are more, those are left out
    /// whose referrers are the youngest.
    pub async fn downline(
        &mut self,
        user: UserId,
        deepest: Level,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        forward!(self.downline(user, deepest, limit))
    }

    /// Up to `limit` people up to `deepest` levels below a member whose purchases
    /// brought her something, from the one after `after`: whoever brought most
    /// first. It costs more where more people stand below her.
    pub async fn sources_by_rank(
        &mut self,
        user: UserId,
        deepest: Level,
        after: SourceRank,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        forward!(self.sources_by_rank(user, deepest, after, limit))
    }

    /// How many people up to `deepest` levels below a member brought her something.
    pub async fn count_sources(&mut self, user: UserId, deepest: Level) -> Result<SourceCount> {
        forward!(self.count_sources(user, deepest))
    }

    /// How many members stand one level below a member, and how many two.
    pub async fn count_referrals(&mut self, user: UserId) -> Result<[i64; 2]> {
        forward!(self.count_referrals(user))
    }

    /// A member's account.
    pub async fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        forward!(self.account(user))
    }

    /// What a member earned that cannot be paid out by `now`.
    pub async fn pending(&mut self, user: UserId, now: Timestamp) -> Result<Money> {
        forward!(self.pending(user, now))
    }

    /// The `seq` of the last line of each of these ledgers that has one.
    pub async fn heads(&mut self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        forward!(self.heads(users))
    }

    /// One line of a member's ledger.
    pub async fn entry(&mut self, user: UserId, seq: i64) -> Result<Option<LedgerLine>> {
        forward!(self.entry(user, seq))
    }

    /// Up to `limit` late lines of a member's ledger that were booked before
    /// `before`, in the order of their booking, after the one that was booked then
    /// and has this `seq`.
    pub async fn late_entries(
        &mut self,
        user: UserId,
        after: (Timestamp, i64),
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        forward!(self.late_entries(user, after, before, limit))
    }

    /// What the late lines of a member's ledger after `seq` come to that were booked
    /// in these times, by kind and level.
    pub async fn late_sums(
        &mut self,
        user: UserId,
        times: Range<Timestamp>,
        after: i64,
    ) -> Result<Vec<LateSum>> {
        forward!(self.late_sums(user, times, after))
    }

    /// When the first line of a member's ledger was booked.
    pub async fn first_booked(&mut self, user: UserId) -> Result<Option<Timestamp>> {
        forward!(self.first_booked(user))
    }

    /// The `seq` of the last line of a member's ledger up to which everything was
    /// booked before `at`; 0 when there is none. It takes as many looks as the
    /// number of lines has binary digits.
    pub async fn seq_booked_before(&mut self, user: UserId, at: Timestamp) -> Result<i64> {
        let head = self.heads(&[user]).await?;
        let (mut before, mut after) = (0, head.first().map_or(0, |(_, seq)| *seq) + 1);
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match self.booked_through(user, middle).await? {
                Some(booked) if booked < at => before = middle,
                _ => after = middle,
            }
        }
        Ok(before)
    }

    async fn booked_through(&mut self, user: UserId, seq: i64) -> Result<Option<Timestamp>> {
        forward!(self.booked_through(user, seq))
    }

    /// Up to `limit` lines of a member's ledger after `seq`, oldest first.
    pub async fn entries_after(&mut self, user: UserId, seq: i64, limit: usize) -> Result<Vec<LedgerLine>> {
        forward!(self.entries_after(user, seq, limit))
    }

    /// Up to `limit` lines of a member's ledger, newest first, from just below `before`.
    pub async fn entries_page(
        &mut self,
        user: UserId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        forward!(self.entries_page(user, before, limit))
    }

    /// Up to `limit` commissions of a member from lines after `seq`, newest first.
    pub async fn newest_commissions(
        &mut self,
        user: UserId,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<Commission>> {
        forward!(self.newest_commissions(user, seq, limit))
    }

    /// A purchase with the name of its buyer.
    pub async fn purchase(&mut self, id: PurchaseId) -> Result<Option<(Purchase, domain::Name)>> {
        forward!(self.purchase(id))
    }

    /// Up to `limit` purchases, newest first, from just below `before`.
    pub async fn purchases_page(
        &mut self,
        before: Option<PurchaseId>,
        limit: usize,
    ) -> Result<Vec<(Purchase, domain::Name)>> {
        forward!(self.purchases_page(before, limit))
    }

    /// Of the purchases with greater ids that a plan decided, the first that was made
    /// at or after a time. It reads all of them.
    pub async fn first_decided_since(
        &mut self,
        time: Timestamp,
        after: PurchaseId,
    ) -> Result<Option<SaleTime>> {
        forward!(self.first_decided_since(time, after))
    }

    /// Of the purchases with greater ids that a plan decided, the one that was made
    /// last. It reads all of them.
    pub async fn last_decided(&mut self, after: PurchaseId) -> Result<Option<SaleTime>> {
        forward!(self.last_decided(after))
    }

    /// The first purchase with a greater id that was decided while this version of the
    /// plan was in force, or recorded then. It reads all of them.
    pub async fn first_purchase_under(
        &mut self,
        plan: PlanVersion,
        after: PurchaseId,
    ) -> Result<Option<PurchaseId>> {
        forward!(self.first_purchase_under(plan, after))
    }

    /// The purchases that already carry one of these references.
    pub async fn purchases_by_reference(
        &mut self,
        references: &[&Reference],
    ) -> Result<HashMap<Reference, Purchase>> {
        forward!(self.purchases_by_reference(references))
    }

    /// The refunds of a purchase, oldest first.
    pub async fn refunds(&mut self, purchase: PurchaseId) -> Result<Vec<Refund>> {
        forward!(self.refunds(purchase))
    }

    /// The refund with this id.
    pub async fn refund(&mut self, id: RefundId) -> Result<Option<Refund>> {
        forward!(self.refund(id))
    }

    /// The refund that already carries this reference.
    pub async fn refund_by_reference(&mut self, reference: &Reference) -> Result<Option<Refund>> {
        forward!(self.refund_by_reference(reference))
    }

    /// The payout run with this id.
    pub async fn payout_run(&mut self, id: PayoutRunId) -> Result<Option<PayoutRun>> {
        forward!(self.payout_run(id))
    }

    /// The payout run that already carries this reference.
    pub async fn payout_run_by_reference(&mut self, reference: &Reference) -> Result<Option<PayoutRun>> {
        forward!(self.payout_run_by_reference(reference))
    }

    /// Up to `limit` payout runs, newest first, from just below `before`.
    pub async fn payout_runs_page(
        &mut self,
        before: Option<PayoutRunId>,
        limit: usize,
    ) -> Result<Vec<PayoutRun>> {
        forward!(self.payout_runs_page(before, limit))
    }

    /// The payout with this id.
    pub async fn payout(&mut self, id: PayoutId) -> Result<Option<Payout>> {
        forward!(self.payout(id))
    }

    /// Those of these payouts that there are.
    pub async fn payouts_by_id(&mut self, ids: &[PayoutId]) -> Result<HashMap<PayoutId, Payout>> {
        forward!(self.payouts_by_id(ids))
    }

    /// Up to `limit` payouts of a run with greater ids, in their order.
    pub async fn payouts_of_run(
        &mut self,
        run: PayoutRunId,
        after: PayoutId,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        forward!(self.payouts_of_run(run, after, limit))
    }

    /// Up to `limit` payouts to a member, newest first, from just below `before`.
    pub async fn payouts_of_user(
        &mut self,
        user: UserId,
        before: Option<PayoutId>,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        forward!(self.payouts_of_user(user, before, limit))
    }

    /// The payouts to these members that were made when this purchase was on the
    /// books, the oldest first.
    pub async fn payouts_since(&mut self, purchase: PurchaseId, users: &[UserId]) -> Result<Vec<Payout>> {
        forward!(self.payouts_since(purchase, users))
    }

    /// Up to `limit` of what was noted of the payouts of a run, in the order in which
    /// it was, but for those that failed: their money is back.
    pub async fn payout_warnings(
        &mut self,
        run: PayoutRunId,
        limit: usize,
    ) -> Result<Vec<NotedPayoutWarning>> {
        forward!(self.payout_warnings(run, limit))
    }

    /// The adjustment with this id.
    pub async fn adjustment(&mut self, id: AdjustmentId) -> Result<Option<Adjustment>> {
        forward!(self.adjustment(id))
    }

    /// The adjustment that already carries this reference.
    pub async fn adjustment_by_reference(&mut self, reference: &Reference) -> Result<Option<Adjustment>> {
        forward!(self.adjustment_by_reference(reference))
    }

    /// Up to `limit` events of the audit trail, newest first, from just below `before`.
    pub async fn audit_page(&mut self, before: Option<i64>, limit: usize) -> Result<Vec<NumberedAuditEvent>> {
        forward!(self.audit_page(before, limit))
    }

    /// Sums over everything; its cost grows with the number of purchases.
    pub async fn programme_totals(&mut self) -> Result<ProgrammeTotals> {
        forward!(self.programme_totals())
    }

    /// What all refunds took back of commissions, in paise, however much that is.
    pub async fn total_reversed(&mut self) -> Result<i128> {
        forward!(self.total_reversed())
    }

    /// Every API key, oldest first.
    pub async fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        forward!(self.api_keys())
    }

    /// The key whose SHA-256 this is.
    pub async fn api_key_by_hash(&mut self, hash: &[u8; 32]) -> Result<Option<ApiKey>> {
        forward!(self.api_key_by_hash(hash))
    }

    /// The API keys that were revoked at this time or later.
    pub async fn keys_revoked_since(&mut self, at: Timestamp) -> Result<Vec<i64>> {
        forward!(self.keys_revoked_since(at))
    }

    /// The sessions that were ended at this time or later.
    pub async fn sessions_ended_since(&mut self, at: Timestamp) -> Result<Vec<SessionId>> {
        forward!(self.sessions_ended_since(at))
    }

    /// Up to `limit` members with greater ids, in the order of their ids.
    pub async fn scan_members(&mut self, after: UserId, limit: usize) -> Result<Vec<Member>> {
        forward!(self.scan_members(after, limit))
    }

    /// Up to `limit` accounts of users with greater ids, in their order.
    pub async fn scan_accounts(&mut self, after: UserId, limit: usize) -> Result<Vec<Account>> {
        forward!(self.scan_accounts(after, limit))
    }

    /// Every activation and deactivation of one member, oldest first.
    pub async fn activity(&mut self, user: UserId) -> Result<Vec<ActivityChange>> {
        forward!(self.activity(user))
    }

    /// Every activation and deactivation of the members that `scan_members`
    /// answers, member by member, oldest first.
    pub async fn scan_activity(&mut self, after: UserId, limit: usize) -> Result<Vec<ActivityChange>> {
        forward!(self.scan_activity(after, limit))
    }

    /// Up to `limit` purchases with greater ids, in their order.
    pub async fn scan_purchases(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Purchase>> {
        forward!(self.scan_purchases(after, limit))
    }

    /// Up to `limit` purchases since the last payout run that were recorded under
    /// another plan than the one of their time, in the order of their ids.
    pub async fn backdated_since_the_last_run(&mut self, limit: usize) -> Result<Vec<Purchase>> {
        forward!(self.backdated_since_the_last_run(limit))
    }

    /// What `scan_purchases` answers, in short.
    pub async fn scan_sales(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Sale>> {
        forward!(self.scan_sales(after, limit))
    }

    /// Up to `limit` entries after the one that `(user, seq)` names, in their order.
    pub async fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        forward!(self.scan_entries(after, limit))
    }

    /// Up to `limit` source totals after the one of `(source, level)`, in their order.
    pub async fn scan_sources(&mut self, after: (UserId, u8), limit: usize) -> Result<Vec<SourceTotal>> {
        forward!(self.scan_sources(after, limit))
    }

    /// Up to `limit` refunds with greater ids, in their order.
    pub async fn scan_refunds(&mut self, after: RefundId, limit: usize) -> Result<Vec<Refund>> {
        forward!(self.scan_refunds(after, limit))
    }

    /// Up to `limit` payouts with greater ids, in their order.
    pub async fn scan_payouts(&mut self, after: PayoutId, limit: usize) -> Result<Vec<Payout>> {
        forward!(self.scan_payouts(after, limit))
    }

    /// Up to `limit` adjustments with greater ids, in their order.
    pub async fn scan_adjustments(&mut self, after: AdjustmentId, limit: usize) -> Result<Vec<Adjustment>> {
        forward!(self.scan_adjustments(after, limit))
    }

    /// Up to `limit` held amounts after the one of `(user, moment)`, in their order.
    pub async fn scan_held(&mut self, after: (UserId, Timestamp), limit: usize) -> Result<Vec<Held>> {
        forward!(self.scan_held(after, limit))
    }

    /// Up to `limit` events of the audit trail with greater numbers, in their order.
    pub async fn scan_audit(&mut self, after: i64, limit: usize) -> Result<Vec<NumberedAuditEvent>> {
        forward!(self.scan_audit(after, limit))
    }

    /// What keeps the database from doing all of its work, as far as it can be asked.
    pub async fn ailments(&mut self) -> Result<Vec<Ailment>> {
        forward!(self.ailments())
    }

    /// What the engine itself finds wrong with its files; nothing when all is well.
    pub async fn integrity(&mut self) -> Result<Vec<String>> {
        forward!(self.integrity())
    }
}
