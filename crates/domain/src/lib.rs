//! What is true of money, plans, uplines, commissions and ledgers.
//!
//! Everything here is a value or a plain function over values. There is no IO,
//! no clock, no randomness, no SQL and no wire format in this crate, so nothing
//! in it can fail for a reason outside its arguments, and each rule can be read
//! and tested alone.
//!
//! The one calculation the product exists for is [`commission::decide`].

#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

mod access;
mod adjustment;
mod code;
pub mod commission;
mod currency;
mod id;
mod ledger;
mod level;
mod money;
mod named;
pub mod payout;
mod person;
mod plan;
mod purchase;
mod rate;
mod reference;
pub mod refund;
mod session;
mod shop;
mod time;
mod unseen;
mod user;

pub use access::{Scope, Scopes, UnknownScope};
pub use adjustment::{Adjustment, InvalidReason, Reason};
pub use code::{InvalidCode, ReferralCode};
pub use commission::{Decision, Earner, Outcome};
pub use currency::{Currency, InvalidCurrency};
pub use id::{
    AdjustmentId, EntryId, InvalidEntryId, InvalidId, PayoutId, PayoutRunId, PlanVersion, PurchaseId,
    RefundId, UserId,
};
pub use ledger::{Account, Cause, Entry, EntryKind, EntryTimes, Origin, Overflow, Totals};
pub use level::{Level, LevelTotals};
pub use money::{InvalidAmount, Money};
pub use payout::{
    Payout, PayoutRun, PayoutState, PayoutStatus, PayoutWarning, UnknownPayoutStatus, UnknownPayoutWarning,
};
pub use person::{Email, InvalidEmail, InvalidName, Name};
pub use plan::{HoldDays, InvalidPlan, Levels, Plan};
pub use purchase::{Purchase, Refund};
pub use rate::{Exact, InvalidRate, Rate, Rounding, UnknownRounding};
pub use reference::{InvalidReference, Reference};
pub use session::{InvalidSessionId, SessionId, SignIn, UnknownSignIn};
pub use shop::{ExternalId, InvalidExternalId, InvalidMetadata, Metadata};
pub use time::{Day, InvalidMonth, Month, Timestamp};
pub use unseen::Unseen;
pub use user::User;
