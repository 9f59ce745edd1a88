//! The ledger.

use std::ops::Range;

use domain::{Cause, Entry, Origin, PurchaseId, Timestamp, UserId};
use rusqlite::{OptionalExtension, Row};

use super::{Onto, Session, Table, row};
use crate::document::Document;
use crate::{Commission, Error, LedgerLine, Result, levels};

macro_rules! select_entry {
    ($more:literal, $rest:literal) => {
        concat!(
            "select e.user_id, e.seq, e.kind, e.amount, e.by_level, e.reversed, e.paid, e.adjusted, e.purchase_id, \
             e.source_id, e.level, e.refund_id, e.payout_id, e.adjustment_id, e.created_at",
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
pub(super) const ONE: &str =
    select_entry!(", u.name", "left join users u on u.id = e.source_id where e.user_id = ?1 and e.seq = ?2");
pub(super) const BETWEEN: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id where e.user_id = ?1 and e.seq > ?2
     and e.created_at >= ?3 and e.created_at < ?4 order by e.seq limit ?5"
);
pub(super) const BEFORE: &str =
    select_entry!("", "where e.user_id = ?1 and e.created_at < ?2 order by e.seq desc limit 1");
pub(super) const COMMISSIONS: &str = "\
select e.seq, e.amount, e.purchase_id, e.source_id, e.level, e.created_at, u.name
from entries e join users u on u.id = e.source_id
where e.user_id = ?1 and e.seq > ?2 and e.kind = 'commission' order by e.seq desc limit ?3";
pub(super) const SCAN: &str =
    select_entry!("", "where (e.user_id, e.seq) > (?1, ?2) order by e.user_id, e.seq limit ?3");
pub(super) const HEAD: &str = "select seq from entries where user_id = ?1 order by seq desc limit 1";
pub(super) const APPEND: &str = "\
insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id, source_id, level,
    refund_id, payout_id, adjustment_id, created_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

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

    pub(crate) fn newest_commissions(
        &mut self,
        user: UserId,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<Commission>> {
        let values = [user.get(), seq, row::limit(limit)];
        self.conn.prepare_cached(COMMISSIONS)?.query_and_then(values, commission)?.collect()
    }

    pub(crate) fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        let values = [after.0.get(), after.1, row::limit(limit)];
        self.conn.prepare_cached(SCAN)?.query_and_then(values, entry)?.collect()
    }

    pub(crate) fn heads(&mut self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        let mut statement = self.conn.prepare_cached(HEAD)?;
        let mut heads = Vec::with_capacity(users.len());
        for user in users {
            let seq = statement.query_row([user.get()], |row| row.get(0)).optional()?;
            heads.extend(seq.map(|seq| (*user, seq)));
        }
        Ok(heads)
    }

    pub(crate) fn entry(&mut self, user: UserId, seq: i64) -> Result<Option<LedgerLine>> {
        self.conn.prepare_cached(ONE)?.query_and_then([user.get(), seq], line)?.next().transpose()
    }

    pub(crate) fn entries_between(
        &mut self,
        user: UserId,
        times: Range<Timestamp>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let Range { start, end } = times;
        let values = [user.get(), after, start.millis(), end.millis(), row::limit(limit)];
        self.conn.prepare_cached(BETWEEN)?.query_and_then(values, line)?.collect()
    }

    pub(crate) fn last_entry_before(&mut self, user: UserId, at: Timestamp) -> Result<Option<Entry>> {
        let mut statement = self.conn.prepare_cached(BEFORE)?;
        statement.query_and_then([user.get(), at.millis()], entry)?.next().transpose()
    }

    pub(crate) fn append_entries(&mut self, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            let Entry { totals, cause, .. } = entry;
            let document = Document::of(*cause);
            self.add(
                Table::Entries,
                &[
                    entry.user.get().into(),
                    entry.seq.into(),
                    entry.kind().name().into(),
                    entry.amount.paise().into(),
                    levels::encode_totals(&totals.by_level).as_str().into(),
                    totals.reversed.paise().into(),
                    totals.paid.paise().into(),
                    totals.adjusted.paise().into(),
                    cause.origin().map(|origin| origin.purchase.get()).into(),
                    cause.origin().map(|origin| origin.source.get()).into(),
                    cause.origin().map(|origin| i64::from(origin.level.number())).into(),
                    document.refund.into(),
                    document.payout.into(),
                    document.adjustment.into(),
                    entry.created_at.millis().into(),
                ],
            )?;
        }
        match &mut self.onto {
            Onto::Journal(tail) => tail.add_entries(entries),
            Onto::Books(changed) => changed.extend(entries.iter().map(|entry| entry.user)),
            Onto::Nothing => {}
        }
        Ok(())
    }
}

fn line(found: &Row<'_>) -> Result<LedgerLine> {
    Ok(LedgerLine { entry: entry(found)?, from_user: row::parse_option(found, 15, ("users", "name"))? })
}

fn commission(found: &Row<'_>) -> Result<Commission> {
    Ok(Commission {
        seq: row::get(found, 0)?,
        amount: row::money(found, 1)?,
        origin: Origin {
            purchase: PurchaseId::new(row::get(found, 2)?),
            source: row::user(found, 3)?,
            level: row::level(found, 4, ("entries", "level"))?,
        },
        from_user: row::parse(found, 6, ("users", "name"))?,
        created_at: row::time(found, 5)?,
    })
}

fn entry(found: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        user: row::user(found, 0)?,
        seq: row::get(found, 1)?,
        cause: cause(found)?,
        amount: row::money(found, 3)?,
        totals: row::totals(found, 4)?,
        created_at: row::time(found, 14)?,
    })
}

fn cause(found: &Row<'_>) -> Result<Cause> {
    let kind = row::parse(found, 2, ("entries", "kind"))?;
    let document = Document {
        refund: row::get(found, 11)?,
        payout: row::get(found, 12)?,
        adjustment: row::get(found, 13)?,
    };
    document.cause(kind, origin(found)?)
}

fn origin(found: &Row<'_>) -> Result<Option<Origin>> {
    let Some(purchase) = row::get::<Option<i64>>(found, 8)? else { return Ok(None) };
    let source = row::get::<Option<i64>>(found, 9)?;
    Ok(Some(Origin {
        purchase: PurchaseId::new(purchase),
        source: source
            .map(UserId::new)
            .ok_or_else(|| Error::inconsistent("entries", "source_id", "a purchase without a source"))?,
        level: row::level(found, 10, ("entries", "level"))?,
    }))
}
