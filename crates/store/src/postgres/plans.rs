//! Plans and their versions.

use domain::{HoldDays, Money, Plan, PlanVersion, Timestamp};
use tokio_postgres::Row;

use super::transaction::Purpose;
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
        "where effective_from <= $1 and withdrawn_at is null order by effective_from desc, version desc limit 1"
    };
}

pub(super) const IN_FORCE: &str = select_plan!("", begun!());
pub(super) const PRESENT: &str =
    select_plan!(", (select max(ends_at) from closed_months where closed_at is not null)", begun!());
pub(super) const BY_VERSION: &str = select_plan!("", "where version = $1");
pub(super) const ALL: &str = select_plan!("", "order by version");

/// The row of the first plan stands for all of them.
/// Those who write hold it together while they rely on the plan they have read,
/// and whoever sets a plan holds it alone.
/// She writes it, too, though nothing new: at a strict level, whoever read
/// before and locks after is then run again.
pub(super) const SHARE: &str = "select version from plans where version = 1 for share";
pub(super) const LOCK: &str = "update plans set effective_from = effective_from where version = 1";

/// Two who set a plan at once take the same version, and the second runs again.
pub(super) const APPEND: &str = "\
insert into plans (version, currency, commission_above, max_direct_referrals, levels, rounding, hold_days,
    max_commission, effective_from, created_at)
values ((select coalesce(max(version), 0) + 1 from plans), $1, $2, $3, $4, $5, $6, $7, $8, $9)
returning version";

pub(super) const WITHDRAW: &str =
    "update plans set withdrawn_at = $2 where version = $1 and withdrawn_at is null";

impl Session<'_> {
    pub(crate) async fn plan_in_force(&mut self, at: Timestamp) -> Result<(PlanVersion, Plan)> {
        self.share_plans();
        let found = self.open.row(IN_FORCE, &[&at.millis()], numbered).await?;
        found.ok_or_else(|| Error::inconsistent("plans", "effective_from", "no plan in force"))
    }

    pub(crate) async fn present(&mut self, at: Timestamp) -> Result<Present> {
        self.share_plans();
        let present = |found: &Row| {
            let (version, plan) = numbered(found)?;
            Ok(Present { version, plan, open_from: row::time_or_min(found, 11)? })
        };
        let found = self.open.row(PRESENT, &[&at.millis()], present).await?;
        found.ok_or_else(|| Error::inconsistent("plans", "effective_from", "no plan in force"))
    }

    pub(crate) async fn plan(&mut self, version: PlanVersion) -> Result<Option<PlanRecord>> {
        self.open.row(BY_VERSION, &[&version.get()], record).await
    }

    pub(crate) async fn plans(&mut self) -> Result<Vec<PlanRecord>> {
        self.share_plans();
        self.open.rows(ALL, &[], record).await
    }

    pub(super) fn share_plans(&mut self) {
        match self.open.purpose() {
            Purpose::Read => {}
            // What was waited for is seen by the statement after this one.
            Purpose::Write => self.open.ask_later(SHARE, Vec::new()),
        }
    }

    pub(crate) async fn lock_plans(&mut self) -> Result<()> {
        self.open.change(LOCK, &[]).await.map(drop)
    }

    pub(crate) async fn append_plan(
        &mut self,
        plan: &Plan,
        effective_from: Timestamp,
        now: Timestamp,
    ) -> Result<PlanVersion> {
        let version = self
            .open
            .insert(
                APPEND,
                &[
                    &plan.currency.as_str(),
                    &plan.commission_above.paise(),
                    &i64::from(plan.max_direct_referrals),
                    &levels::encode_rates(&plan.levels),
                    &plan.rounding.name(),
                    &i64::from(plan.hold.days()),
                    &plan.max_commission.map(Money::paise),
                    &effective_from.millis(),
                    &now.millis(),
                ],
            )
            .await?;
        Ok(PlanVersion::new(version))
    }

    pub(crate) async fn withdraw_plan(&mut self, version: PlanVersion, now: Timestamp) -> Result<bool> {
        Ok(self.open.change(WITHDRAW, &[&version.get(), &now.millis()]).await? == 1)
    }
}

fn record(found: &Row) -> Result<PlanRecord> {
    let (version, plan) = numbered(found)?;
    Ok(PlanRecord {
        version,
        plan,
        effective_from: row::time(found, 8)?,
        created_at: row::time(found, 9)?,
        withdrawn_at: row::time_option(found, 10)?,
    })
}

fn numbered(found: &Row) -> Result<(PlanVersion, Plan)> {
    let rates: &str = row::get(found, 4)?;
    let hold_days = row::count(found, 6, ("plans", "hold_days"))?;
    let plan = Plan {
        currency: row::parse(found, 1, ("plans", "currency"))?,
        commission_above: row::money(found, 2)?,
        max_direct_referrals: row::count(found, 3, ("plans", "max_direct_referrals"))?,
        levels: levels::decode_rates(rates).ok_or_else(|| Error::inconsistent("plans", "levels", rates))?,
        rounding: row::parse(found, 5, ("plans", "rounding"))?,
        hold: HoldDays::new(hold_days).map_err(|_| Error::inconsistent("plans", "hold_days", hold_days))?,
        max_commission: row::get::<Option<i64>>(found, 7)?.map(Money::from_paise),
    };
    Ok((PlanVersion::new(row::get(found, 0)?), plan))
}
