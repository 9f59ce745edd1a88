//! What the sales, payouts and adjustments must have led to: the lines of every
//! ledger, what is on hold, and the source totals.
//!
//! It grows with the members, never with the history.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::refund::Reversal;
use domain::{
    Cause, Decision, EntryKind, EntryTimes, Level, Money, Origin, Purchase, Refund, Timestamp, UserId,
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
    pub(super) reversed: i128,
}

impl Expected {
    /// One line of a ledger.
    pub(super) fn post(&mut self, user: UserId, cause: Cause, amount: Money, at: Timestamp) {
        self.post_at(user, cause, amount, EntryTimes::at(at));
    }

    fn post_at(&mut self, user: UserId, cause: Cause, amount: Money, times: EntryTimes) {
        self.ledgers.entry(user).or_default().add(cause, amount, times);
        if let Some(matures_at) = times.matures_at {
            self.held.entry(user).or_default().expect(matures_at, amount);
        }
    }

    /// What a purchase was decided to pay.
    pub(super) fn pay(&mut self, purchase: &Purchase) {
        let Purchase { occurred_at, booked_at, matures_at, .. } = *purchase;
        let times = EntryTimes { occurred_at, booked_at, matures_at };
        for decision in &purchase.decisions {
            let Some(earner) = decision.payee() else { continue };
            let origin = origin(purchase, decision);
            self.post_at(earner, Cause::Commission(origin), decision.amount, times);
            self.source(origin, earner, decision.amount).purchases += 1;
        }
    }

    /// What a refund takes back from one level.
    pub(super) fn take_back(&mut self, purchase: &Purchase, refund: &Refund, back: &Reversal) {
        let times = EntryTimes { matures_at: purchase.matures_at, ..EntryTimes::at(refund.created_at) };
        let origin = origin(purchase, &back.decision);
        let amount = negative(back.amount);
        self.post_at(back.earner, Cause::Reversal(origin, refund.id), amount, times);
        self.source(origin, back.earner, amount);
        self.reversed += i128::from(back.amount.paise());
    }

    fn source(&mut self, origin: Origin, earner: UserId, amount: Money) -> &mut SourceTotal {
        let Origin { source, level, .. } = origin;
        let none = SourceTotal { source, level, earner, amount: Money::ZERO, purchases: 0 };
        let total = self.sources.entry((source, level)).or_insert(none);
        total.amount = Money::from_paise(total.amount.paise().wrapping_add(amount.paise()));
        total
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
    pub(super) fn add(&mut self, cause: Cause, amount: Money, times: EntryTimes) {
        self.0[cause.kind() as usize].add(cause, amount, times);
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
    /// What goes back to no sale is booked when it happens, or a moment later where a
    /// clock was behind; by how much, nothing else tells.
    fn add(&mut self, cause: Cause, amount: Money, times: EntryTimes) {
        let EntryTimes { occurred_at, booked_at, matures_at } = times;
        let booked_at = matches!(cause, Cause::Commission(_)).then_some(booked_at);
        let mut hasher = DefaultHasher::new();
        (cause, amount, occurred_at, booked_at, matures_at).hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(amount.paise());
        self.digest = self.digest.wrapping_add(hasher.finish());
    }
}
