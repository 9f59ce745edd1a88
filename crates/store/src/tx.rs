//! Everything that can be written. The list is the contract between the engines.

use std::ops::{Deref, DerefMut};

use domain::{
    Account, AdjustmentId, Entry, ExternalId, Metadata, Money, Month, PayoutId, PayoutRunId, PayoutState,
    Plan, PlanVersion, Purchase, PurchaseId, RefundId, SessionId, Timestamp, UserId,
};

use crate::snapshot::{Session, forward};
use crate::{
    AuditEvent, Held, NewAdjustment, NewApiKey, NewPayoutRun, NewPayoutWarning, NewRefund, NewSession,
    NewUser, Result, Snapshot, SourceTotal, ZoneRecord,
};

/// Hands rows on to the engine that the session is of. Where that is across a
/// network, it sends them with whatever is asked next, the commit at the latest.
macro_rules! put_down {
    ($self:ident.$method:ident($rows:expr)) => {
        match &mut $self.session {
            Session::Sqlite(session) => session.$method($rows),
            Session::Postgres(session) => {
                session.$method($rows);
                Ok(())
            }
        }
    };
}

/// A write transaction. It can do all that a [`Snapshot`] can, and sees its own
/// changes.
pub struct Tx<'c>(pub(crate) Snapshot<'c>);

