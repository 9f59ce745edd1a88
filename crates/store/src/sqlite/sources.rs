//! What each buyer's purchases brought at each level.

use domain::UserId;
use rusqlite::params;

use super::{Session, Table, row};
use crate::{Result, SourceTotal};

pub(super) const ADD: &str = "\
insert into source_totals (source_id, level, earner_id, amount, purchases) values (?1, ?2, ?3, ?4, ?5)
on conflict (source_id, level) do update
set amount = amount + excluded.amount, purchases = purchases + excluded.purchases";
pub(super) const SCAN: &str = "\
select source_id, level, earner_id, amount, purchases from source_totals
where (source_id, level) > (?1, ?2) order by source_id, level limit ?3";

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
