//! The facts in short sentences, with amounts as decimals.

use std::fmt::{self, Display};

use domain::{Adjustment, Money, Outcome, Payout, PayoutState, Plan, Rounding, Timestamp};

use super::{Explained, Link, Sale, Step, Why};
use crate::calendar::{Calendar, date};

impl Explained {
    /// Why there is this line, in words.
    pub fn sentences(&self) -> Vec<String> {
        let calendar = &self.calendar;
        match &self.why {
            Why::Commission(sale) => sale.sentences(),
            Why::Reversal(sale, refund) => {
                let told =
                    sale.step(*refund).into_iter().flat_map(|(before, step)| sale.refunded(before, step));
                std::iter::once(sale.opening()).chain(sale.held()).chain(told).collect()
            }
            Why::Payout(payout) => [vec![taken_out(payout, calendar)], became(payout, calendar)].concat(),
            Why::PayoutReturned(payout) => became(payout, calendar),
            Why::Adjustment(adjustment) => vec![adjusted(adjustment, calendar)],
        }
    }
}

impl Sale {
    /// What the purchase paid and why, and what its refunds took back, in words.
    pub fn sentences(&self) -> Vec<String> {
        let mut told = vec![self.opening()];
        if self.purchase.decisions.is_empty() {
            told.push("Its commissions were settled elsewhere, so nothing is earned here.".into());
        }
        told.extend(self.held());
        told.extend(self.chain.iter().map(|link| decided(link, &self.plan)));
        told.extend(self.steps().flat_map(|(before, step)| self.refunded(before, step)));
        told
    }

    fn opening(&self) -> String {
        let Self { purchase, buyer, plan, .. } = self;
        let (amount, currency, version) = (purchase.amount, plan.currency, purchase.plan);
        let on = self.on(purchase.occurred_at);
        format!("{buyer} bought for {amount} {currency} {on}, under version {version} of the plan.")
    }

    /// When what was earned can be paid out, if it is not at once.
    fn held(&self) -> Option<String> {
        let until = self.purchase.matures_at?;
        if !self.chain.iter().any(|link| link.decision.outcome.pays()) {
            return None;
        }
        let days = self.plan.hold.days();
        let (days, date) =
            (if days == 1 { "1 day".into() } else { format!("{days} days") }, self.on(until).date());
        Some(match self.now < until {
            true => format!("What it earned is on hold for {days} and can be paid out from {date} on."),
            false => format!("What it earned was on hold for {days}, until {date}."),
        })
    }

    fn on(&self, at: Timestamp) -> On<'_> {
        On { at, calendar: &self.calendar }
    }

    /// What a refund took from whom, level by level.
    fn refunded(&self, before: &[Link], step: &Step) -> Vec<String> {
        let Step { refund, chain, .. } = step;
        let (id, amount, net, on) = (refund.id, refund.amount, refund.net, self.on(refund.created_at));
        let mut told = vec![format!("Refund {id} gave {amount} back {on} and left {net}.")];
        let due = before.iter().zip(chain).filter(|(before, _)| before.decision.outcome.pays());
        told.extend(due.map(|(before, after)| taken_back(before, after, &self.plan)));
        if told.len() == 1 {
            told.push("Nothing was due before it, so nothing was taken back.".into());
        }
        told
    }
}

/// What was decided at one level, and why.
fn decided(link: &Link, plan: &Plan) -> String {
    let Link { decision, base, .. } = link;
    let (level, rate, amount) = (decision.level, decision.rate, decision.amount);
    let Some(who) = who(link) else {
        return format!("Level {level}: nobody stands there, so nothing was earned.");
    };
    let why = match decision.outcome {
        Outcome::Paid | Outcome::Capped => {
            return format!("Level {level}: {who} earned {amount}: {}.", share(link, plan));
        }
        Outcome::RoundsToZero | Outcome::NoReferrer => share(link, plan),
        Outcome::Inactive => format!("{rate} of {base} went to nobody"),
        Outcome::BelowThreshold => below(link, plan),
    };
    format!("Level {level}: {who} earned nothing: {why}.")
}

