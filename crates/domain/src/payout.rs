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

named!(PayoutStatus, UnknownPayoutStatus, "must be \"pending\", \"paid\" or \"failed\"", {
    Pending => "pending",
    Paid => "paid",
    Failed => "failed",
});
