//! Payouts: money that leaves the books, and comes back when it could not be sent.

use crate::adjustment::Reason;
use crate::named::named;
use crate::{Money, PayoutId, PayoutRunId, Reference, Timestamp, UserId};

/// Payouts that were made together: one for everybody who was due enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRun {
    /// Its own id.
    pub id: PayoutRunId,
    /// The caller's id for it, if one was given.
    pub reference: Option<Reference>,
    /// Whoever was due less than this was left out.
    pub minimum: Money,
    /// How many payouts it made.
    pub payouts: i64,
    /// What they came to.
    pub total: Money,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Money sent to one member. It leaves her balance when the payout is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its own id.
    pub id: PayoutId,
    /// The run that made it.
    pub run: PayoutRunId,
    /// To whom.
    pub user: UserId,
    /// How much; more than zero.
    pub amount: Money,
    /// What became of it.
    pub state: PayoutState,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What became of a payout. It is settled once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayoutState {
    /// Nobody said yet.
    Pending,
    /// It reached her.
    Paid(Timestamp),
    /// It did not, and the money is back in her balance.
    Failed(Timestamp, Reason),
}

impl PayoutState {
    /// The state without its particulars.
    pub const fn status(&self) -> PayoutStatus {
        match self {
            Self::Pending => PayoutStatus::Pending,
            Self::Paid(_) => PayoutStatus::Paid,
            Self::Failed(..) => PayoutStatus::Failed,
        }
    }
}

/// The name of a payout's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutStatus {
    /// Nobody said yet.
    Pending,
    /// It reached the member.
    Paid,
    /// It did not.
    Failed,
}

/// What is to be known of a payout before its money is sent, or when it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayoutWarning {
    /// A sale whose commission it pays was refunded while it was pending.
    RefundedSale,
    /// A sale was told late since the run before, and earned her something by an
    /// earlier plan than the one that was in force when it was told.
    BackdatedSale,
}

named!(PayoutWarning, UnknownPayoutWarning, "is not a warning of a payout", {
    RefundedSale => "refunded_sale",
    BackdatedSale => "backdated_sale",
});

/// In which of these payouts to one member a commission went out that could be
/// paid from this moment on. They are those that were made since it was earned, the
/// oldest first.
///
/// A payout takes all that is available. So it went with the first one, and where
/// that came back, with the first one made after that.
pub fn payout_of(payouts: &[Payout], matures_at: Timestamp) -> Option<&Payout> {
    let mut with: Option<&Payout> = None;
    for payout in payouts.iter().filter(|payout| payout.created_at >= matures_at) {
        match with.map(|earlier| &earlier.state) {
            None => with = Some(payout),
            Some(PayoutState::Failed(at, _)) if *at <= payout.created_at => with = Some(payout),
            Some(_) => {}
        }
    }
    with
}

named!(PayoutStatus, UnknownPayoutStatus, "must be \"pending\", \"paid\" or \"failed\"", {
    Pending => "pending",
    Paid => "paid",
    Failed => "failed",
});

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: i64) -> Timestamp {
        Timestamp::from_millis(day)
    }

    fn payout(id: i64, day: i64, state: PayoutState) -> Payout {
        let created_at = on(day);
        let (run, user, amount) = (PayoutRunId::new(id), UserId::new(1), Money::from_paise(1));
        Payout { id: PayoutId::new(id), run, user, amount, state, created_at }
    }

    fn failed(day: i64) -> PayoutState {
        PayoutState::Failed(on(day), "closed".parse().unwrap())
    }

    fn paid(day: i64) -> PayoutState {
        PayoutState::Paid(on(day))
    }

    #[test]
    fn a_commission_goes_out_once_with_the_first_payout_that_did_not_come_back_in_time() {
        let pending = PayoutState::Pending;
        for (payouts, available_from, expected) in [
            (vec![], 0, None),
            (vec![payout(1, 1, pending.clone())], 1, Some(1)),
            (vec![payout(1, 1, pending.clone())], 2, None),
            (vec![payout(1, 1, paid(2)), payout(2, 3, pending.clone())], 1, Some(1)),
            (vec![payout(1, 1, paid(2)), payout(2, 3, pending.clone())], 2, Some(2)),
            (vec![payout(1, 1, failed(2)), payout(2, 3, pending.clone())], 1, Some(2)),
            (vec![payout(1, 1, failed(3)), payout(2, 3, pending.clone())], 1, Some(2)),
            // It came back after the next was made, which therefore did not take it.
            (vec![payout(1, 1, failed(4)), payout(2, 3, pending.clone())], 1, Some(1)),
            (
                vec![payout(1, 1, failed(2)), payout(2, 3, failed(4)), payout(3, 5, pending.clone())],
                1,
                Some(3),
            ),
            (vec![payout(1, 1, failed(4)), payout(2, 3, paid(4)), payout(3, 5, pending)], 1, Some(3)),
        ] {
            let found = payout_of(&payouts, on(available_from)).map(|payout| payout.id.get());
            assert_eq!(found, expected, "{payouts:?} from day {available_from}");
        }
    }
}
