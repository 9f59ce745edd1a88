//! Sums over the whole programme.

use domain::{Level, Money};
use tokio_postgres::Row;

use super::{Session, migrate, row};
use crate::{Error, ProgrammeTotals, Result};

pub(super) const MEMBERS: &str = "select count(*), count(*) filter (where active) from users";
pub(super) const REVERSED: &str = "select coalesce(sum(reversed), 0)::text from refunds";
pub(super) const SALES: &str = "select coalesce(sum(amount), 0)::text, count(*) from purchases";
pub(super) const BY_LEVEL: &str = "select sum(amount)::text, level from source_totals group by level";

impl Session<'_> {
    pub(crate) async fn programme_totals(&mut self) -> Result<ProgrammeTotals> {
        self.open.be_patient().await?;
        let (members, active_members) = self.open.row(MEMBERS, &[], two).await?.unwrap_or_default();
        let sales = |found: &Row| Ok((sum(found)?, row::get(found, 1)?));
        let (sales, purchases) = self.open.row(SALES, &[], sales).await?.unwrap_or_default();
        let mut totals = ProgrammeTotals {
            members,
            active_members,
            purchases,
            sales: in_range(sales, "all purchases")?,
            reversed: in_range(self.total_reversed().await?, "all that was taken back")?,
            ..ProgrammeTotals::default()
        };
        for (level, amount) in self.open.rows(BY_LEVEL, &[], of_level).await? {
            *totals.by_level.get_mut(level) = in_range(amount, "the commissions of a level")?;
        }
        totals.in_range()
    }

    pub(crate) async fn total_reversed(&mut self) -> Result<i128> {
        self.open.be_patient().await?;
        Ok(self.open.row(REVERSED, &[], sum).await?.unwrap_or_default())
    }

    pub(super) async fn schema_is_current(&mut self) -> Result<bool> {
        let applied =
            self.open.row(migrate::SCHEMA_VERSION, &[], |found| row::get::<Option<i32>>(found, 0)).await?;
        Ok(applied.flatten() == migrate::newest_migration())
    }
}

fn two(found: &Row) -> Result<(i64, i64)> {
    Ok((row::get(found, 0)?, row::get(found, 1)?))
}

fn of_level(found: &Row) -> Result<(Level, i128)> {
    Ok((row::level(found, 1, ("source_totals", "level"))?, sum(found)?))
}

/// The sum in the first column, written out: it may be out of every range.
fn sum(found: &Row) -> Result<i128> {
    let digits: &str = row::get(found, 0)?;
    digits.parse().map_err(|_| Error::inconsistent("a sum", "amount", digits))
}

fn in_range(paise: i128, of: &'static str) -> Result<Money> {
    i64::try_from(paise).map(Money::from_paise).map_err(|_| Error::OutOfRange(of))
}
