//! The ledger.

use std::ops::Range;

use domain::{Cause, Entry, Name, Origin, PurchaseId, Timestamp, UserId};
use tokio_postgres::Row;

use super::{Session, row};
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
    "left join users u on u.id = e.source_id where e.user_id = $1 and e.seq > $2 order by e.seq limit $3"
);
pub(super) const PAGE: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id where e.user_id = $1 and e.seq < $2 order by e.seq desc limit $3"
);
pub(super) const ONE: &str =
    select_entry!(", u.name", "left join users u on u.id = e.source_id where e.user_id = $1 and e.seq = $2");
pub(super) const LATE: &str = select_entry!(
    ", u.name",
    "left join users u on u.id = e.source_id
     where e.user_id = $1 and e.booked_through is not null and (e.booked_at, e.seq) > ($2, $3)
     and e.booked_at < $4 order by e.booked_at, e.seq limit $5"
);
pub(super) const LATE_SUMS: &str = "\
select kind, level, sum(amount)::bigint, count(*) from entries
where user_id = $1 and booked_through is not null and booked_at >= $2 and booked_at < $3 and seq > $4
group by kind, level";
pub(super) const BOOKED_THROUGH: &str = "\
select coalesce(booked_through, booked_at, occurred_at) from entries where user_id = $1 and seq = $2";
pub(super) const FIRST_BOOKED: &str = "\
select min(booked_at) from (
    select coalesce(booked_at, occurred_at) as booked_at from entries where user_id = $1 and seq = 1
    union all
    select min(booked_at) from entries where user_id = $1 and booked_through is not null
) first";
pub(super) const COMMISSIONS: &str = "\
select e.seq, e.amount, e.purchase_id, e.source_id, e.level, e.occurred_at, u.name
from entries e join users u on u.id = e.source_id
where e.user_id = $1 and e.seq > $2 and e.kind = 'commission' order by e.seq desc limit $3";
pub(super) const SCAN: &str =
    select_entry!("", "where (e.user_id, e.seq) > ($1, $2) order by e.user_id, e.seq limit $3");
pub(super) const HEADS: &str = "\
select u.id, e.seq from unnest($1::bigint[]) u (id)
cross join lateral (select seq from entries where user_id = u.id order by seq desc limit 1) e";
pub(super) const APPEND: &str = "\
insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id, source_id, level,
    refund_id, payout_id, adjustment_id, occurred_at, booked_at, booked_through, matures_at)
select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
    $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[])";

