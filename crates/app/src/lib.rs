//! What can be done with Banyan: one function per use case.
//!
//! A use case takes the [`App`] and the [`Caller`], decides whether she may,
//! runs one transaction, asks the domain, and answers with domain values. Each
//! has an error type that lists every way it can fail.
//!
//! This floor speaks neither HTTP nor SQL, reads no ambient clock and draws no
//! ambient chance: [`Clock`] and the random source are given to [`App::start`].

pub mod access;
pub mod adjustments;
pub mod audit;
mod books;
mod calendar;
pub mod csv_cell;
pub mod earnings;
pub mod explain;
pub mod feed;
pub mod import;
pub mod invitations;
pub mod members;
pub mod metadata;
pub mod months;
pub mod network;
pub mod payouts;
pub mod plans;
pub mod programme;
pub mod purchases;
mod recorder;
pub mod refunds;
pub mod rehearsal;
pub mod sessions;
pub mod simulate;
pub mod verify;

mod clock;
mod clock_watch;
mod start;
mod terms;
mod vitals;

pub use access::{Caller, Denied};
pub use calendar::Calendar;
pub use clock::{Clock, SystemClock};
pub use clock_watch::ClockJump;
pub use start::{App, Rules, Settings};
pub use store::{
    Ailment, AuditEvent, ClosedMonth, Commission, DownlineMember, Error as StoreError, LedgerLine, Load,
    Member, NotedPayoutWarning, NumberedAuditEvent, PlanRecord, ProgrammeTotals, SourceRank, ZoneRecord,
};
pub use vitals::Vitals;

/// Why a use case that only looks has nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The caller may not look.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no user with this id.
    #[error("user {0} does not exist")]
    UserNotFound(domain::UserId),
    /// There is no purchase with this id.
    #[error("purchase {0} does not exist")]
    PurchaseNotFound(domain::PurchaseId),
    /// There is no line of a ledger with this name.
    #[error("entry {0} does not exist")]
    EntryNotFound(domain::EntryId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
