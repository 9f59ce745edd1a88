//! Purchases: every decision again, and what they must have added to ledgers
//! and source totals.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use domain::commission::decide;
use domain::{
    Decision, Earner, Entry, EntryKind, Level, Money, Origin, Plan, PlanVersion, Purchase, PurchaseId, UserId,
};
use store::{Snapshot, SourceTotal};

use super::people::People;
use super::{PAGE, Report, Rule};
use crate::purchases::Settlement;

/// What all purchases together must have led to.
#[derive(Default)]
pub(super) struct Sales {
    commissions: HashMap<UserId, Commissions>,
    sources: HashMap<(UserId, Level), SourceTotal>,
}

/// A set of commissions as its size, its sum and a digest that does not depend
/// on the order. Two sets that differ and agree in all three take intent, not
/// accident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Commissions {
    pub(super) count: u64,
    pub(super) sum: i64,
    digest: u64,
}

impl Commissions {
    pub(super) fn add(&mut self, amount: Money, origin: Option<Origin>, at: domain::Timestamp) {
        let mut hasher = DefaultHasher::new();
        (amount, origin, at).hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(amount.paise());
        self.digest = self.digest.wrapping_add(hasher.finish());
    }

    pub(super) fn add_entry(&mut self, entry: &Entry) {
        // Also one without a purchase behind it: no purchase can have decided that.
        if entry.kind() == EntryKind::Commission {
            self.add(entry.amount, entry.origin(), entry.created_at);
        }
    }
}

impl Sales {
    pub(super) async fn check(
        view: &mut Snapshot<'_>,
        plans: &HashMap<PlanVersion, Plan>,
        people: &People,
        report: &mut Report,
    ) -> store::Result<Self> {
        let mut sales = Self::default();
        let mut last = PurchaseId::new(0);
        loop {
            let page = view.scan_purchases(last, PAGE).await?;
            let Some(newest) = page.last() else { return Ok(sales) };
            last = newest.id;
            for purchase in page {
                report.purchases += 1;
                check_decisions(&purchase, plans.get(&purchase.plan), people, report);
                for decision in &purchase.decisions {
                    sales.expect(&purchase, decision);
                }
            }
        }
    }

    /// What the ledger of this user must hold in commissions.
    pub(super) fn commissions(&self, user: UserId) -> Commissions {
        self.commissions.get(&user).copied().unwrap_or_default()
    }

    fn expect(&mut self, purchase: &Purchase, decision: &Decision) {
        let Some(earner) = decision.payee() else { return };
        let origin = Origin { purchase: purchase.id, source: purchase.buyer, level: decision.level };
        self.commissions.entry(earner).or_default().add(decision.amount, Some(origin), purchase.created_at);

        let (source, level) = (purchase.buyer, decision.level);
        let none = SourceTotal { source, level, earner, amount: Money::ZERO, purchases: 0 };
        let total = self.sources.entry((source, level)).or_insert(none);
        total.amount = Money::from_paise(total.amount.paise().wrapping_add(decision.amount.paise()));
        total.purchases += 1;
    }

    pub(super) async fn check_source_totals(
        mut self,
        view: &mut Snapshot<'_>,
        report: &mut Report,
    ) -> store::Result<()> {
        let mut last = (UserId::new(0), 0);
        loop {
            let page = view.scan_sources(last, PAGE).await?;
            let Some(newest) = page.last() else { break };
            last = (newest.source, newest.level.number());
            for total in page {
                let expected = self.sources.remove(&(total.source, total.level));
                if expected != Some(total) {
                    report.breach(
                        Rule::SourceTotal,
                        format_args!("user {} at level {}", total.source, total.level),
                        format_args!("{}, should be {}", show(Some(&total)), show(expected.as_ref())),
                    );
                }
            }
        }
        for ((source, level), expected) in self.sources {
            let place = format_args!("user {source} at level {level}").to_string();
            report.breach(
                Rule::SourceTotal,
                place,
                format_args!("nothing, should be {}", show(Some(&expected))),
            );
        }
        Ok(())
    }
}

fn show(total: Option<&SourceTotal>) -> String {
    match total {
        Some(t) => format!("{} from {} purchases for user {}", t.amount, t.purchases, t.earner),
        None => "nothing".into(),
    }
}

fn check_decisions(purchase: &Purchase, plan: Option<&Plan>, people: &People, report: &mut Report) {
    let place = format!("purchase {}", purchase.id);
    if !people.exists(purchase.buyer) {
        report.breach(Rule::Decision, &place, format_args!("its buyer {} does not exist", purchase.buyer));
    }
    let Some(plan) = plan else {
        return report.breach(
            Rule::Decision,
            &place,
            format_args!("its plan {} does not exist", purchase.plan),
        );
    };
    if Settlement::of(purchase) == Settlement::Elsewhere {
        return;
    }
    // Whether an earner was active is a fact that was read; all else follows.
    let as_read = purchase.decisions.iter().map(|decision| decision.earner.is_some_and(|e| e.active));
    let upline: Vec<Earner> = people
        .upline(purchase.buyer)
        .zip(as_read.chain(std::iter::repeat(false)))
        .map(|(user, active)| Earner { user, active })
        .take(plan.levels.depth())
        .collect();
    let expected = decide(plan, purchase.amount, &upline);
    if purchase.decisions != expected {
        let found = format!("{}, should be {}", list(&purchase.decisions), list(&expected));
        report.breach(Rule::Decision, &place, found);
    }
    for Earner { user, active } in upline {
        if people.was_active(user, purchase.id) != Some(active) {
            let found = format!("user {user} was not {} then", if active { "active" } else { "inactive" });
            report.breach(Rule::Decision, &place, found);
        }
    }
}

fn list(decisions: &[Decision]) -> String {
    let one = |d: &Decision| match d.earner {
        Some(earner) => format!("user {} {} {}", earner.user, d.outcome, d.amount),
        None => d.outcome.to_string(),
    };
    decisions.iter().map(one).collect::<Vec<_>>().join(", ")
}
