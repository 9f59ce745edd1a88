//! The ledger.

use std::ops::Range;

use domain::{Cause, Entry, Name, Origin, PurchaseId, Timestamp, UserId};
use rusqlite::{OptionalExtension, Row};

use super::{Onto, Session, Table, row};
use crate::document::Document;
use crate::times::LineTimes;
use crate::{Commission, Error, LateSum, LedgerLine, Result, levels};

macro_rules! select_entry {
    ($more:literal, $rest:literal) => {
        concat!(
            "select e.user_id, e.seq, e.kind, e.amount, e.by_level, e.reversed, e.paid, e.adjusted, e.purchase_id, \
             e.source_id, e.level, e.refund_id, e.payout_id, e.adjustment_id, e.occurred_at, e.booked_at, \
             e.booked_through, e.matures_at",
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
pub(super) const LATE: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id
     where e.user_id = ?1 and e.booked_through is not null and (e.booked_at, e.seq) > (?2, ?3)
     and e.booked_at < ?4 order by e.booked_at, e.seq limit ?5"
);
pub(super) const LATE_SUMS: &str = "\
select kind, level, sum(amount), count(*) from entries
where user_id = ?1 and booked_through is not null and booked_at >= ?2 and booked_at < ?3 and seq > ?4
group by kind, level";
pub(super) const BOOKED_THROUGH: &str = "\
select coalesce(booked_through, booked_at, occurred_at) from entries where user_id = ?1 and seq = ?2";
pub(super) const FIRST_BOOKED: &str = "\
select min(booked_at) from (
    select coalesce(booked_at, occurred_at) as booked_at from entries where user_id = ?1 and seq = 1
    union all
    select min(booked_at) from entries where user_id = ?1 and booked_through is not null
) first";
pub(super) const COMMISSIONS: &str = "\
select e.seq, e.amount, e.purchase_id, e.source_id, e.level, e.occurred_at, u.name
from entries e join users u on u.id = e.source_id
where e.user_id = ?1 and e.seq > ?2 and e.kind = 'commission' order by e.seq desc limit ?3";
pub(super) const SCAN: &str =
    select_entry!("", "where (e.user_id, e.seq) > (?1, ?2) order by e.user_id, e.seq limit ?3");
pub(super) const HEAD: &str = "select seq from entries where user_id = ?1 order by seq desc limit 1";
pub(super) const APPEND: &str = "\
insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id, source_id, level,
    refund_id, payout_id, adjustment_id, occurred_at, booked_at, booked_through, matures_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

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

    pub(crate) fn late_entries(
        &mut self,
        user: UserId,
        after: (Timestamp, i64),
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let values = [user.get(), after.0.millis(), after.1, before.millis(), row::limit(limit)];
        self.conn.prepare_cached(LATE)?.query_and_then(values, line)?.collect()
    }

    pub(crate) fn late_sums(
        &mut self,
        user: UserId,
        times: Range<Timestamp>,
        after: i64,
    ) -> Result<Vec<LateSum>> {
        let values = [user.get(), times.start.millis(), times.end.millis(), after];
        self.conn.prepare_cached(LATE_SUMS)?.query_and_then(values, late_sum)?.collect()
    }

    pub(crate) fn booked_through(&mut self, user: UserId, seq: i64) -> Result<Option<Timestamp>> {
        let mut statement = self.conn.prepare_cached(BOOKED_THROUGH)?;
        let found: Option<i64> = statement.query_row([user.get(), seq], |row| row.get(0)).optional()?;
        Ok(found.map(Timestamp::from_millis))
    }

    pub(crate) fn first_booked(&mut self, user: UserId) -> Result<Option<Timestamp>> {
        let mut statement = self.conn.prepare_cached(FIRST_BOOKED)?;
        let found: Option<i64> = statement.query_row([user.get()], |row| row.get(0))?;
        Ok(found.map(Timestamp::from_millis))
    }

    pub(crate) fn append_entries(&mut self, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            let Entry { totals, cause, .. } = entry;
            let (document, times) = (Document::of(*cause), LineTimes::of(entry));
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
                    times.occurred_at.into(),
                    times.booked_at.into(),
                    times.booked_through.into(),
                    times.matures_at.into(),
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
    Ok(LedgerLine {
        entry: entry(found)?,
        from_user: row::stored_option(found, 18, ("users", "name"), Name::stored)?,
    })
}

fn late_sum(found: &Row<'_>) -> Result<LateSum> {
    let level = row::get::<Option<i64>>(found, 1)?;
    Ok(LateSum {
        kind: row::parse(found, 0, ("entries", "kind"))?,
        level: level.map(|_| row::level(found, 1, ("entries", "level"))).transpose()?,
        amount: row::money(found, 2)?,
        lines: row::get(found, 3)?,
    })
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
        from_user: row::stored(found, 6, ("users", "name"), Name::stored)?,
        occurred_at: row::time(found, 5)?,
    })
}

fn entry(found: &Row<'_>) -> Result<Entry> {
    let times = LineTimes {
        occurred_at: row::get(found, 14)?,
        booked_at: row::get(found, 15)?,
        booked_through: row::get(found, 16)?,
        matures_at: row::get(found, 17)?,
    };
    let (times, booked_through) = times.decode();
    Ok(Entry {
        user: row::user(found, 0)?,
        seq: row::get(found, 1)?,
        cause: cause(found)?,
        amount: row::money(found, 3)?,
        totals: row::totals(found, 4)?,
        times,
        booked_through,
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
