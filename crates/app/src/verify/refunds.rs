//! Refunds: what was left after each, and what it must have taken back.

use domain::refund::reversals;
use domain::{Money, Plan, Purchase, RefundId};
use store::Snapshot;

use super::expected::Expected;
use super::{PAGE, Report, Rule};

/// Checks the refunds of one purchase, one after the other.
pub(super) async fn check(
    view: &mut Snapshot<'_>,
    plan: Option<&Plan>,
    purchase: &Purchase,
    expected: &mut Expected,
    report: &mut Report,
) -> store::Result<()> {
    if purchase.refunded == Money::ZERO {
        return Ok(());
    }
    let mut left = purchase.amount;
    for refund in view.refunds(purchase.id).await? {
        report.refunds += 1;
        let net = left.checked_sub(refund.amount).filter(|net| *net >= Money::ZERO);
        if net != Some(refund.net) {
            let found = format!("{} of {left} leaves {}", refund.amount, refund.net);
            report.breach(Rule::Refund, format_args!("refund {}", refund.id), found);
        }
        if let Some(plan) = plan {
            for reversal in reversals(plan, purchase, left, refund.net) {
                expected.take_back(purchase, &refund, &reversal);
            }
        }
        // Go on from what stands there, so that one fault is one breach.
        left = refund.net;
    }
    if purchase.amount.checked_sub(purchase.refunded) != Some(left) {
        let found =
            format!("{} of {} is refunded, its refunds leave {left}", purchase.refunded, purchase.amount);
        report.breach(Rule::Refund, format_args!("purchase {}", purchase.id), found);
    }
    Ok(())
}

/// Looks for refunds of purchases that know nothing of them, and compares what
/// all refunds say they took back with what they must have taken.
pub(super) async fn check_all(
    view: &mut Snapshot<'_>,
    expected: &Expected,
    report: &mut Report,
) -> store::Result<()> {
    let mut last = RefundId::new(0);
    loop {
        let page = view.scan_refunds(last, PAGE).await?;
        let Some(newest) = page.last() else { break };
        last = newest.id;
        for refund in page {
            let purchase = view.purchase(refund.purchase).await?;
            if purchase.is_none_or(|(purchase, _)| purchase.refunded == Money::ZERO) {
                report.refunds += 1;
                let found = format!("purchase {} knows nothing of it", refund.purchase);
                report.breach(Rule::Refund, format_args!("refund {}", refund.id), found);
            }
        }
    }
    let (reversed, should_be) = (view.total_reversed().await?, expected.reversed);
    if reversed != should_be {
        let found = format_args!("took back {reversed} paise, should be {should_be} paise");
        report.breach(Rule::Refund, "all refunds", found);
    }
    Ok(())
}
