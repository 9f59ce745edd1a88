//! Sums over the whole programme, and what the engine thinks of its files.
//!
//! SQLite gives up on a sum that is out of range. Each is therefore made of two:
//! one of the upper halves and one of the lower halves, 32 bits each.

use domain::{LevelTotals, Money};
use rusqlite::Row;

use super::{Session, connect, row};
use crate::{Ailment, Error, ProgrammeTotals, Result};

pub(super) const MEMBERS: &str = "select count(*), coalesce(sum(active), 0) from users";
pub(super) const REVERSED: &str =
    "select coalesce(sum(reversed >> 32), 0), coalesce(sum(reversed & 4294967295), 0) from refunds";
pub(super) const SALES: &str = "\
select coalesce(sum(amount >> 32), 0), coalesce(sum(amount & 4294967295), 0), count(*) from purchases";
pub(super) const BY_LEVEL: &str = "\
select sum(amount >> 32), sum(amount & 4294967295), level from source_totals group by level";
pub(super) const SCHEMA_VERSION: &str = "select max(version) from refinery_schema_history";
pub(super) const QUICK_CHECK: &str = "pragma quick_check";
pub(super) const FOREIGN_KEY_CHECK: &str = "select \"table\" || ' row ' || coalesce(rowid, '?') || ' refers to a missing row of ' || parent \
     from pragma_foreign_key_check";

impl Session<'_> {
    pub(crate) fn programme_totals(&mut self) -> Result<ProgrammeTotals> {
        let mut totals = ProgrammeTotals::default();
        self.conn.prepare_cached(MEMBERS)?.query_row([], |found| {
            totals.members = found.get(0)?;
            totals.active_members = found.get(1)?;
            Ok(())
        })?;
        let (sales, purchases) =
            self.conn.prepare_cached(SALES)?.query_row([], |found| Ok((sum(found)?, found.get(2)?)))?;
        totals.purchases = purchases;
        totals.sales = in_range(sales, "all purchases")?;
        totals.by_level = self.totals_by_level()?;
        totals.reversed = in_range(self.total_reversed()?, "all that was taken back")?;
        totals.in_range()
    }

    pub(crate) fn total_reversed(&mut self) -> Result<i128> {
        Ok(self.conn.prepare_cached(REVERSED)?.query_row([], sum)?)
    }

    fn totals_by_level(&mut self) -> Result<LevelTotals> {
        let mut by_level = LevelTotals::default();
        let mut statement = self.conn.prepare_cached(BY_LEVEL)?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            let level = row::level(found, 2, ("source_totals", "level"))?;
            *by_level.get_mut(level) = in_range(sum(found)?, "the commissions of a level")?;
        }
        Ok(by_level)
    }

    pub(crate) fn ailments(&mut self) -> Result<Vec<Ailment>> {
        let applied: Option<u32> =
            self.conn.prepare_cached(SCHEMA_VERSION)?.query_row([], |row| row.get(0))?;
        let is_current = applied == connect::newest_migration();
        Ok(if is_current { vec![] } else { vec![Ailment::OtherSchema] })
    }

    pub(crate) fn integrity(&mut self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        for check in [QUICK_CHECK, FOREIGN_KEY_CHECK] {
            let mut statement = self.conn.prepare(check)?;
            let lines: rusqlite::Result<Vec<String>> = statement.query_map([], |row| row.get(0))?.collect();
            found.extend(lines?.into_iter().filter(|line| line != "ok"));
        }
        Ok(found)
    }
}

/// The sum that the first two columns are the halves of.
fn sum(found: &Row<'_>) -> rusqlite::Result<i128> {
    let (upper, lower): (i64, i64) = (found.get(0)?, found.get(1)?);
    Ok((i128::from(upper) << 32) + i128::from(lower))
}

fn in_range(paise: i128, of: &'static str) -> Result<Money> {
    i64::try_from(paise).map(Money::from_paise).map_err(|_| Error::OutOfRange(of))
}
