//! Plans and their versions.

use domain::{HoldDays, Money, Plan, PlanVersion, Timestamp};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{Error, PlanRecord, Present, Result, levels};

macro_rules! select_plan {
    ($more:literal, $rest:expr) => {
        concat!(
            "select version, currency, commission_above, max_direct_referrals, levels, rounding, hold_days, \
             max_commission, effective_from, created_at, withdrawn_at",
            $more,
            " from plans ",
            $rest
        )
    };
}

/// The one that began last, of those that were not withdrawn.
macro_rules! begun {
    () => {
        "where effective_from <= ?1 and withdrawn_at is null order by effective_from desc, version desc limit 1"
    };
}

pub(super) const IN_FORCE: &str = select_plan!("", begun!());
pub(super) const PRESENT: &str =
    select_plan!(", (select max(ends_at) from closed_months where closed_at is not null)", begun!());
pub(super) const BY_VERSION: &str = select_plan!("", "where version = ?1");
pub(super) const ALL: &str = select_plan!("", "order by version");

pub(super) const APPEND: &str = "\
insert into plans (version, currency, commission_above, max_direct_referrals, levels, rounding, hold_days,
    max_commission, effective_from, created_at)
values ((select coalesce(max(version), 0) + 1 from plans), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
returning version";

pub(super) const WITHDRAW: &str =
    "update plans set withdrawn_at = ?2 where version = ?1 and withdrawn_at is null";

impl Session<'_> {
    pub(crate) fn plan_in_force(&mut self, at: Timestamp) -> Result<(PlanVersion, Plan)> {
        let mut statement = self.conn.prepare_cached(IN_FORCE)?;
        let mut rows = statement.query_and_then([at.millis()], numbered)?;
        rows.next().unwrap_or_else(|| Err(Error::inconsistent("plans", "effective_from", "no plan in force")))
    }

    pub(crate) fn present(&mut self, at: Timestamp) -> Result<Present> {
        let mut statement = self.conn.prepare_cached(PRESENT)?;
        let mut rows = statement.query_and_then([at.millis()], |found| {
            let (version, plan) = numbered(found)?;
            Ok(Present { version, plan, open_from: row::time_or_min(found, 11)? })
        })?;
        rows.next().unwrap_or_else(|| Err(Error::inconsistent("plans", "effective_from", "no plan in force")))
    }

    pub(crate) fn plan(&mut self, version: PlanVersion) -> Result<Option<PlanRecord>> {
        self.conn.prepare_cached(BY_VERSION)?.query_and_then([version.get()], record)?.next().transpose()
    }

    pub(crate) fn plans(&mut self) -> Result<Vec<PlanRecord>> {
        self.conn.prepare_cached(ALL)?.query_and_then([], record)?.collect()
    }

    /// The one writer holds the whole database, so there is nothing to lock.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "another engine has something to lock")]
    pub(crate) fn lock_plans(&mut self) -> Result<()> {
        Ok(())
    }

    pub(crate) fn append_plan(
        &mut self,
        plan: &Plan,
        effective_from: Timestamp,
        now: Timestamp,
    ) -> Result<PlanVersion> {
        let values = params![
            plan.currency.as_str(),
            plan.commission_above.paise(),
            plan.max_direct_referrals,
            levels::encode_rates(&plan.levels),
            plan.rounding.name(),
            plan.hold.days(),
            plan.max_commission.map(Money::paise),
            effective_from.millis(),
            now.millis(),
        ];
        let version = self.conn.prepare_cached(APPEND)?.query_row(values, |row| row.get(0))?;
        Ok(PlanVersion::new(version))
    }

    pub(crate) fn withdraw_plan(&mut self, version: PlanVersion, now: Timestamp) -> Result<bool> {
        Ok(self.conn.prepare_cached(WITHDRAW)?.execute([version.get(), now.millis()])? == 1)
    }
}

fn record(found: &Row<'_>) -> Result<PlanRecord> {
    let (version, plan) = numbered(found)?;
    Ok(PlanRecord {
        version,
        plan,
        effective_from: row::time(found, 8)?,
        created_at: row::time(found, 9)?,
        withdrawn_at: row::time_option(found, 10)?,
    })
}

fn numbered(found: &Row<'_>) -> Result<(PlanVersion, Plan)> {
    let rates: String = row::get(found, 4)?;
    let hold_days = row::get(found, 6)?;
    let plan = Plan {
        currency: row::parse(found, 1, ("plans", "currency"))?,
        commission_above: row::money(found, 2)?,
        max_direct_referrals: row::get(found, 3)?,
        levels: levels::decode_rates(&rates).ok_or_else(|| Error::inconsistent("plans", "levels", &rates))?,
        rounding: row::parse(found, 5, ("plans", "rounding"))?,
        hold: HoldDays::new(hold_days).map_err(|_| Error::inconsistent("plans", "hold_days", hold_days))?,
        max_commission: row::get::<Option<i64>>(found, 7)?.map(Money::from_paise),
    };
    Ok((PlanVersion::new(row::get(found, 0)?), plan))
}