/// What one level gave back, and what is still due to it.
fn taken_back(before: &Link, after: &Link, plan: &Plan) -> String {
    let level = before.decision.level;
    let (was, due) = (before.decision.amount, after.decision.amount);
    let name = before.name.as_ref().map_or("somebody", |name| name.as_str());
    let why = match after.decision.outcome {
        Outcome::BelowThreshold if after.base == Money::ZERO => "nothing is left of the purchase".into(),
        Outcome::BelowThreshold => below(after, plan),
        _ => share(after, plan),
    };
    match was.checked_sub(due).unwrap_or_default() {
        Money::ZERO => format!("Level {level}: {why}, so {due} is still due and nothing was taken back."),
        _ if due == Money::ZERO => {
            format!("Level {level}: {why}, so nothing is due any more; {was} was taken back from {name}.")
        }
        taken => format!(
            "Level {level}: {why}, so {due} is still due; {was} was due before, and {taken} was taken back from {name}."
        ),
    }
}

/// Who stands at a level, and whether she was active when the purchase was made.
fn who(link: &Link) -> Option<String> {
    let (name, earner) = link.name.as_ref().zip(link.decision.earner)?;
    Some(format!("{name} ({})", if earner.active { "active" } else { "not active" }))
}

fn below(link: &Link, plan: &Plan) -> String {
    format!("{} is not above the threshold of {}", link.base, plan.commission_above)
}

/// How the share of a level came about: exact, rounded, capped.
fn share(link: &Link, plan: &Plan) -> String {
    let Link { base, exact, .. } = link;
    let rate = link.decision.rate;
    let rounded = rate.of(*base, plan.rounding);
    let share = match exact.is(rounded) {
        true => format!("{rate} of {base} is {exact}"),
        false => format!("{rate} of {base} is exactly {exact}, {} to {rounded}", rounding(plan.rounding)),
    };
    match link.decision.outcome {
        Outcome::Capped => {
            format!("{share}, and one level of one purchase earns at most {}", link.decision.amount)
        }
        _ => share,
    }
}

const fn rounding(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfUp => "rounded half up",
        Rounding::HalfEven => "rounded half to even",
        Rounding::Down => "rounded down",
    }
}

fn taken_out(payout: &Payout, calendar: &Calendar) -> String {
    let Payout { id, run, amount, created_at, .. } = payout;
    let on = On { at: *created_at, calendar };
    format!("Payout {id} of run {run} took {amount} out of the balance {on}.")
}

fn became(payout: &Payout, calendar: &Calendar) -> Vec<String> {
    let Payout { id, amount, .. } = payout;
    let on = |at: &Timestamp| On { at: *at, calendar };
    match &payout.state {
        PayoutState::Pending => {
            vec!["It is pending: nobody has said yet whether the money arrived.".into()]
        }
        PayoutState::Paid(at) => vec![format!("It was paid {}.", on(at))],
        PayoutState::Failed(at, reason) => vec![
            format!("Payout {id} failed {}. The reason given: {}", on(at), Sentence(reason)),
            format!("Its {amount} came back to the balance."),
        ],
    }
}

fn adjusted(adjustment: &Adjustment, calendar: &Calendar) -> String {
    let Adjustment { amount, reason, created_at, .. } = adjustment;
    let (on, reason) = (On { at: *created_at, calendar }, Sentence(reason));
    match Money::ZERO.checked_sub(*amount).filter(|taken| *taken > Money::ZERO) {
        Some(taken) => format!("An admin took {taken} out of the balance {on}. The reason given: {reason}"),
        None => format!("An admin added {amount} to the balance {on}. The reason given: {reason}"),
    }
}

/// A day, as in "on 2026-11-22 (UTC)".
struct On<'a> {
    at: Timestamp,
    calendar: &'a Calendar,
}

impl On<'_> {
    /// The day, as in "2026-11-22 (UTC)".
    fn date(&self) -> String {
        let Self { at, calendar } = *self;
        format!("{} ({})", date(calendar.day_of(at)), calendar.zone_at(at))
    }
}

impl Display for On<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on {}", self.date())
    }
}

/// What somebody wrote, with a full stop unless it has an end.
struct Sentence<'a, T>(&'a T);

impl<T: Display> Display for Sentence<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let end = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        write!(f, "{text}{end}")
    }
}
