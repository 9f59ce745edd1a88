//! What each buyer's purchases brought at each level.

use domain::{Level, UserId};
use rusqlite::params;

use super::{Session, Table, members, row};
use crate::{DownlineMember, Result, SourceCount, SourceRank, SourceTotal};

/// What everybody up to `?2` levels below a member brought her.
macro_rules! with_sources {
    ($rest:literal) => {
        concat!(
            "with recursive below (id, level) as (
    select id, 1 from users where referrer_id = ?1
    union all
    select u.id, below.level + 1 from below cross join users u on u.referrer_id = below.id where below.level < ?2
), sources (id, level, amount, purchases) as (
    select s.source_id, s.level, s.amount, s.purchases
    from below cross join source_totals s on s.source_id = below.id and s.level = below.level
) ",
            $rest
        )
    };
}

pub(super) const ADD: &str = "\
insert into source_totals (source_id, level, earner_id, amount, purchases) values (?1, ?2, ?3, ?4, ?5)
on conflict (source_id, level) do update
set amount = amount + excluded.amount, purchases = purchases + excluded.purchases";
pub(super) const SCAN: &str = "\
select source_id, level, earner_id, amount, purchases from source_totals
where (source_id, level) > (?1, ?2) order by source_id, level limit ?3";

pub(super) const BY_RANK: &str = with_sources!(
    "select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.active, s.level, s.amount, s.purchases
from (
    select * from sources where amount < ?3 or (amount = ?3 and id > ?4) order by amount desc, id limit ?5
) s cross join users u on u.id = s.id order by s.amount desc, s.id"
);
pub(super) const COUNT: &str = with_sources!("select count(*), coalesce(sum(purchases), 0) from sources");

impl Session<'_> {
    pub(crate) fn add_to_sources(&mut self, totals: &[SourceTotal]) -> Result<()> {
        for total in totals {
            self.add(
                Table::SourceTotals,
                &[
                    total.source.get().into(),
                    i64::from(total.level.number()).into(),
                    total.earner.get().into(),
                    total.amount.paise().into(),
                    total.purchases.into(),
                ],
            )?;
        }
        Ok(())
    }

    pub(crate) fn sources_by_rank(
        &mut self,
        user: UserId,
        deepest: Level,
        after: SourceRank,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        let SourceRank { earned, source } = after;
        let values = params![user.get(), deepest.number(), earned.paise(), source.get(), row::limit(limit)];
        self.conn.prepare_cached(BY_RANK)?.query_and_then(values, members::below)?.collect()
    }

    pub(crate) fn count_sources(&mut self, user: UserId, deepest: Level) -> Result<SourceCount> {
        let values = params![user.get(), deepest.number()];
        let mut statement = self.conn.prepare_cached(COUNT)?;
        Ok(statement
            .query_row(values, |row| Ok(SourceCount { people: row.get(0)?, purchases: row.get(1)? }))?)
    }

    pub(crate) fn scan_sources(&mut self, after: (UserId, u8), limit: usize) -> Result<Vec<SourceTotal>> {
        let values = params![after.0.get(), after.1, row::limit(limit)];
        let mut statement = self.conn.prepare_cached(SCAN)?;
        let rows = statement.query_and_then(values, |found| {
            Ok(SourceTotal {
                source: row::user(found, 0)?,
                level: row::level(found, 1, ("source_totals", "level"))?,
                earner: row::user(found, 2)?,
                amount: row::money(found, 3)?,
                purchases: row::get(found, 4)?,
            })
        })?;
        rows.collect()
    }
}
