//! Sums over the whole programme.

use domain::{Level, Money};
use tokio_postgres::Row;

use super::{Session, migrate, row};
use crate::{ProgrammeTotals, Result};

pub(super) const MEMBERS: &str = "select count(*), count(*) filter (where active) from users";
pub(super) const REVERSED: &str = "select coalesce(sum(reversed), 0)::bigint from refunds";
pub(super) const SALES: &str = "select count(*), coalesce(sum(amount), 0)::bigint from purchases";
pub(super) const BY_LEVEL: &str = "select level, sum(amount)::bigint from source_totals group by level";

impl Session<'_> {
    pub(crate) async fn programme_totals(&mut self) -> Result<ProgrammeTotals> {
        self.open.be_patient().await?;
        let (members, active_members) = self.open.row(MEMBERS, &[], two).await?.unwrap_or_default();
        let (purchases, sales) = self.open.row(SALES, &[], two).await?.unwrap_or_default();
        let reversed = self.open.row(REVERSED, &[], row::number).await?.unwrap_or_default();
        let mut totals = ProgrammeTotals {
            members,
            active_members,
            purchases,
            sales: Money::from_paise(sales),
            reversed: Money::from_paise(reversed),
            ..ProgrammeTotals::default()
        };
        for (level, amount) in self.open.rows(BY_LEVEL, &[], of_level).await? {
            *totals.by_level.get_mut(level) = amount;
        }
        Ok(totals)
    }

    pub(crate) async fn schema_is_current(&mut self) -> Result<bool> {
        let applied =
            self.open.row(migrate::SCHEMA_VERSION, &[], |found| row::get::<Option<i32>>(found, 0)).await?;
        Ok(applied.flatten() == migrate::newest_migration())
    }
}

fn two(found: &Row) -> Result<(i64, i64)> {
    Ok((row::get(found, 0)?, row::get(found, 1)?))
}

fn of_level(found: &Row) -> Result<(Level, Money)> {
    Ok((row::level(found, 0, ("source_totals", "level"))?, row::money(found, 1)?))
}
