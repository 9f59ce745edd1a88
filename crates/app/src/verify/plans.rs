//! The plans, which of them was in force when, and which months were closed.

use domain::{Month, Plan, PlanVersion, Purchase, Timestamp};
use store::{ClosedMonth, PlanRecord, Snapshot, ZoneRecord};

use crate::calendar::Calendar;

/// How long after a plan was set, or a month closed, in milliseconds, a purchase may
/// still have been recorded as before: a transaction that was open at that moment did not
/// see it, and the clocks of two nodes differ.
const OVERLAP_MS: i64 = 60_000;

/// Every plan there ever was, oldest version first, and the months that are closed.
pub(super) struct Plans {
    records: Vec<PlanRecord>,
    closed: Vec<ClosedMonth>,
    /// What the calendar was from a moment on, oldest first.
    calendars: Vec<(Timestamp, Calendar)>,
}

impl Plans {
    pub(super) async fn read(view: &mut Snapshot<'_>) -> store::Result<Self> {
        let zones = view.time_zones().await?;
        let mut calendars = Vec::with_capacity(zones.len());
        for ZoneRecord { set_at, .. } in &zones {
            let known = zones.iter().filter(|zone| zone.set_at <= *set_at);
            calendars.push((*set_at, Calendar::new(known)?));
        }
        calendars.sort_by_key(|(set_at, _)| *set_at);
        Ok(Self { records: view.plans().await?, closed: view.closed_months().await?, calendars })
    }

    /// What is wrong with the moment at which what a purchase paid can be paid out.
    /// It was counted by the calendar of then, from when the purchase was recorded or,
    /// when it was imported, from when it was made.
    pub(super) fn mistimed(&self, purchase: &Purchase, plan: &Plan) -> Option<String> {
        let Purchase { matures_at, occurred_at, recorded_at, .. } = *purchase;
        let by = |calendar: &Calendar| {
            let counted = |from| calendar.matures_at(plan.hold, from) == matures_at;
            counted(recorded_at) || counted(occurred_at)
        };
        let fits = [recorded_at, recorded_at.plus_millis(OVERLAP_MS)].map(|at| self.calendar_at(at)).map(by);
        (!fits.contains(&true)).then(|| match matures_at {
            None => format!("what it paid is not held for the {} days of its plan", plan.hold.days()),
            Some(_) => {
                format!("what it paid is held for other than the {} days of its plan", plan.hold.days())
            }
        })
    }

    /// The calendar as it was at a time.
    fn calendar_at(&self, at: Timestamp) -> &Calendar {
        let known = self.calendars.iter().rev().find(|(set_at, _)| *set_at <= at);
        &known.or(self.calendars.first()).expect("there always is a time zone").1
    }

    /// The month in which a purchase was booked although it was closed when the
    /// purchase was recorded.
    pub(super) fn closed_before(&self, purchase: &Purchase) -> Option<Month> {
        let was_closed = |closed_at: Timestamp| closed_at.plus_millis(OVERLAP_MS) <= purchase.recorded_at;
        let closed = self.closed.iter().filter(|month| month.closed_at.is_some_and(was_closed));
        closed.filter(|month| purchase.booked_at < month.ends_at).map(|month| month.month).next()
    }

    /// The plan of this version.
    pub(super) fn get(&self, version: PlanVersion) -> Option<&Plan> {
        self.record(version).map(|record| &record.plan)
    }

    /// Whether a purchase that was made at this time and recorded at that one can have
    /// been decided under this version.
    pub(super) fn was_in_force(&self, version: PlanVersion, at: Timestamp, recorded_at: Timestamp) -> bool {
        let record = self.record(version).filter(|record| record.withdrawn_at.is_none());
        let Some(record) = record else { return false };
        let since = self.since(record);
        let newer = |other: &&PlanRecord| {
            let known =
                other.withdrawn_at.is_none() && other.created_at.plus_millis(OVERLAP_MS) <= recorded_at;
            known && (self.since(other), other.version) > (since, version)
        };
        since <= at && !self.records.iter().filter(newer).any(|other| self.since(other) <= at)
    }

    /// The first version reaches back for ever.
    fn since(&self, record: &PlanRecord) -> Timestamp {
        let is_first = self.records.first().is_some_and(|first| first.version == record.version);
        if is_first { Timestamp::from_millis(i64::MIN) } else { record.effective_from }
    }

    fn record(&self, version: PlanVersion) -> Option<&PlanRecord> {
        let index = self.records.binary_search_by_key(&version, |record| record.version).ok()?;
        self.records.get(index)
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
            withdrawn_at: None,
        };
        Plans { records: (1..).zip(minutes).map(record).collect(), closed: Vec::new(), calendars: Vec::new() }
    }

    #[test]
    fn the_plan_in_force_is_the_one_that_took_effect_last() {
        // The third was set after the second and takes effect before it.
        let plans = plans(&[(0, 0), (1, 100), (2, 50), (200, 200), (201, 200)]);
        let table = [(-9, 1), (49, 1), (50, 3), (99, 3), (100, 2), (199, 2), (210, 5), (999, 5)];
        for (minute, version) in table {
            let at = Timestamp::from_millis(minute * MINUTE);
            let in_force = (1..=6).filter(|version| plans.was_in_force(PlanVersion::new(*version), at, at));
            assert_eq!(in_force.collect::<Vec<_>>(), [version], "minute {minute}");
        }
    }

    #[test]
    fn for_a_minute_after_a_plan_was_set_the_one_before_may_still_have_been_read() {
        let plans = plans(&[(0, 0), (10, 10)]);
        for (millis, versions) in [(-1, &[1][..]), (0, &[1, 2]), (MINUTE - 1, &[1, 2]), (MINUTE, &[2])] {
            let at = Timestamp::from_millis(10 * MINUTE + millis);
            let in_force = (1..=2).filter(|version| plans.was_in_force(PlanVersion::new(*version), at, at));
            assert_eq!(in_force.collect::<Vec<_>>(), versions, "{millis} ms");
        }
    }

    #[test]
    fn a_plan_that_began_in_the_past_is_that_of_what_was_recorded_since() {
        // The second was set in minute 100 and is in force from minute 10.
        let plans = plans(&[(0, 0), (100, 10)]);
        let minute = |minute| Timestamp::from_millis(minute * MINUTE);
        for (made, recorded, versions) in
            [(20, 20, &[1, 2][..]), (20, 101, &[2]), (9, 101, &[1]), (150, 150, &[2])]
        {
            let in_force = (1..=2).filter(|version| {
                plans.was_in_force(PlanVersion::new(*version), minute(made), minute(recorded))
            });
            assert_eq!(in_force.collect::<Vec<_>>(), versions, "made in {made}, recorded in {recorded}");
        }
    }
}
