//! What holds for what is recorded now: which plan was in force when, since when
//! something can be booked, and on which days. The first version of the plan
//! reaches back for ever, and a later one may begin earlier than one before it.

use domain::{Plan, PlanVersion, Timestamp};
use store::{PlanRecord, Present, Snapshot};

use crate::calendar::Calendar;

/// The terms of a transaction. It can rely on them until it ends.
#[derive(Debug)]
pub(crate) struct Terms {
    plans: Plans,
    /// The first moment of the first open month.
    pub(crate) open_from: Timestamp,
    /// Read where a plan holds commissions back.
    calendar: Option<Calendar>,
}

/// The plans that what is recorded may fall under.
#[derive(Debug)]
enum Plans {
    /// Everything happened just now.
    Present(PlanVersion, Plan),
    /// Some of it happened earlier: every version, oldest first.
    Ever(Vec<PlanRecord>),
}

impl Terms {
    /// The plan in force now, alone.
    pub(crate) async fn present(view: &mut Snapshot<'_>, now: Timestamp) -> store::Result<Self> {
        let Present { version, plan, open_from } = view.present(now).await?;
        let calendar = match plan.hold.days() {
            0 => None,
            _ => Some(Calendar::read(view).await?),
        };
        Ok(Self { plans: Plans::Present(version, plan), open_from, calendar })
    }

    /// Every plan there ever was, but for those that were withdrawn before they began.
    pub(crate) async fn ever(view: &mut Snapshot<'_>) -> store::Result<Self> {
        let mut plans = view.plans().await?;
        plans.retain(|record| record.withdrawn_at.is_none());
        let (open_from, calendar) = (view.open_from().await?, Some(Calendar::read(view).await?));
        Ok(Self { plans: Plans::Ever(plans), open_from, calendar })
    }

    /// The version in force at a time.
    pub(crate) fn at(&self, time: Timestamp) -> (PlanVersion, &Plan) {
        match &self.plans {
            Plans::Present(version, plan) => (*version, plan),
            Plans::Ever(records) => {
                let begun = records.iter().filter(|record| record.effective_from <= time);
                let latest = begun.max_by_key(|record| (record.effective_from, record.version));
                let record = latest.or(records.first()).expect("there always is a plan");
                (record.version, &record.plan)
            }
        }
    }

    /// How many levels the deepest of the plans pays.
    pub(crate) fn depth(&self) -> usize {
        match &self.plans {
            Plans::Present(_, plan) => plan.levels.depth(),
            Plans::Ever(records) => {
                records.iter().map(|record| record.plan.levels.depth()).max().unwrap_or_default()
            }
        }
    }

    /// When what a plan pays can be paid out, where it holds that back from a
    /// moment on.
    pub(crate) fn matures_at(&self, plan: &Plan, from: Timestamp) -> Option<Timestamp> {
        self.calendar.as_ref()?.matures_at(plan.hold, from)
    }
}
