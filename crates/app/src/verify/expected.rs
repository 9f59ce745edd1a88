//! What the sales, payouts and adjustments must have led to: the lines of every
//! ledger, what is on hold, and the source totals.
//!
//! It grows with the members, never with the history.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::refund::Reversal;
use domain::{
    Cause, Day, Decision, EntryKind, Level, Money, Origin, Plan, Purchase, Refund, Timestamp, UserId,
};
use store::SourceTotal;

use super::held::OnHold;

/// What must be found of everybody.
#[derive(Default)]
pub(super) struct Expected {
    /// The lines of each ledger.
    pub(super) ledgers: HashMap<UserId, Ledger>,
    /// What each source brought its earner.
    pub(super) sources: HashMap<(UserId, Level), SourceTotal>,
    /// What is on hold for each member.
    pub(super) held: HashMap<UserId, OnHold>,
    /// What all refunds took back, in paise.
    pub(super) reversed: i64,
}

impl Expected {
    /// One line of a ledger.
    pub(super) fn post(&mut self, user: UserId, cause: Cause, amount: Money, at: Timestamp) {
        self.ledgers.entry(user).or_default().add(cause, amount, at);
    }

    /// What a purchase was decided to pay.
    pub(super) fn pay(&mut self, plan: Option<&Plan>, purchase: &Purchase) {
        for decision in &purchase.decisions {
            let Some(earner) = decision.payee() else { continue };
            let origin = origin(purchase, decision);
            self.post(earner, Cause::Commission(origin), decision.amount, purchase.created_at);
            self.source(origin, earner, decision.amount).purchases += 1;
            self.hold(plan, purchase, earner, decision.amount);
        }
    }

    /// What a refund takes back from one level.
    pub(super) fn take_back(&mut self, plan: &Plan, purchase: &Purchase, refund: &Refund, back: &Reversal) {
        let origin = origin(purchase, &back.decision);
        let amount = negative(back.amount);
        self.post(back.earner, Cause::Reversal(origin, refund.id), amount, refund.created_at);
        self.source(origin, back.earner, amount);
        self.hold(Some(plan), purchase, back.earner, amount);
        self.reversed = self.reversed.wrapping_add(back.amount.paise());
    }

    fn source(&mut self, origin: Origin, earner: UserId, amount: Money) -> &mut SourceTotal {
        let Origin { source, level, .. } = origin;
        let none = SourceTotal { source, level, earner, amount: Money::ZERO, purchases: 0 };
        let total = self.sources.entry((source, level)).or_insert(none);
        total.amount = Money::from_paise(total.amount.paise().wrapping_add(amount.paise()));
        total
    }

    /// A commission and its reversals can be paid out on the same day.
    fn hold(&mut self, plan: Option<&Plan>, purchase: &Purchase, earner: UserId, amount: Money) {
        if let Some(plan) = plan.filter(|plan| plan.hold.days() > 0) {
            let until: Day = plan.hold.available_on(purchase.created_at);
            self.held.entry(earner).or_default().expect(until, amount);
        }
    }
}

fn origin(purchase: &Purchase, decision: &Decision) -> Origin {
    Origin { purchase: purchase.id, source: purchase.buyer, level: decision.level }
}

/// As much the other way.
pub(super) fn negative(amount: Money) -> Money {
    Money::from_paise(amount.paise().wrapping_neg())
}

/// The lines of one ledger, each kind apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger([Lines; EntryKind::ALL.len()]);

impl Ledger {
    /// One more line.
    pub(super) fn add(&mut self, cause: Cause, amount: Money, at: Timestamp) {
        self.0[cause.kind() as usize].add(cause, amount, at);
    }

    /// The lines of one kind.
    pub(super) fn of(&self, kind: EntryKind) -> Lines {
        self.0[kind as usize]
    }
}

/// A set of lines as its size, its sum and a digest that does not depend on the
/// order. Two sets that differ and agree in all three take intent, not accident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// How many.
    pub(super) count: u64,
    /// What they come to, in paise.
    pub(super) sum: i64,
    digest: u64,
}

impl Lines {
    fn add(&mut self, cause: Cause, amount: Money, at: Timestamp) {
        let mut hasher = DefaultHasher::new();
        (cause, amount, at).hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(amount.paise());
        self.digest = self.digest.wrapping_add(hasher.finish());
    }
}
