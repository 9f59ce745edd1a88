//! Everything that can be written. The list is the contract between the engines.

use std::ops::{Deref, DerefMut};

use domain::{Account, Entry, Plan, PlanVersion, Purchase, PurchaseId, Timestamp, UserId};

use crate::{NewApiKey, NewUser, Result, Snapshot, SourceTotal};

/// A write transaction. It can do all that a [`Snapshot`] can, and sees its own
/// changes.
pub struct Tx<'c>(pub(crate) Snapshot<'c>);

#[expect(clippy::unused_async, reason = "an engine across a network waits where this one does not")]
impl Tx<'_> {
    /// Adds the next version of the plan.
    pub async fn append_plan(&mut self, plan: &Plan, effective_from: Timestamp) -> Result<PlanVersion> {
        self.session.append_plan(plan, effective_from)
    }

    /// Registers a member with an empty account, active from the start.
    pub async fn insert_user(&mut self, user: &NewUser) -> Result<UserId> {
        self.session.insert_user(user)
    }

    /// Takes one of the referrer's slots unless `limit` are taken: `false` then.
    pub async fn take_slot(&mut self, referrer: UserId, limit: u32) -> Result<bool> {
        self.session.take_slot(referrer, limit)
    }

    /// Activates or deactivates a member from now on.
    pub async fn set_active(&mut self, user: UserId, active: bool, at: Timestamp) -> Result<()> {
        self.session.set_active(user, active, at)
    }

    /// The accounts of these users, locked in the order of their ids until the
    /// transaction ends. `users` is in ascending order.
    pub async fn lock_accounts(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        self.session.lock_accounts(users)
    }

    /// Writes back accounts that were locked.
    pub async fn update_accounts(&mut self, accounts: &[Account]) -> Result<()> {
        self.session.update_accounts(accounts)
    }

    /// The id of the next purchase; those after it follow without a gap.
    pub async fn next_purchase_id(&mut self) -> Result<PurchaseId> {
        self.session.next_purchase_id()
    }

    /// Writes new purchases.
    pub async fn insert_purchases(&mut self, purchases: &[&Purchase]) -> Result<()> {
        self.session.insert_purchases(purchases)
    }

    /// Adds lines to ledgers.
    pub async fn append_entries(&mut self, entries: &[Entry]) -> Result<()> {
        self.session.append_entries(entries)
    }

    /// Adds to what each source brought its earner.
    pub async fn add_to_sources(&mut self, totals: &[SourceTotal]) -> Result<()> {
        self.session.add_to_sources(totals)
    }

    /// Writes a new API key and answers its number.
    pub async fn insert_api_key(&mut self, key: &NewApiKey) -> Result<i64> {
        self.session.insert_api_key(key)
    }

    /// Revokes an API key: `false` when there is none, or it was revoked before.
    pub async fn revoke_api_key(&mut self, id: i64, at: Timestamp) -> Result<bool> {
        self.session.revoke_api_key(id, at)
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