#[expect(clippy::unused_async, reason = "where a change is sent later, its caller need not know")]
impl Tx<'_> {
    /// Keeps everybody else who writes from reading a plan until the transaction
    /// ends, and waits for those who have read one.
    pub async fn lock_plans(&mut self) -> Result<()> {
        forward!(self.lock_plans())
    }

    /// Adds the next version of the plan.
    pub async fn append_plan(
        &mut self,
        plan: &Plan,
        effective_from: Timestamp,
        now: Timestamp,
    ) -> Result<PlanVersion> {
        forward!(self.append_plan(plan, effective_from, now))
    }

    /// Withdraws a version of the plan: it is never in force. Answers whether it was
    /// not withdrawn before.
    pub async fn withdraw_plan(&mut self, version: PlanVersion, now: Timestamp) -> Result<bool> {
        forward!(self.withdraw_plan(version, now))
    }

    /// Sets the time zone that counts from a month on, in place of what was set for
    /// it before.
    pub async fn set_time_zone(&mut self, zone: &ZoneRecord) -> Result<()> {
        forward!(self.set_time_zone(zone))
    }

    /// Closes a month, and with it all before it.
    pub async fn close_month(&mut self, month: Month, ends_at: Timestamp, now: Timestamp) -> Result<()> {
        forward!(self.close_month(month, ends_at, now))
    }

    /// Opens a month again: `false` when it is not closed.
    pub async fn reopen_month(&mut self, month: Month, now: Timestamp) -> Result<bool> {
        forward!(self.reopen_month(month, now))
    }

    /// Registers a member with an empty account, active from the start.
    pub async fn insert_user(&mut self, user: &NewUser) -> Result<UserId> {
        forward!(self.insert_user(user))
    }

    /// Takes one of the referrer's slots unless `limit` are taken: `false` then.
    pub async fn take_slot(&mut self, referrer: UserId, limit: u32) -> Result<bool> {
        forward!(self.take_slot(referrer, limit))
    }

    /// Writes what the shop keeps with a member of its own.
    pub async fn set_external(
        &mut self,
        user: UserId,
        external_id: Option<&ExternalId>,
        metadata: &Metadata,
    ) -> Result<()> {
        forward!(self.set_external(user, external_id, metadata))
    }

    /// Activates or deactivates a member from now on.
    pub async fn set_active(&mut self, user: UserId, active: bool, at: Timestamp) -> Result<()> {
        forward!(self.set_active(user, active, at))
    }

    /// The accounts of these users, locked in the order of their ids until the
    /// transaction ends. `users` is in ascending order.
    pub async fn lock_accounts(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        forward!(self.lock_accounts(users))
    }

    /// The accounts as [`Tx::lock_accounts`] answers them, and ids as
    /// [`Tx::next_purchase_ids`] does, which are drawn under the locks.
    pub async fn lock_accounts_for(
        &mut self,
        users: &[UserId],
        purchases: usize,
    ) -> Result<(Vec<Account>, Vec<PurchaseId>)> {
        match &mut self.session {
            Session::Postgres(session) => session.lock_accounts_for(users, purchases).await,
            Session::Sqlite(session) => {
                Ok((session.lock_accounts(users)?, session.next_purchase_ids(purchases)?))
            }
        }
    }

    /// Ids for so many new purchases, in ascending order. Nobody else is given
    /// one of them, and for each account that this transaction has locked they
    /// are greater than all that were given to whoever held that lock before.
    ///
    /// SQLite gives those that were not used once more, so that there is no gap
    /// between purchases; PostgreSQL gives each once.
    pub async fn next_purchase_ids(&mut self, count: usize) -> Result<Vec<PurchaseId>> {
        forward!(self.next_purchase_ids(count))
    }

    /// Writes new purchases.
    pub async fn insert_purchases(&mut self, purchases: &[&Purchase]) -> Result<()> {
        put_down!(self.insert_purchases(purchases))
    }

    /// A purchase, locked until the transaction ends.
    pub async fn lock_purchase(&mut self, id: PurchaseId) -> Result<Option<Purchase>> {
        forward!(self.lock_purchase(id))
    }

    /// Writes how much of a purchase was taken back in all.
    pub async fn set_refunded(&mut self, purchase: PurchaseId, refunded: Money) -> Result<()> {
        forward!(self.set_refunded(purchase, refunded))
    }

    /// Writes a new refund and answers its id.
    pub async fn insert_refund(&mut self, refund: &NewRefund) -> Result<RefundId> {
        forward!(self.insert_refund(refund))
    }

    /// Writes a new payout run with its payouts, all pending, and answers their
    /// ids in the same order.
    pub async fn insert_payout_run(&mut self, run: &NewPayoutRun) -> Result<(PayoutRunId, Vec<PayoutId>)> {
        forward!(self.insert_payout_run(run))
    }

    /// Settles payouts in the same way: `false` when one of them is not pending.
    pub async fn settle_payouts(&mut self, ids: &[PayoutId], state: &PayoutState) -> Result<bool> {
        forward!(self.settle_payouts(ids, state))
    }

    /// Notes something of payouts.
    pub async fn insert_payout_warnings(&mut self, warnings: &[NewPayoutWarning]) -> Result<()> {
        put_down!(self.insert_payout_warnings(warnings))
    }

    /// Writes a new adjustment and answers its id.
    pub async fn insert_adjustment(&mut self, adjustment: &NewAdjustment) -> Result<AdjustmentId> {
        forward!(self.insert_adjustment(adjustment))
    }

    /// Adds to what cannot be paid out yet.
    pub async fn hold(&mut self, held: &[Held]) -> Result<()> {
        put_down!(self.hold(held))
    }

    /// Adds an event to the audit trail.
    pub async fn append_audit(&mut self, event: &AuditEvent) -> Result<()> {
        forward!(self.append_audit(event))
    }

    /// Adds lines to ledgers. The last line of a ledger is the account.
    pub async fn append_entries(&mut self, entries: &[Entry]) -> Result<()> {
        put_down!(self.append_entries(entries))
    }

    /// Adds to what each source brought its earner.
    pub async fn add_to_sources(&mut self, totals: &[SourceTotal]) -> Result<()> {
        put_down!(self.add_to_sources(totals))
    }

    /// Writes a new API key and answers its number.
    pub async fn insert_api_key(&mut self, key: &NewApiKey) -> Result<i64> {
        forward!(self.insert_api_key(key))
    }

    /// Revokes an API key: `false` when there is none, or it was revoked before.
    pub async fn revoke_api_key(&mut self, id: i64, at: Timestamp) -> Result<bool> {
        forward!(self.revoke_api_key(id, at))
    }

    /// Writes a new session, and forgets some whose tokens have expired.
    pub async fn insert_session(&mut self, session: &NewSession) -> Result<()> {
        forward!(self.insert_session(session))
    }

    /// Ends a session: `false` when there is none, or it has ended.
    pub async fn end_session(&mut self, id: SessionId, at: Timestamp) -> Result<bool> {
        forward!(self.end_session(id, at))
    }

    /// Ends every session of a member, or of the owner, and answers which.
    pub async fn end_sessions_of(&mut self, user: Option<UserId>, at: Timestamp) -> Result<Vec<SessionId>> {
        forward!(self.end_sessions_of(user, at))
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Snapshot<'c>;

    fn deref(&self) -> &Snapshot<'c> {
        &self.0
    }
}

impl<'c> DerefMut for Tx<'c> {
    fn deref_mut(&mut self) -> &mut Snapshot<'c> {
        &mut self.0
    }
}
