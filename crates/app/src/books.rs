//! The books, open for one transaction: the accounts it touches, and what it
//! adds to them.
//!
//! Every line of every ledger is posted here, so this is the one place where
//! the ledger, the totals by source and the amounts on hold move together.

use std::collections::BTreeMap;

use domain::refund::Reversal;
use domain::{
    Account, Cause, Day, Decision, Earner, Entry, Level, Money, Name, Origin, Overflow, Plan, Purchase,
    PurchaseId, RefundId, Timestamp, UserId,
};
use store::{Held, LedgerLine, SourceTotal, Tx};

/// Accounts that are locked, and what is to be written when they are closed.
#[derive(Default)]
pub(crate) struct Books {
    accounts: BTreeMap<UserId, Account>,
    lines: Vec<LedgerLine>,
    sources: BTreeMap<(UserId, Level), SourceTotal>,
    held: BTreeMap<(UserId, Day), Money>,
}

/// Whose accounts are needed, in the order in which they are locked.
pub(crate) fn distinct(users: impl IntoIterator<Item = UserId>) -> Vec<UserId> {
    let mut users: Vec<UserId> = users.into_iter().collect();
    users.sort_unstable();
    users.dedup();
    users
}

impl Books {
    /// Locks the accounts of these users, who must exist.
    pub(crate) async fn open(
        tx: &mut Tx<'_>,
        users: impl IntoIterator<Item = UserId>,
    ) -> store::Result<Self> {
        Ok(Self::of(tx.lock_accounts(&distinct(users)).await?))
    }

    /// The same, with ids for so many purchases: drawn under the locks, so that
    /// they follow the order in which earners are read.
    pub(crate) async fn open_for(
        tx: &mut Tx<'_>,
        users: impl IntoIterator<Item = UserId>,
        purchases: usize,
    ) -> store::Result<(Self, Vec<PurchaseId>)> {
        let (accounts, ids) = tx.lock_accounts_for(&distinct(users), purchases).await?;
        Ok((Self::of(accounts), ids))
    }

    fn of(accounts: Vec<Account>) -> Self {
        let accounts = accounts.into_iter().map(|account| (account.user, account)).collect();
        Self { accounts, ..Self::default() }
    }

    /// An upline as it stands at this moment.
    pub(crate) fn upline(&self, users: &[UserId]) -> Vec<Earner> {
        users.iter().map(|user| Earner { user: *user, active: self.account(*user).active }).collect()
    }

    /// An account that is locked.
    pub(crate) fn account(&self, user: UserId) -> &Account {
        &self.accounts[&user]
    }

    /// Pays what a purchase was decided to pay.
    pub(crate) fn pay(&mut self, plan: &Plan, purchase: &Purchase, buyer: &Name) -> Result<(), Overflow> {
        for decision in &purchase.decisions {
            let Some(earner) = decision.payee() else { continue };
            let origin = origin(purchase, decision);
            self.post_sale(Cause::Commission(origin), earner, decision.amount, purchase.created_at, buyer)?;
            self.source(origin, earner, decision.amount)?.purchases += 1;
            self.hold(plan, purchase, earner, decision.amount)?;
        }
        Ok(())
    }

    /// Takes back what a refund takes back.
    pub(crate) fn take_back(
        &mut self,
        plan: &Plan,
        purchase: &Purchase,
        buyer: &Name,
        refund: RefundId,
        reversals: &[Reversal],
        at: Timestamp,
    ) -> Result<(), Overflow> {
        for Reversal { decision, earner, amount } in reversals {
            let amount = Money::ZERO.checked_sub(*amount).ok_or(Overflow)?;
            let origin = origin(purchase, decision);
            self.post_sale(Cause::Reversal(origin, refund), *earner, amount, at, buyer)?;
            self.source(origin, *earner, amount)?;
            self.hold(plan, purchase, *earner, amount)?;
        }
        Ok(())
    }

    /// Adds a line that goes back to no sale.
    pub(crate) fn post(
        &mut self,
        cause: Cause,
        user: UserId,
        amount: Money,
        at: Timestamp,
    ) -> Result<(), Overflow> {
        let entry = self.locked(user).post(cause, amount, at)?;
        self.lines.push(LedgerLine { entry, from_user: None });
        Ok(())
    }

    fn post_sale(
        &mut self,
        cause: Cause,
        earner: UserId,
        amount: Money,
        at: Timestamp,
        buyer: &Name,
    ) -> Result<(), Overflow> {
        let entry = self.locked(earner).post(cause, amount, at)?;
        self.lines.push(LedgerLine { entry, from_user: Some(buyer.clone()) });
        Ok(())
    }

    fn source(
        &mut self,
        origin: Origin,
        earner: UserId,
        amount: Money,
    ) -> Result<&mut SourceTotal, Overflow> {
        let Origin { source, level, .. } = origin;
        let none = SourceTotal { source, level, earner, amount: Money::ZERO, purchases: 0 };
        let total = self.sources.entry((source, level)).or_insert(none);
        total.amount = total.amount.checked_add(amount).ok_or(Overflow)?;
        Ok(total)
    }

    /// A commission and its reversals can be paid out on the same day.
    fn hold(
        &mut self,
        plan: &Plan,
        purchase: &Purchase,
        earner: UserId,
        amount: Money,
    ) -> Result<(), Overflow> {
        if plan.hold.days() > 0 {
            let until = plan.hold.available_on(purchase.created_at);
            let held = self.held.entry((earner, until)).or_default();
            *held = held.checked_add(amount).ok_or(Overflow)?;
        }
        Ok(())
    }

    fn locked(&mut self, user: UserId) -> &mut Account {
        self.accounts.get_mut(&user).expect("whoever is paid is locked")
    }

    /// Writes everything, in the order of the keys, and answers the new lines.
    pub(crate) async fn close(mut self, tx: &mut Tx<'_>) -> store::Result<Vec<LedgerLine>> {
        self.lines.sort_unstable_by_key(|line| (line.entry.user, line.entry.seq));
        let entries: Vec<Entry> = self.lines.iter().map(|line| line.entry).collect();
        let sources: Vec<SourceTotal> = self.sources.into_values().collect();
        let held = self.held.into_iter().map(|((user, until), amount)| Held { user, until, amount });
        tx.append_entries(&entries).await?;
        tx.add_to_sources(&sources).await?;
        tx.hold(&held.collect::<Vec<_>>()).await?;
        Ok(self.lines)
    }
}

fn origin(purchase: &Purchase, decision: &Decision) -> Origin {
    Origin { purchase: purchase.id, source: purchase.buyer, level: decision.level }
}

/// A total out of range is no fault of the caller's.
pub(crate) fn out_of_range(overflow: Overflow) -> store::Error {
    store::Error::Engine(overflow.into())
}
