//! What each buyer's purchases brought at each level.

use domain::{Level, UserId};
use tokio_postgres::Row;

use super::{Session, members, row};
use crate::{DownlineMember, Result, SourceCount, SourceRank, SourceTotal};

/// What everybody up to `$2` levels below a member brought her. The `offset`
/// keeps the planner from reading all of a table for each level.
macro_rules! with_sources {
    ($rest:literal) => {
        concat!(
            "with recursive below (id, level) as (
    select id, 1::bigint from users where referrer_id = $1
    union all
    select u.id, below.level + 1 from below
    cross join lateral (select id from users where referrer_id = below.id offset 0) u
    where below.level < $2
), sources (id, level, amount, purchases) as (
    select below.id, below.level, s.amount, s.purchases from below cross join lateral (
        select amount, purchases from source_totals where source_id = below.id and level = below.level offset 0
    ) s
) ",
            $rest
        )
    };
}

pub(super) const ADD: &str = "\
insert into source_totals (source_id, level, earner_id, amount, purchases)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
on conflict (source_id, level) do update
set amount = source_totals.amount + excluded.amount, purchases = source_totals.purchases + excluded.purchases";
pub(super) const SCAN: &str = "\
select source_id, level, earner_id, amount, purchases from source_totals
where (source_id, level) > ($1, $2) order by source_id, level limit $3";

pub(super) const BY_RANK: &str = with_sources!(
    "select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.active, s.amount, s.purchases, s.level
from (
    select * from sources where amount < $3 or (amount = $3 and id > $4) order by amount desc, id limit $5
) s join users u on u.id = s.id order by s.amount desc, s.id"
);
pub(super) const COUNT: &str =
    with_sources!("select count(*), coalesce(sum(purchases), 0)::bigint from sources");

impl Session<'_> {
    pub(crate) fn add_to_sources(&mut self, totals: &[SourceTotal]) {
        if totals.is_empty() {
            return;
        }
        self.open.change_later(
            ADD,
            vec![
                row::kept(totals, |total| total.source.get()),
                row::kept(totals, |total| i64::from(total.level.number())),
                row::kept(totals, |total| total.earner.get()),
                row::kept(totals, |total| total.amount.paise()),
                row::kept(totals, |total| total.purchases),
            ],
        );
    }

    pub(crate) async fn sources_by_rank(
        &mut self,
        user: UserId,
        deepest: Level,
        after: SourceRank,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        self.open.be_patient().await?;
        let (user, deepest, limit) = (user.get(), i64::from(deepest.number()), row::limit(limit));
        let (earned, source) = (after.earned.paise(), after.source.get());
        let found = |found: &Row| members::below(found, row::level(found, 9, ("source_totals", "level"))?);
        self.open.rows(BY_RANK, &[&user, &deepest, &earned, &source, &limit], found).await
    }

    pub(crate) async fn count_sources(&mut self, user: UserId, deepest: Level) -> Result<SourceCount> {
        self.open.be_patient().await?;
        let (user, deepest) = (user.get(), i64::from(deepest.number()));
        let count =
            |found: &Row| Ok(SourceCount { people: row::get(found, 0)?, purchases: row::get(found, 1)? });
        Ok(self.open.row(COUNT, &[&user, &deepest], count).await?.unwrap_or_default())
    }

    pub(crate) async fn scan_sources(
        &mut self,
        after: (UserId, u8),
        limit: usize,
    ) -> Result<Vec<SourceTotal>> {
        let (source, level) = (after.0.get(), i64::from(after.1));
        self.open.rows(SCAN, &[&source, &level, &row::limit(limit)], total).await
    }
}

fn total(found: &Row) -> Result<SourceTotal> {
    Ok(SourceTotal {
        source: row::user(found, 0)?,
        level: row::level(found, 1, ("source_totals", "level"))?,
        earner: row::user(found, 2)?,
        amount: row::money(found, 3)?,
        purchases: row::get(found, 4)?,
    })
}
