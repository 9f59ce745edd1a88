//! The people below a member, and what each of them brought her.

use domain::{Account, Level, Plan, UserId};
use store::DownlineMember;

use crate::{App, Caller, ReadError};

/// People shown below one member. The default plan allows 8 + 64 on its two levels.
const DOWNLINE_MAX: usize = 5_000;

/// Where a member's earnings come from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Her totals.
    pub account: Account,
    /// The plan in force.
    pub plan: Plan,
    /// Everybody whose purchases earned her something, most earned first.
    pub people: Vec<DownlineMember>,
}

impl Sources {
    /// The levels that the plan in force pays, and every deeper one that ever
    /// earned her something.
    pub fn levels(&self) -> impl Iterator<Item = Level> + use<> {
        Level::nearest(self.account.totals.by_level.depth().max(self.plan.levels.depth()))
    }
}

/// Everybody on the two levels below a user, nearest and oldest first.
pub async fn referrals(app: &App, caller: &Caller, user: UserId) -> Result<Vec<DownlineMember>, ReadError> {
    caller.may_see(user)?;
    let second = Level::new(2).expect("a plan can have ten levels");
    app.store
        .read(async move |view| {
            view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            Ok(view.downline(user, second, DOWNLINE_MAX).await?)
        })
        .await
}

/// What a user earned, by level and by the person who bought.
pub async fn sources(app: &App, caller: &Caller, user: UserId) -> Result<Sources, ReadError> {
    caller.may_see(user)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let account = view.account(user).await?.ok_or(ReadError::UserNotFound(user))?;
            let (_, plan) = view.plan_in_force(now).await?;
            let mut sources = Sources { account, plan, people: Vec::new() };
            let deepest = sources.levels().last().expect("a plan has a level");
            sources.people = view.downline(user, deepest, DOWNLINE_MAX).await?;
            sources.people.retain(|person| person.purchases > 0);
            sources.people.sort_by_key(|person| std::cmp::Reverse(person.earned));
            Ok(sources)
        })
        .await
}
