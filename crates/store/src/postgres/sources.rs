//! What each buyer's purchases brought at each level.

use domain::UserId;
use tokio_postgres::Row;

use super::{Session, row};
use crate::{Result, SourceTotal};

pub(super) const ADD: &str = "\
insert into source_totals (source_id, level, earner_id, amount, purchases)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
on conflict (source_id, level) do update
set amount = source_totals.amount + excluded.amount, purchases = source_totals.purchases + excluded.purchases";
pub(super) const SCAN: &str = "\
select source_id, level, earner_id, amount, purchases from source_totals
where (source_id, level) > ($1, $2) order by source_id, level limit $3";

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
