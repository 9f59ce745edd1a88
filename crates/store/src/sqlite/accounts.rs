//! Accounts: the running sums of the ledgers.

use domain::{Account, UserId};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{Error, Result};

pub(super) const BY_USER: &str = "\
select user_id, active, seq, earned, reversed, paid, adjusted, by_level from accounts where user_id = ?1";
pub(super) const SCAN: &str = "\
select user_id, active, seq, earned, reversed, paid, adjusted, by_level from accounts where user_id > ?1
order by user_id limit ?2";
pub(super) const UPDATE: &str = "\
update accounts set seq = ?2, earned = ?3, reversed = ?4, paid = ?5, adjusted = ?6, by_level = ?7
where user_id = ?1";

impl Session<'_> {
    pub(crate) fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        self.conn.prepare_cached(BY_USER)?.query_and_then([user.get()], account)?.next().transpose()
    }

    pub(crate) fn scan_accounts(&mut self, after: UserId, limit: usize) -> Result<Vec<Account>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], account)?.collect()
    }

    /// The one writer holds the whole database, so there is nothing to lock.
    pub(crate) fn lock_accounts(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        let mut statement = self.conn.prepare_cached(BY_USER)?;
        let mut accounts = Vec::with_capacity(users.len());
        for user in users {
            let found = statement.query_and_then([user.get()], account)?.next();
            accounts.push(found.unwrap_or_else(|| Err(Error::inconsistent("accounts", "user_id", user)))?);
        }
        Ok(accounts)
    }

    pub(crate) fn update_accounts(&mut self, accounts: &[Account]) -> Result<()> {
        let mut statement = self.conn.prepare_cached(UPDATE)?;
        for account in accounts {
            statement.execute(params![
                account.user.get(),
                account.seq,
                account.earned.paise(),
                account.reversed.paise(),
                account.paid.paise(),
                account.adjusted.paise(),
                row::encode_levels(&account.by_level),
            ])?;
        }
        Ok(())
    }
}

fn account(found: &Row<'_>) -> Result<Account> {
    Ok(Account {
        user: row::user(found, 0)?,
        active: row::get(found, 1)?,
        seq: row::get(found, 2)?,
        earned: row::money(found, 3)?,
        reversed: row::money(found, 4)?,
        paid: row::money(found, 5)?,
        adjusted: row::money(found, 6)?,
        by_level: row::levels(found, 7)?,
    })
}