impl Session<'_> {
    pub(crate) async fn entries_after(
        &mut self,
        user: UserId,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        self.open.rows(AFTER, &[&user.get(), &seq, &row::limit(limit)], line).await
    }

    pub(crate) async fn entries_page(
        &mut self,
        user: UserId,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let before = before.unwrap_or(i64::MAX);
        self.open.rows(PAGE, &[&user.get(), &before, &row::limit(limit)], line).await
    }

    pub(crate) async fn newest_commissions(
        &mut self,
        user: UserId,
        seq: i64,
        limit: usize,
    ) -> Result<Vec<Commission>> {
        self.open.rows(COMMISSIONS, &[&user.get(), &seq, &row::limit(limit)], commission).await
    }

    pub(crate) async fn scan_entries(&mut self, after: (UserId, i64), limit: usize) -> Result<Vec<Entry>> {
        let (user, seq) = after;
        self.open.rows(SCAN, &[&user.get(), &seq, &row::limit(limit)], entry).await
    }

    pub(crate) async fn heads(&mut self, users: &[UserId]) -> Result<Vec<(UserId, i64)>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let head = |found: &Row| Ok((row::user(found, 0)?, row::get(found, 1)?));
        self.open.rows(HEADS, &[&row::column(users, |user| user.get())], head).await
    }

    pub(crate) async fn entry(&mut self, user: UserId, seq: i64) -> Result<Option<LedgerLine>> {
        self.open.row(ONE, &[&user.get(), &seq], line).await
    }

    pub(crate) async fn late_entries(
        &mut self,
        user: UserId,
        after: (Timestamp, i64),
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<LedgerLine>> {
        let (booked_at, seq) = (after.0.millis(), after.1);
        let limit = row::limit(limit);
        self.open.rows(LATE, &[&user.get(), &booked_at, &seq, &before.millis(), &limit], line).await
    }

    pub(crate) async fn late_sums(
        &mut self,
        user: UserId,
        times: Range<Timestamp>,
        after: i64,
    ) -> Result<Vec<LateSum>> {
        let (start, end) = (times.start.millis(), times.end.millis());
        self.open.rows(LATE_SUMS, &[&user.get(), &start, &end, &after], late_sum).await
    }

    pub(crate) async fn booked_through(&mut self, user: UserId, seq: i64) -> Result<Option<Timestamp>> {
        self.open.row(BOOKED_THROUGH, &[&user.get(), &seq], |found| row::time(found, 0)).await
    }

    pub(crate) async fn first_booked(&mut self, user: UserId) -> Result<Option<Timestamp>> {
        let first = |found: &Row| row::time_option(found, 0);
        Ok(self.open.row(FIRST_BOOKED, &[&user.get()], first).await?.flatten())
    }

    pub(crate) fn append_entries(&mut self, entries: &[Entry]) {
        if entries.is_empty() {
            return;
        }
        let documents = row::column(entries, |entry| Document::of(entry.cause));
        let times = row::column(entries, LineTimes::of);
        let origins = row::column(entries, Entry::origin);
        self.open.change_later(
            APPEND,
            vec![
                row::kept(entries, |entry| entry.user.get()),
                row::kept(entries, |entry| entry.seq),
                row::kept(entries, |entry| entry.kind().name()),
                row::kept(entries, |entry| entry.amount.paise()),
                row::kept(entries, |entry| levels::encode_totals(&entry.totals.by_level)),
                row::kept(entries, |entry| entry.totals.reversed.paise()),
                row::kept(entries, |entry| entry.totals.paid.paise()),
                row::kept(entries, |entry| entry.totals.adjusted.paise()),
                row::kept(&origins, |origin| origin.map(|origin| origin.purchase.get())),
                row::kept(&origins, |origin| origin.map(|origin| origin.source.get())),
                row::kept(&origins, |origin| origin.map(|origin| i64::from(origin.level.number()))),
                row::kept(&documents, |document| document.refund),
                row::kept(&documents, |document| document.payout),
                row::kept(&documents, |document| document.adjustment),
                row::kept(&times, |times| times.occurred_at),
                row::kept(&times, |times| times.booked_at),
                row::kept(&times, |times| times.booked_through),
                row::kept(&times, |times| times.matures_at),
            ],
        );
    }
}

fn line(found: &Row) -> Result<LedgerLine> {
    Ok(LedgerLine {
        entry: entry(found)?,
        from_user: row::stored_option(found, 18, ("users", "name"), Name::stored)?,
    })
}

fn late_sum(found: &Row) -> Result<LateSum> {
    let level = row::get::<Option<i64>>(found, 1)?;
    Ok(LateSum {
        kind: row::parse(found, 0, ("entries", "kind"))?,
        level: level.map(|_| row::level(found, 1, ("entries", "level"))).transpose()?,
        amount: row::money(found, 2)?,
        lines: row::get(found, 3)?,
    })
}

fn commission(found: &Row) -> Result<Commission> {
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

fn entry(found: &Row) -> Result<Entry> {
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

fn cause(found: &Row) -> Result<Cause> {
    let kind = row::parse(found, 2, ("entries", "kind"))?;
    let document = Document {
        refund: row::get(found, 11)?,
        payout: row::get(found, 12)?,
        adjustment: row::get(found, 13)?,
    };
    document.cause(kind, origin(found)?)
}

fn origin(found: &Row) -> Result<Option<Origin>> {
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
