//! Plans and their versions.

use domain::{Levels, Money, Plan, PlanVersion, Rate, Timestamp};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{Error, Result};

pub(super) const IN_FORCE: &str = "\
select version, currency, commission_above, max_direct_referrals, levels, rounding, max_commission
from plans where effective_from <= ?1 order by version desc limit 1";

pub(super) const ALL: &str = "\
select version, currency, commission_above, max_direct_referrals, levels, rounding, max_commission
from plans order by version";

pub(super) const APPEND: &str = "\
insert into plans (version, effective_from, currency, commission_above, max_direct_referrals, levels, rounding,
    max_commission)
values ((select coalesce(max(version), 0) + 1 from plans), ?1, ?2, ?3, ?4, ?5, ?6, ?7)
returning version";

impl Session<'_> {
    pub(crate) fn plan_in_force(&mut self, at: Timestamp) -> Result<(PlanVersion, Plan)> {
        let mut statement = self.conn.prepare_cached(IN_FORCE)?;
        let mut rows = statement.query_and_then([at.millis()], plan)?;
        rows.next().unwrap_or_else(|| Err(Error::inconsistent("plans", "effective_from", "no plan in force")))
    }

    pub(crate) fn plans(&mut self) -> Result<Vec<(PlanVersion, Plan)>> {
        self.conn.prepare_cached(ALL)?.query_and_then([], plan)?.collect()
    }

    pub(crate) fn append_plan(&mut self, plan: &Plan, effective_from: Timestamp) -> Result<PlanVersion> {
        let rates: Vec<_> = plan.levels.iter().map(|(_, rate)| rate.basis_points().to_string()).collect();
        let values = params![
            effective_from.millis(),
            plan.currency.as_str(),
            plan.commission_above.paise(),
            plan.max_direct_referrals,
            rates.join(" "),
            plan.rounding.name(),
            plan.max_commission.map(Money::paise),
        ];
        let version = self.conn.prepare_cached(APPEND)?.query_row(values, |row| row.get(0))?;
        Ok(PlanVersion::new(version))
    }
}

fn plan(found: &Row<'_>) -> Result<(PlanVersion, Plan)> {
    let rates: String = row::get(found, 4)?;
    let plan = Plan {
        currency: row::parse(found, 1, ("plans", "currency"))?,
        commission_above: row::money(found, 2)?,
        max_direct_referrals: row::get(found, 3)?,
        levels: levels(&rates).ok_or_else(|| Error::inconsistent("plans", "levels", &rates))?,
        rounding: row::parse(found, 5, ("plans", "rounding"))?,
        max_commission: row::get::<Option<i64>>(found, 6)?.map(Money::from_paise),
    };
    Ok((PlanVersion::new(row::get(found, 0)?), plan))
}

fn levels(basis_points: &str) -> Option<Levels> {
    let rate = |text: &str| Rate::from_basis_points(text.parse().ok()?).ok();
    let rates: Option<Vec<Rate>> = basis_points.split_whitespace().map(rate).collect();
    rates?.try_into().ok()
}
