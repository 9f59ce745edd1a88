//! Purchases: every decision again, under the plan of its time.

use domain::commission::decide;
use domain::{Decision, Earner, Plan, Purchase, PurchaseId};
use store::Snapshot;

use super::expected::Expected;
use super::people::People;
use super::plans::Plans;
use super::{PAGE, Report, Rule, refunds};
use crate::purchases::Payer;

/// Checks every purchase, and notes what it and its refunds must have led to.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    plans: &Plans,
    people: &People,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut last = PurchaseId::new(0);
    loop {
        let page = view.scan_purchases(last, PAGE).await?;
        let Some(newest) = page.last() else { return Ok(()) };
        last = newest.id;
        for purchase in page {
            report.purchases += 1;
            let plan = check_terms(&purchase, plans, people, report);
            if let Some(plan) = plan {
                check_decisions(&purchase, plan, people, report);
            }
            expected.pay(&purchase);
            refunds::check(view, plan, &purchase, expected, report).await?;
        }
    }
}

/// Who bought, and under which plan.
fn check_terms<'p>(
    purchase: &Purchase,
    plans: &'p Plans,
    people: &People,
    report: &mut Report,
) -> Option<&'p Plan> {
    let place = format!("purchase {}", purchase.id);
    if !people.exists(purchase.buyer) {
        report.breach(Rule::Decision, &place, format_args!("its buyer {} does not exist", purchase.buyer));
    }
    let plan = plans.get(purchase.plan);
    if plan.is_none() {
        report.breach(Rule::PlanInForce, &place, format_args!("its plan {} does not exist", purchase.plan));
    } else if !plans.was_in_force(purchase.plan, purchase.occurred_at, purchase.recorded_at) {
        let found = format!("plan {} was not in force then", purchase.plan);
        report.breach(Rule::PlanInForce, &place, found);
    }
    if let Some(month) = plans.closed_before(purchase) {
        report.breach(Rule::ClosedMonth, &place, format_args!("it is booked in {month}, which was closed"));
    }
    if let Some(found) = plan.and_then(|plan| plans.mistimed(purchase, plan)) {
        report.breach(Rule::Held, &place, found);
    }
    plan
}

fn check_decisions(purchase: &Purchase, plan: &Plan, people: &People, report: &mut Report) {
    // Its commissions were settled elsewhere. Should a ledger have some all the
    // same, they are one too many there.
    if Payer::of(purchase) == Payer::Elsewhere {
        return;
    }
    let place = format!("purchase {}", purchase.id);
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
