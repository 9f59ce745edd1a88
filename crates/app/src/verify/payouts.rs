//! Payouts and adjustments: each run counts its payouts, and what each of them
//! must have added to a ledger.

use std::collections::BTreeMap;

use domain::{AdjustmentId, Cause, PayoutId, PayoutRun, PayoutRunId, PayoutState};
use store::Snapshot;

use super::expected::{Expected, negative};
use super::{PAGE, Report, Rule};

/// A run, and what its payouts come to.
struct Counted {
    run: PayoutRun,
    payouts: i64,
    total: i64,
}

/// Checks every payout against its run.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut runs = runs(view).await?;
    let mut last = PayoutId::new(0);
    loop {
        let page = view.scan_payouts(last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = newest.id;
        for payout in page {
            report.payouts += 1;
            let taken = negative(payout.amount);
            expected.post(payout.user, Cause::Payout(payout.id), taken, payout.created_at);
            if let PayoutState::Failed(at, _) = payout.state {
                expected.post(payout.user, Cause::PayoutReturned(payout.id), payout.amount, at);
            }
            let place = format!("payout {}", payout.id);
            let Some(Counted { run, payouts, total }) = runs.get_mut(&payout.run) else {
                report.breach(Rule::PayoutRun, place, format_args!("its run {} does not exist", payout.run));
                continue;
            };
            *payouts += 1;
            *total = total.wrapping_add(payout.amount.paise());
            if payout.amount < run.minimum {
                let found = format!("{} is less than the {} of its run", payout.amount, run.minimum);
                report.breach(Rule::PayoutRun, &place, found);
            }
            if payout.created_at != run.created_at {
                report.breach(Rule::PayoutRun, &place, "it was not made when its run was");
            }
        }
    }
    for Counted { run, payouts, total } in runs.into_values() {
        if (run.payouts, run.total.paise()) != (payouts, total) {
            let found = format!(
                "{} payouts of {} paise, it made {payouts} of {total} paise",
                run.payouts,
                run.total.paise()
            );
            report.breach(Rule::PayoutRun, format_args!("payout run {}", run.id), found);
        }
    }
    Ok(())
}

/// All runs: a few for each month that the programme is old.
async fn runs(view: &mut Snapshot<'_>) -> store::Result<BTreeMap<PayoutRunId, Counted>> {
    let mut runs = BTreeMap::new();
    let mut oldest = None;
    loop {
        let page = view.payout_runs_page(oldest, PAGE).await?;
        let Some(last) = page.last() else { return Ok(runs) };
        oldest = Some(last.id);
        runs.extend(page.into_iter().map(|run| (run.id, Counted { run, payouts: 0, total: 0 })));
    }
}

/// Notes what every adjustment must have added to a ledger.
pub(super) async fn read_adjustments(
    view: &mut Snapshot<'_>,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut last = AdjustmentId::new(0);
    loop {
        let page = view.scan_adjustments(last, PAGE).await?;
        let Some(newest) = page.last() else { return Ok(()) };
        last = newest.id;
        for made in page {
            report.adjustments += 1;
            expected.post(made.user, Cause::Adjustment(made.id), made.amount, made.created_at);
        }
    }
}
