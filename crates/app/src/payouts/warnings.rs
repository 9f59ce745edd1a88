//! What is to be known of payouts before their money is sent.

use std::collections::HashMap;

use domain::payout::payout_of;
use domain::refund::Reversal;
use domain::{
    Cause, Payout, PayoutId, PayoutRunId, PayoutState, PayoutWarning, Purchase, RefundId, Timestamp, UserId,
};
use store::{LedgerLine, NewPayoutWarning, NotedPayoutWarning, Tx};

use super::{PayoutError, may_look};
use crate::{App, Caller};

/// Notes a refund at every payout that is pending and pays a commission of which
/// it takes something back. The accounts of those earners are locked.
pub(crate) async fn note_refund(
    tx: &mut Tx<'_>,
    purchase: &Purchase,
    refund: RefundId,
    reversals: &[Reversal],
    now: Timestamp,
) -> store::Result<()> {
    let earners: Vec<UserId> = reversals.iter().map(|reversal| reversal.earner).collect();
    let made = tx.payouts_since(purchase.id, &earners).await?;
    let matures_at = purchase.matures_at.unwrap_or(Timestamp::MIN);
    let warning = |reversal: &Reversal| {
        let of_her = made.iter().filter(|payout| payout.user == reversal.earner);
        let of_her: Vec<Payout> = of_her.cloned().collect();
        let payout = payout_of(&of_her, matures_at).filter(|payout| payout.state == PayoutState::Pending)?;
        Some(NewPayoutWarning {
            run: payout.run,
            payout: payout.id,
            kind: PayoutWarning::RefundedSale,
            purchase: purchase.id,
            refund: Some(refund),
            amount: reversal.amount,
            created_at: now,
        })
    };
    let warnings: Vec<NewPayoutWarning> = reversals.iter().filter_map(warning).collect();
    tx.insert_payout_warnings(&warnings).await
}

/// Notes what members are paid by a run of sales that were told late and fell under
/// an earlier plan.
pub(super) async fn note_backdated(
    tx: &mut Tx<'_>,
    run: PayoutRunId,
    lines: &[LedgerLine],
    sales: &[Purchase],
    now: Timestamp,
) -> store::Result<()> {
    let payouts: HashMap<UserId, PayoutId> = lines
        .iter()
        .filter_map(|line| match line.entry.cause {
            Cause::Payout(payout) => Some((line.entry.user, payout)),
            _ => None,
        })
        .collect();
    let mut warnings = Vec::new();
    for sale in sales {
        for decision in &sale.decisions {
            let payout = decision.payee().and_then(|payee| payouts.get(&payee));
            warnings.extend(payout.map(|payout| NewPayoutWarning {
                run,
                payout: *payout,
                kind: PayoutWarning::BackdatedSale,
                purchase: sale.id,
                refund: None,
                amount: decision.amount,
                created_at: now,
            }));
        }
    }
    tx.insert_payout_warnings(&warnings).await
}

/// Up to `limit` of what is to be known of the payouts of a run, in the order in
/// which it came about. What failed is left out: its money is back.
pub async fn warnings(
    app: &App,
    caller: &Caller,
    run: PayoutRunId,
    limit: usize,
) -> Result<Vec<NotedPayoutWarning>, PayoutError> {
    may_look(caller)?;
    Ok(app.store.read(async move |view| view.payout_warnings(run, limit).await).await?)
}
