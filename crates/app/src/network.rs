//! The people below a member, and what each of them brought her.

use domain::{Account, Level, Money, Overflow, Plan, UserId};
use store::{DownlineMember, SourceCount, SourceRank};

use crate::books::out_of_range;
use crate::{App, Caller, ReadError};

/// People listed below one member. The default plan allows 8 + 64 on its two levels.
pub const REFERRALS_MAX: usize = 5_000;

/// The two levels below a member.
#[derive(Clone, Debug)]
pub struct Referrals {
    /// The first [`REFERRALS_MAX`] people, nearest and oldest first.
    pub people: Vec<DownlineMember>,
    /// How many there are on each of the two levels.
    pub counts: [i64; 2],
}

/// Where a member's earnings come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Her totals.
    pub account: Account,
    /// The plan in force.
    pub plan: Plan,
    /// Some of those whose purchases earned her something, most earned first.
    pub people: Vec<DownlineMember>,
    /// Whether there are more below them.
    pub more: bool,
    /// All the others, above and below.
    pub others: Others,
}

/// Those who brought a member something and are not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// How many.
    pub people: i64,
    /// By how many purchases.
    pub purchases: i64,
    /// What they brought: with what those who are listed did, it is all that she
    /// earned.
    pub earned: Money,
}

impl Sources {
    /// The levels that the plan in force pays, and every deeper one that ever
    /// earned her something.
    pub fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        Level::nearest(self.account.totals.by_level.depth().max(self.plan.levels.depth()))
    }

    /// All who are not listed, where so many are there in all.
    fn others(&self, all: SourceCount) -> Result<Others, Overflow> {
        let mut others =
            Others { people: all.people, purchases: all.purchases, earned: self.account.totals.earnings() };
        for person in &self.people {
            others.people -= 1;
            others.purchases -= person.purchases;
            others.earned = others.earned.checked_sub(person.earned).ok_or(Overflow)?;
        }
        Ok(others)
    }

    /// Those who are listed.
    fn listed(&self) -> SourceCount {
        let purchases = self.people.iter().map(|person| person.purchases).sum();
        SourceCount { people: row_count(&self.people), purchases }
    }
}

/// Everybody on the two levels below a user, nearest and oldest first.
pub async fn referrals(app: &App, caller: &Caller, user: UserId) -> Result<Referrals, ReadError> {
    caller.may_see(user)?;
    let second = Level::new(2).expect("a plan can have ten levels");
    app.store
        .read(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let people = view.downline(user, second, REFERRALS_MAX).await?;
            let counts = match people.len() < REFERRALS_MAX {
                true => {
                    let first = people.partition_point(|person| person.level < second);
                    [row_count(&people[..first]), row_count(&people[first..])]
                }
                false => view.count_referrals(user).await?,
            };
            Ok(Referrals { people, counts })
        })
        .await
}

/// What a user earned, by level and by the person who bought: the first `limit`
/// of them after a place. Everybody below her is looked at, so it is done away
/// from the threads that answer requests.
pub async fn sources(
    app: &App,
    caller: &Caller,
    user: UserId,
    after: Option<SourceRank>,
    limit: usize,
) -> Result<Sources, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.read_aside(async move |view| {
        let account = view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
        let (_, plan) = view.plan_in_force(now).await?;
        let mut sources =
            Sources { account, plan, people: Vec::new(), more: false, others: Others::default() };
        let deepest = sources.levels().last().expect("a plan has a level");
        let from = after.unwrap_or(SourceRank::TOP);
        sources.people = view.sources_by_rank(user, deepest, from, limit + 1).await?;
        sources.more = sources.people.len() > limit;
        sources.people.truncate(limit);
        let all = match sources.more || after.is_some() {
            true => view.count_sources(user, deepest).await?,
            false => sources.listed(),
        };
        sources.others = sources.others(all).map_err(out_of_range)?;
        Ok(sources)
    })
    .await
}

fn row_count(people: &[DownlineMember]) -> i64 {
    i64::try_from(people.len()).unwrap_or(i64::MAX)
}
