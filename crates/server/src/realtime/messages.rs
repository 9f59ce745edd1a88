//! What clients receive.

use app::access::AuthError;
use app::{Caller, Denied, LedgerLine, ReadError};
use domain::EntryKind;
use serde::Serialize;

use crate::wire::{Decimal, When, name_for};

/// The event that carries entries of this kind.
pub(super) const fn event(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Commission => "new_earning",
        EntryKind::Reversal => "earning_reversed",
        EntryKind::Payout => "payout",
        EntryKind::PayoutReturned => "payout_returned",
        EntryKind::Adjustment => "adjustment",
    }
}

/// One line of a ledger. Every event has this frame, so that `seq` has no holes.
#[derive(Serialize)]
pub(super) struct EntryEvent<'a> {
    from_user: Option<std::borrow::Cow<'a, str>>,
    amount: Decimal,
    level: Option<u8>,
    seq: i64,
    purchase_id: Option<i64>,
    from_user_id: Option<i64>,
    user_id: i64,
    total_earnings: Decimal,
    balance: Decimal,
    created_at: When,
    booked_at: When,
}

impl<'a> EntryEvent<'a> {
    pub(super) fn new(line: &'a LedgerLine, caller: &Caller) -> Self {
        let LedgerLine { entry, from_user } = line;
        let named = entry.origin().zip(from_user.as_ref());
        Self {
            from_user: named.map(|(origin, name)| name_for(caller, origin.level, name)),
            amount: Decimal(entry.amount),
            level: entry.origin().map(|origin| origin.level.number()),
            seq: entry.seq,
            purchase_id: entry.origin().map(|origin| origin.purchase.get()),
            from_user_id: entry.origin().map(|origin| origin.source.get()),
            user_id: entry.user.get(),
            total_earnings: Decimal(entry.totals.earnings()),
            balance: Decimal(entry.totals.balance()),
            created_at: When(entry.times.occurred_at),
            booked_at: When(entry.times.booked_at),
        }
    }
}

/// The answer to a `register` that was granted.
#[derive(Serialize)]
pub(super) struct Joined {
    pub(super) ok: bool,
    pub(super) user_id: i64,
    /// The newest line so far.
    pub(super) seq: i64,
}

/// The answer to a `watch` that was granted.
#[derive(Serialize)]
pub(super) struct Watching {
    pub(super) ok: bool,
}

/// The answer to what was not granted.
#[derive(Serialize)]
pub(super) struct Refused {
    ok: bool,
    pub(super) error: RefusedError,
}

#[derive(Serialize)]
pub(super) struct RefusedError {
    code: &'static str,
    message: &'static str,
    /// Whose stream it is about, where the client did not ask just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
}

/// Why a client does not get what it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Forbidden,
    Unauthorized,
    UserNotFound,
    InvalidUserId,
    InvalidArguments,
    TooManyStreams,
    MessageTooLarge,
    TooManyMessages,
    TooManySockets,
    Unavailable,
}

impl Refusal {
    /// What programs tell it by.
    pub(super) const fn code(self) -> &'static str {
        self.told().0
    }

    const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Forbidden => ("forbidden", "This token does not open this stream."),
            Self::Unauthorized => ("unauthorized", "The token is unknown, revoked, expired or malformed."),
            Self::UserNotFound => ("user_not_found", "There is no such user."),
            Self::InvalidUserId => ("invalid_user_id", "The first argument must be a user id such as 42."),
            Self::InvalidArguments => {
                ("invalid_arguments", "Send register(userId) or register(userId, {after: seq, token}).")
            }
            Self::TooManyStreams => ("too_many_streams", "This socket follows as many users as it may."),
            Self::MessageTooLarge => ("message_too_large", "A message may have at most 16 KiB."),
            Self::TooManyMessages => {
                ("too_many_messages", "More messages wait than may; wait for the answers of some.")
            }
            Self::TooManySockets => {
                ("too_many_sockets", "Too many sockets have sent no token; connect again with one.")
            }
            Self::Unavailable => ("unavailable", "The server cannot answer now; try again."),
        }
    }
}

impl Refused {
    pub(super) fn new(refusal: Refusal) -> Self {
        let (code, message) = refusal.told();
        Self { ok: false, error: RefusedError { code, message, user_id: None } }
    }

    /// The stream of this user ends, because what opened it opens nothing any more; the
    /// key of all purchases is no user.
    pub(super) fn ended(user: i64) -> Self {
        let mut refused = Self::new(Refusal::Unauthorized);
        refused.error.user_id = Some(user).filter(|user| *user != super::ALL_PURCHASES);
        refused
    }
}

/// A socket without a token is told the same as one with a foreign token.
impl From<Denied> for Refusal {
    fn from(_: Denied) -> Self {
        Self::Forbidden
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Invalid => Self::Unauthorized,
            AuthError::Store(_) => Self::Unavailable,
        }
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Denied(denied) => denied.into(),
            ReadError::UserNotFound(_) | ReadError::PurchaseNotFound(_) | ReadError::EntryNotFound(_) => {
                Self::UserNotFound
            }
            ReadError::Store(_) => Self::Unavailable,
        }
    }
}
