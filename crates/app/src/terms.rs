//! Which plan was in force when. The first version reaches back for ever, and a
//! later version may begin earlier than one before it.

use domain::{Plan, PlanVersion, Timestamp};
use store::{PlanRecord, Snapshot};

/// The plans that what is recorded now may fall under.
#[derive(Debug)]
pub(crate) enum Terms {
    /// Everything happened just now.
    Present(PlanVersion, Plan),
    /// Some of it happened earlier: every version, oldest first.
    Ever(Vec<PlanRecord>),
}

impl Terms {
    /// The plan in force now, alone.
    pub(crate) async fn present(view: &mut Snapshot<'_>, now: Timestamp) -> store::Result<Self> {
        let (version, plan) = view.plan_in_force(now).await?;
        Ok(Self::Present(version, plan))
    }

    /// Every plan there ever was.
    pub(crate) async fn ever(view: &mut Snapshot<'_>) -> store::Result<Self> {
        Ok(Self::Ever(view.plans().await?))
    }

    /// The version in force at a time.
    pub(crate) fn at(&self, time: Timestamp) -> (PlanVersion, &Plan) {
        match self {
            Self::Present(version, plan) => (*version, plan),
            Self::Ever(records) => {
                let begun = records.iter().filter(|record| record.effective_from <= time);
                let latest = begun.max_by_key(|record| (record.effective_from, record.version));
                let record = latest.or(records.first()).expect("there always is a plan");
                (record.version, &record.plan)
            }
        }
    }

    /// How many levels the deepest of the plans pays.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::Present(_, plan) => plan.levels.depth(),
            Self::Ever(records) => {
                records.iter().map(|record| record.plan.levels.depth()).max().unwrap_or_default()
            }
        }
    }
}
