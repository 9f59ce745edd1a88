//! The ledger.

use domain::{Entry, Origin, PurchaseId, UserId};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{Error, LedgerLine, Result};

macro_rules! select_entry {
    ($more:literal, $rest:literal) => {
        concat!(
            "select e.user_id, e.seq, e.kind, e.amount, e.balance, e.total_earnings, e.purchase_id, e.source_id, \
             e.level, e.created_at",
            $more,
            " from entries e ",
            $rest
        )
    };
}

pub(super) const AFTER: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id where e.user_id = ?1 and e.seq > ?2 order by e.seq limit ?3"
);
pub(super) const PAGE: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id where e.user_id = ?1 and e.seq < ?2 order by e.seq desc limit ?3"
);
pub(super) const COMMISSIONS: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id where e.user_id = ?1 and e.kind = 'commission'
     order by e.seq desc limit ?2"
);
pub(super) const SCAN: &str =
    select_entry!("", "where (e.user_id, e.seq) > (?1, ?2) order by e.user_id, e.seq limit ?3");
pub(super) const APPEND: &str = "\
insert into entries (user_id, seq, kind, amount, balance, total_earnings, purchase_id, source_id, level, created_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

impl Session<'_> {
    pub(crate) fn entries_after(&mut self, user: UserId, seq: i64, limit: usize) -> Result<Vec<LedgerLine>> {
        let values = [user.get(), seq, row::limit(limit)];
        self.conn.prepare_cached(AFTER)?.query_and_then(values, line)?.collect()
    }

    pub(crate) fn entries_page(
        &mut self,
        user: UserId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let values = [user.get(), before.unwrap_or(i64::MAX), row::limit(limit)];
        self.conn.prepare_cached(PAGE)?.query_and_then(values, line)?.collect()
    }

    pub(crate) fn newest_commissions(&mut self, user: UserId, limit: usize) -> Result<Vec<LedgerLine>> {
        let values = [user.get(), row::limit(limit)];
        self.conn.prepare_cached(COMMISSIONS)?.query_and_then(values, line)?.collect()
    }

    pub(crate) fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        let values = [after.0.get(), after.1, row::limit(limit)];
        self.conn.prepare_cached(SCAN)?.query_and_then(values, entry)?.collect()
    }

    pub(crate) fn append_entries(&mut self, entries: &[Entry]) -> Result<()> {
        let mut statement = self.conn.prepare_cached(APPEND)?;
        for entry in entries {
            statement.execute(params![
                entry.user.get(),
                entry.seq,
                entry.kind.name(),
                entry.amount.paise(),
                entry.balance.paise(),
                entry.total_earnings.paise(),
                entry.origin.map(|origin| origin.purchase.get()),
                entry.origin.map(|origin| origin.source.get()),
                entry.origin.map(|origin| origin.level.number()),
                entry.created_at.millis(),
            ])?;
        }
        Ok(())
    }
}

fn line(found: &Row<'_>) -> Result<LedgerLine> {
    Ok(LedgerLine { entry: entry(found)?, from_user: row::parse_option(found, 10, ("users", "name"))? })
}

fn entry(found: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        user: row::user(found, 0)?,
        seq: row::get(found, 1)?,
        kind: row::parse(found, 2, ("entries", "kind"))?,
        amount: row::money(found, 3)?,
        balance: row::money(found, 4)?,
        total_earnings: row::money(found, 5)?,
        origin: origin(found)?,
        created_at: row::time(found, 9)?,
    })
}

fn origin(found: &Row<'_>) -> Result<Option<Origin>> {
    let (purchase, source) = (row::get::<Option<i64>>(found, 6)?, row::get::<Option<i64>>(found, 7)?);
    match (purchase, source) {
        (None, None) => Ok(None),
        (Some(purchase), Some(source)) => Ok(Some(Origin {
            purchase: PurchaseId::new(purchase),
            source: UserId::new(source),
            level: row::level(found, 8, ("entries", "level"))?,
        })),
        _ => Err(Error::inconsistent("entries", "source_id", "a purchase without a source")),
    }
}
