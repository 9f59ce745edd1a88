//! What an entry goes back to, as the columns that keep it.

use domain::{AdjustmentId, Cause, EntryKind, Origin, PayoutId, RefundId};

use crate::{Error, Result};

/// At most one of these is there.
#[derive(Default)]
pub(crate) struct Document {
    pub(crate) refund: Option<i64>,
    pub(crate) payout: Option<i64>,
    pub(crate) adjustment: Option<i64>,
}

impl Document {
    pub(crate) fn of(cause: Cause) -> Self {
        match cause {
            Cause::Commission(_) => Self::default(),
            Cause::Reversal(_, refund) => Self { refund: Some(refund.get()), ..Self::default() },
            Cause::Payout(payout) | Cause::PayoutReturned(payout) => {
                Self { payout: Some(payout.get()), ..Self::default() }
            }
            Cause::Adjustment(adjustment) => Self { adjustment: Some(adjustment.get()), ..Self::default() },
        }
    }

    /// The cause of an entry of this kind, when it has just what the kind needs.
    pub(crate) fn cause(self, kind: EntryKind, origin: Option<Origin>) -> Result<Cause> {
        let cause = match (kind, origin, self.refund, self.payout, self.adjustment) {
            (EntryKind::Commission, Some(origin), None, None, None) => Cause::Commission(origin),
            (EntryKind::Reversal, Some(origin), Some(refund), None, None) => {
                Cause::Reversal(origin, RefundId::new(refund))
            }
            (EntryKind::Payout, None, None, Some(payout), None) => Cause::Payout(PayoutId::new(payout)),
            (EntryKind::PayoutReturned, None, None, Some(payout), None) => {
                Cause::PayoutReturned(PayoutId::new(payout))
            }
            (EntryKind::Adjustment, None, None, None, Some(adjustment)) => {
                Cause::Adjustment(AdjustmentId::new(adjustment))
            }
            _ => return Err(Error::inconsistent("entries", "kind", kind)),
        };
        Ok(cause)
    }
}
