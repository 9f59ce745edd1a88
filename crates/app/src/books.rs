//! The books, open for one transaction: the accounts it touches, and what it
//! adds to them.
//!
//! Every line of every ledger is posted here, so this is the one place where
//! the ledger, the totals by source and the amounts on hold move together.

use std::collections::BTreeMap;

use domain::refund::Reversal;
use domain::{
    Account, Cause, Decision, Earner, Entry, EntryTimes, Level, Money, Name, Origin, Overflow, Purchase,
    PurchaseId, RefundId, Timestamp, UserId,
};
use store::{Held, LedgerLine, SourceTotal, Tx};

use crate::terms::Terms;

/// Accounts that are locked, and what is to be written when they are closed.
pub(crate) struct Books {
    accounts: BTreeMap<UserId, Account>,
    /// The first moment of the first open month.
    open_from: Timestamp,
    lines: Vec<LedgerLine>,
    sources: BTreeMap<(UserId, Level), SourceTotal>,
    held: BTreeMap<(UserId, Timestamp), Money>,
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
        let open_from = tx.open_from().await?;
        Ok(Self::of(tx.lock_accounts(&distinct(users)).await?, open_from))
    }

    /// The same under terms that were read, with ids for so many purchases: drawn
    /// under the locks, so that they follow the order in which earners are read.
    pub(crate) async fn open_for(
        tx: &mut Tx<'_>,
        terms: &Terms,
        users: impl IntoIterator<Item = UserId>,
        purchases: usize,
    ) -> store::Result<(Self, Vec<PurchaseId>)> {
        let (accounts, ids) = tx.lock_accounts_for(&distinct(users), purchases).await?;
        Ok((Self::of(accounts, terms.open_from), ids))
    }

    fn of(accounts: Vec<Account>, open_from: Timestamp) -> Self {
        let accounts = accounts.into_iter().map(|account| (account.user, account)).collect();
        let (sources, held) = (BTreeMap::new(), BTreeMap::new());
        Self { accounts, open_from, lines: Vec::new(), sources, held }
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
    pub(crate) fn pay(&mut self, purchase: &Purchase, buyer: &Name) -> Result<(), Overflow> {
        let Purchase { occurred_at, booked_at, matures_at, .. } = *purchase;
        let times = EntryTimes { occurred_at, booked_at, matures_at };
        for decision in &purchase.decisions {
            let Some(earner) = decision.payee() else { continue };
            let origin = origin(purchase, decision);
            self.post_sale(Cause::Commission(origin), earner, decision.amount, times, buyer)?;
            self.source(origin, earner, decision.amount)?.purchases += 1;
        }
        Ok(())
    }

    /// Takes back what a refund takes back.
    pub(crate) fn take_back(
        &mut self,
        purchase: &Purchase,
        buyer: &Name,
        refund: RefundId,
        reversals: &[Reversal],
        at: Timestamp,
    ) -> Result<(), Overflow> {
        let times = EntryTimes { matures_at: purchase.matures_at, ..self.times(at) };
        for Reversal { decision, earner, amount } in reversals {
            let amount = Money::ZERO.checked_sub(*amount).ok_or(Overflow)?;
            let origin = origin(purchase, decision);
            self.post_sale(Cause::Reversal(origin, refund), *earner, amount, times, buyer)?;
            self.source(origin, *earner, amount)?;
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
        let times = self.times(at);
        let entry = self.locked(user).post(cause, amount, times)?;
        self.lines.push(LedgerLine { entry, from_user: None });
        Ok(())
    }

    fn post_sale(
        &mut self,
        cause: Cause,
        earner: UserId,
        amount: Money,
        times: EntryTimes,
        buyer: &Name,
    ) -> Result<(), Overflow> {
        let entry = self.locked(earner).post(cause, amount, times)?;
        self.lines.push(LedgerLine { entry, from_user: Some(buyer.clone()) });
        if let Some(matures_at) = times.matures_at {
            let held = self.held.entry((earner, matures_at)).or_default();
            *held = held.checked_add(amount).ok_or(Overflow)?;
        }
        Ok(())
    }

    /// What happens now is booked now, unless a clock that is behind says that now
    /// is in a month that was closed.
    fn times(&self, now: Timestamp) -> EntryTimes {
        EntryTimes { booked_at: now.max(self.open_from), ..EntryTimes::at(now) }
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

    fn locked(&mut self, user: UserId) -> &mut Account {
        self.accounts.get_mut(&user).expect("whoever is paid is locked")
    }

    /// Writes everything, in the order of the keys, and answers the new lines.
    pub(crate) async fn close(mut self, tx: &mut Tx<'_>) -> store::Result<Vec<LedgerLine>> {
        self.lines.sort_unstable_by_key(|line| (line.entry.user, line.entry.seq));
        let entries: Vec<Entry> = self.lines.iter().map(|line| line.entry).collect();
        let sources: Vec<SourceTotal> = self.sources.into_values().collect();
        let held =
            self.held.into_iter().map(|((user, matures_at), amount)| Held { user, matures_at, amount });
        tx.append_entries(&entries).await?;
        tx.add_to_sources(&sources).await?;
        tx.hold(&held.collect::<Vec<_>>()).await?;
        Ok(self.lines)
    }
}

fn origin(purchase: &Purchase, decision: &Decision) -> Origin {
    Origin { purchase: purchase.id, source: purchase.buyer, level: decision.level }
}

/// What a line would add is too much for its account.
pub(crate) fn out_of_range(_: Overflow) -> store::Error {
    store::Error::OutOfRange("an account")
}
