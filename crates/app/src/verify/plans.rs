//! The plans, and which of them was in force when.

use domain::{Plan, PlanVersion, Timestamp};
use store::{PlanRecord, Snapshot};

/// How long after a plan was set, in milliseconds, a purchase may still have been
/// made under the one before: a transaction that was open at that moment did not
/// see it, and the clocks of two nodes differ.
const OVERLAP_MS: i64 = 60_000;

/// Every plan there ever was, oldest version first.
pub(super) struct Plans(Vec<PlanRecord>);

impl Plans {
    pub(super) async fn read(view: &mut Snapshot<'_>) -> store::Result<Self> {
        Ok(Self(view.plans().await?))
    }

    /// The plan of this version.
    pub(super) fn get(&self, version: PlanVersion) -> Option<&Plan> {
        self.record(version).map(|record| &record.plan)
    }

    /// Whether a purchase of this time can have been made under this version.
    pub(super) fn was_in_force(&self, version: PlanVersion, at: Timestamp) -> bool {
        let Some(record) = self.record(version) else { return false };
        let since = self.since(record);
        let newer = |other: &&PlanRecord| {
            let known = other.created_at.plus_millis(OVERLAP_MS) <= at;
            known && (self.since(other), other.version) > (since, version)
        };
        since <= at && !self.0.iter().filter(newer).any(|other| self.since(other) <= at)
    }

    /// The first version reaches back for ever.
    fn since(&self, record: &PlanRecord) -> Timestamp {
        let is_first = self.0.first().is_some_and(|first| first.version == record.version);
        if is_first { Timestamp::from_millis(i64::MIN) } else { record.effective_from }
    }

    fn record(&self, version: PlanVersion) -> Option<&PlanRecord> {
        let index = self.0.binary_search_by_key(&version, |record| record.version).ok()?;
        self.0.get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    /// Plans that were set at the first and are in force from the second minute.
    fn plans(minutes: &[(i64, i64)]) -> Plans {
        let record = |(version, &(created, effective)): (i64, &(i64, i64))| PlanRecord {
            version: PlanVersion::new(version),
            plan: Plan::default(),
            effective_from: Timestamp::from_millis(effective * MINUTE),
            created_at: Timestamp::from_millis(created * MINUTE),
        };
        Plans((1..).zip(minutes).map(record).collect())
    }

    #[test]
    fn the_plan_in_force_is_the_one_that_took_effect_last() {
        // The third was set after the second and takes effect before it.
        let plans = plans(&[(0, 0), (1, 100), (2, 50), (200, 200), (201, 200)]);
        let table = [(-9, 1), (49, 1), (50, 3), (99, 3), (100, 2), (199, 2), (210, 5), (999, 5)];
        for (minute, version) in table {
            let at = Timestamp::from_millis(minute * MINUTE);
            let in_force = (1..=6).filter(|version| plans.was_in_force(PlanVersion::new(*version), at));
            assert_eq!(in_force.collect::<Vec<_>>(), [version], "minute {minute}");
        }
    }

    #[test]
    fn for_a_minute_after_a_plan_was_set_the_one_before_may_still_have_been_read() {
        let plans = plans(&[(0, 0), (10, 10)]);
        for (millis, versions) in [(-1, &[1][..]), (0, &[1, 2]), (MINUTE - 1, &[1, 2]), (MINUTE, &[2])] {
            let at = Timestamp::from_millis(10 * MINUTE + millis);
            let in_force = (1..=2).filter(|version| plans.was_in_force(PlanVersion::new(*version), at));
            assert_eq!(in_force.collect::<Vec<_>>(), versions, "{millis} ms");
        }
    }
}
