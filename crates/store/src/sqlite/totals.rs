//! Sums over the whole programme, and what the engine thinks of its files.

use domain::{LevelTotals, Money};

use super::{Session, connect, row};
use crate::{ProgrammeTotals, Result};

pub(super) const MEMBERS: &str = "select count(*), coalesce(sum(active), 0) from users";
pub(super) const REVERSED: &str = "select coalesce(sum(reversed), 0) from refunds";
pub(super) const SALES: &str = "select count(*), coalesce(sum(amount), 0) from purchases";
pub(super) const BY_LEVEL: &str = "select level, sum(amount) from source_totals group by level";
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
        self.conn.prepare_cached(SALES)?.query_row([], |found| {
            totals.purchases = found.get(0)?;
            totals.sales = Money::from_paise(found.get(1)?);
            Ok(())
        })?;
        totals.by_level = self.totals_by_level()?;
        let reversed = self.conn.prepare_cached(REVERSED)?.query_row([], |found| found.get(0))?;
        totals.reversed = Money::from_paise(reversed);
        Ok(totals)
    }

    fn totals_by_level(&mut self) -> Result<LevelTotals> {
        let mut by_level = LevelTotals::default();
        let mut statement = self.conn.prepare_cached(BY_LEVEL)?;
        let mut rows = statement.query([])?;
        while let Some(found) = rows.next()? {
            *by_level.get_mut(row::level(found, 0, ("source_totals", "level"))?) = row::money(found, 1)?;
        }
        Ok(by_level)
    }

    pub(crate) fn schema_is_current(&mut self) -> Result<bool> {
        let applied: Option<u32> =
            self.conn.prepare_cached(SCHEMA_VERSION)?.query_row([], |row| row.get(0))?;
        Ok(applied == connect::newest_migration())
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
