//! Accounts: the last lines of the ledgers.

use domain::{Account, Money, PurchaseId, Timestamp, UserId};
use tokio_postgres::Row;

use super::{Session, purchases, row};
use crate::{Error, Held, Result};

macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "select u.id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted, \
             coalesce(e.booked_through, e.booked_at, e.occurred_at) from users u \
             left join lateral (select * from entries where user_id = u.id order by seq desc limit 1) e on true ",
            $rest
        )
    };
}

pub(super) const BY_USER: &str = select_account!("where u.id = $1");
pub(super) const BY_USERS: &str = select_account!("where u.id = any ($1) order by u.id");
pub(super) const SCAN: &str = select_account!("where u.id > $1 order by u.id limit $2");
/// Purchases of the same people may be written meanwhile: they only refer to them.
pub(super) const LOCK: &str = "select id from users where id = any ($1) order by id for no key update";
pub(super) const HOLD: &str = "\
insert into held (user_id, matures_at, amount) select * from unnest($1::bigint[], $2::bigint[], $3::bigint[])
on conflict (user_id, matures_at) do update set amount = held.amount + excluded.amount";
pub(super) const PENDING: &str =
    "select coalesce(sum(amount), 0)::bigint from held where user_id = $1 and matures_at > $2";
pub(super) const SCAN_HELD: &str = "\
select user_id, matures_at, amount from held where (user_id, matures_at) > ($1, $2)
order by user_id, matures_at limit $3";

impl Session<'_> {
    pub(crate) async fn account(&mut self, user: UserId) -> Result<Option<Account>> {
        self.open.row(BY_USER, &[&user.get()], account).await
    }

    pub(crate) async fn scan_accounts(&mut self, after: UserId, limit: usize) -> Result<Vec<Account>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], account).await
    }

    pub(crate) async fn lock_accounts(&mut self, users: &[UserId]) -> Result<Vec<Account>> {
        self.lock_accounts_for(users, 0).await.map(|(accounts, _)| accounts)
    }

    /// The lock is on the row of `users`, which a ledger's every line refers to.
    /// Only the statement after it sees what the last holder has written, and
    /// ids are drawn last, for the reason that `next_purchase_ids` gives.
    pub(crate) async fn lock_accounts_for(
        &mut self,
        users: &[UserId],
        purchases: usize,
    ) -> Result<(Vec<Account>, Vec<PurchaseId>)> {
        if users.is_empty() {
            return Ok((Vec::new(), self.next_purchase_ids(purchases).await?));
        }
        let (ids, count) = (row::column(users, |user| user.get()), row::limit(purchases));
        let [locked, accounts, drawn] =
            self.open.ask([(LOCK, &[&ids]), (BY_USERS, &[&ids]), (purchases::NEXT_IDS, &[&count])]).await?;
        let locked: Vec<i64> = locked.iter().map(row::number).collect::<Result<_>>()?;
        if let Some(missing) = ids.iter().find(|id| locked.binary_search(id).is_err()) {
            return Err(Error::inconsistent("users", "id", missing));
        }
        let accounts = accounts.iter().map(account).collect::<Result<_>>()?;
        let drawn = drawn.iter().map(|id| row::number(id).map(PurchaseId::new)).collect::<Result<_>>()?;
        Ok((accounts, drawn))
    }

    pub(crate) fn hold(&mut self, held: &[Held]) {
        if held.is_empty() {
            return;
        }
        let users = row::kept(held, |held| held.user.get());
        let times = row::kept(held, |held| held.matures_at.millis());
        let amounts = row::kept(held, |held| held.amount.paise());
        self.open.change_later(HOLD, vec![users, times, amounts]);
    }

    pub(crate) async fn pending(&mut self, user: UserId, now: Timestamp) -> Result<Money> {
        let sum = self.open.row(PENDING, &[&user.get(), &now.millis()], |found| row::money(found, 0)).await?;
        Ok(sum.unwrap_or_default())
    }

    pub(crate) async fn scan_held(&mut self, after: (UserId, Timestamp), limit: usize) -> Result<Vec<Held>> {
        let (user, time) = after;
        self.open.rows(SCAN_HELD, &[&user.get(), &time.millis(), &row::limit(limit)], held).await
    }
}

fn account(found: &Row) -> Result<Account> {
    let (user, active) = (row::user(found, 0)?, row::get(found, 1)?);
    match row::get::<Option<i64>>(found, 2)? {
        None => Ok(Account { active, ..Account::new(user) }),
        Some(seq) => {
            let (totals, booked_through) = (row::totals(found, 3)?, row::time(found, 7)?);
            Ok(Account { user, active, seq, totals, booked_through })
        }
    }
}

fn held(found: &Row) -> Result<Held> {
    Ok(Held { user: row::user(found, 0)?, matures_at: row::time(found, 1)?, amount: row::money(found, 2)? })
}
