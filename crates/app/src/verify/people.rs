//! The tree, the limit of referrals, and who was active when.

use std::collections::HashMap;

use domain::{Plan, PurchaseId, UserId};
use store::{ActivityChange, Snapshot};

use super::plans::Plans;
use super::{PAGE, Report, Rule};

/// What the rest of the check needs to know of everybody.
pub(super) struct People(HashMap<UserId, Person>);

struct Person {
    referrer: Option<UserId>,
    slots_used: u32,
    referred: u32,
    activity: Vec<ActivityChange>,
}

impl People {
    pub(super) async fn check(
        view: &mut Snapshot<'_>,
        plans: &Plans,
        report: &mut Report,
    ) -> store::Result<Self> {
        let mut people = Self(HashMap::new());
        let mut last = UserId::new(0);
        loop {
            let page = view.scan_members(last, PAGE).await?;
            let Some(newest) = page.last() else { break };
            last = newest.user.id;
            for member in page {
                let (id, referrer) = (member.user.id, member.user.referrer);
                report.members += 1;
                if let Some(referrer) = referrer {
                    people.refer(referrer, id, plans.get(member.plan), report);
                }
                let activity = view.activity(id).await?;
                let latest = activity.last().map(|change| change.active);
                if latest != Some(member.active) {
                    let found = format!("active is {}, her latest change says {latest:?}", member.active);
                    report.breach(Rule::Activity, format_args!("user {id}"), found);
                }
                people
                    .0
                    .insert(id, Person { referrer, slots_used: member.slots_used, referred: 0, activity });
            }
        }
        for (id, person) in &people.0 {
            if person.slots_used != person.referred {
                let found = format!(
                    "{} slots are counted, {} members were referred",
                    person.slots_used, person.referred
                );
                report.breach(Rule::SlotsUsed, format_args!("user {id}"), found);
            }
        }
        Ok(people)
    }

    /// Counts one more member under her referrer. Members come in the order of
    /// their ids, so the referrer was counted before, and the limit that held
    /// for this slot is that of the plan the new member registered under.
    fn refer(&mut self, referrer: UserId, member: UserId, plan: Option<&Plan>, report: &mut Report) {
        let Some(person) = self.0.get_mut(&referrer) else {
            let found = format!("her referrer {referrer} does not exist before her");
            return report.breach(Rule::Tree, format_args!("user {member}"), found);
        };
        person.referred += 1;
        let limit = plan.map_or(0, |plan| plan.max_direct_referrals);
        if person.referred > limit {
            let found =
                format!("she is referral {} of user {referrer}, the limit is {limit}", person.referred);
            report.breach(Rule::ReferralLimit, format_args!("user {member}"), found);
        }
    }

    pub(super) fn exists(&self, user: UserId) -> bool {
        self.0.contains_key(&user)
    }

    /// The chain of referrers above a user, nearest first.
    pub(super) fn upline(&self, user: UserId) -> impl Iterator<Item = UserId> {
        let referrer = |user: &UserId| self.0.get(user).and_then(|person| person.referrer);
        std::iter::successors(referrer(&user), move |user| referrer(user))
    }

    /// Everybody.
    pub(super) fn ids(&self) -> impl Iterator<Item = UserId> {
        self.0.keys().copied()
    }

    /// Whether a user was active when this purchase was recorded.
    pub(super) fn was_active(&self, user: UserId, purchase: PurchaseId) -> Option<bool> {
        let changes = &self.0.get(&user)?.activity;
        changes.iter().rev().find(|change| change.from <= purchase).map(|change| change.active)
    }
}
