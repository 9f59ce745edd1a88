//! Accounts: the last lines of the ledgers.

use domain::{Account, Money, Timestamp, UserId};
use rusqlite::{Row, params};

use super::{Cell, Onto, Session, Table, row};
use crate::{Error, Held, Result};

pub(super) const BY_USER: &str = "\
select u.id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted,
    coalesce(e.booked_through, e.booked_at, e.occurred_at)
from users u left join entries e on e.user_id = u.id
where u.id = ?1 order by e.seq desc limit 1";
pub(super) const SCAN: &str = "\
select u.id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted,
    coalesce(e.booked_through, e.booked_at, e.occurred_at)
from users u left join entries e
    on e.user_id = u.id and e.seq = (select max(seq) from entries where user_id = u.id)
where u.id > ?1 order by u.id limit ?2";
pub(super) const HOLD: &str = "\
insert into held (user_id, matures_at, amount) values (?1, ?2, ?3)
on conflict (user_id, matures_at) do update set amount = amount + excluded.amount";
pub(super) const PENDING: &str =
    "select coalesce(sum(amount), 0) from held where user_id = ?1 and matures_at > ?2";
pub(super) const SCAN_HELD: &str = "\
select user_id, matures_at, amount from held where (user_id, matures_at) > (?1, ?2)
order by user_id, matures_at limit ?3";

impl Session<'_> {
    pub(crate) fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        self.conn.prepare_cached(BY_USER)?.query_and_then([user.get()], account)?.next().transpose()
    }

    pub(crate) fn scan_accounts(&mut self, after: UserId, limit: usize) -> Result<Vec<Account>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], account)?.collect()
    }

    /// The one writer holds the whole database, so there is nothing to lock.
    pub(crate) fn lock_accounts(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        let locked = users.iter().map(|user| {
            let found = match &mut self.onto {
                Onto::Journal(tail) => tail.account(self.conn, *user),
                Onto::Books(_) | Onto::Nothing => self.account(*user),
            };
            found?.ok_or_else(|| Error::inconsistent("users", "id", user))
        });
        locked.collect()
    }

    pub(crate) fn hold(&mut self, held: &[Held]) -> Result<()> {
        for held in held {
            let row = [held.user.get(), held.matures_at.millis(), held.amount.paise()].map(Cell::from);
            self.add(Table::Held, &row)?;
        }
        Ok(())
    }

    pub(crate) fn pending(&mut self, user: UserId, now: Timestamp) -> Result<Money> {
        let mut statement = self.conn.prepare_cached(PENDING)?;
        let paise = statement.query_row([user.get(), now.millis()], |row| row.get(0))?;
        Ok(Money::from_paise(paise))
    }

    pub(crate) fn scan_held(&mut self, after: (UserId, Timestamp), limit: usize) -> Result<Vec<Held>> {
        let mut statement = self.conn.prepare_cached(SCAN_HELD)?;
        let values = params![after.0.get(), after.1.millis(), row::limit(limit)];
        let rows = statement.query_and_then(values, |found| {
            Ok(Held {
                user: row::user(found, 0)?,
                matures_at: row::time(found, 1)?,
                amount: row::money(found, 2)?,
            })
        })?;
        rows.collect()
    }
}

fn account(found: &Row<'_>) -> Result<Account> {
    let (user, active) = (row::user(found, 0)?, row::get(found, 1)?);
    match row::get::<Option<i64>>(found, 2)? {
        None => Ok(Account { active, ..Account::new(user) }),
        Some(seq) => {
            let (totals, booked_through) = (row::totals(found, 3)?, row::time(found, 7)?);
            Ok(Account { user, active, seq, totals, booked_through })
        }
    }
}
