//! Keeps domain values in SQL.
//!
//! A use case is written once, as an async closure over a [`Tx`] or a
//! [`Snapshot`], and runs on whichever engine the [`Store`] was opened with.
//! What the engines must agree on is the list of methods of those two types;
//! how each does it stands in the engine's own folder, in files of the same
//! names.
//!
//! Nothing here knows a rule of commission, and no SQL leaves this crate.

mod addresses;
mod ailment;
mod decisions;
mod document;
mod error;
mod levels;
mod load;
mod notes;
mod postgres;
mod records;
mod schema;
mod snapshot;
mod sqlite;
mod store;
mod times;
mod tx;

pub use ailment::Ailment;
pub use error::{Constraint, Error};
pub use load::Load;
pub use postgres::{InvalidUrl, PostgresUrl};
pub use records::{
    ActivityChange, ApiKey, AuditEvent, Buyer, ClosedMonth, Commission, Credentials, Decided, DownlineMember,
    Foundation, Held, LateSum, LedgerLine, Member, NewAdjustment, NewApiKey, NewPayoutRun, NewPayoutWarning,
    NewRefund, NewSession, NewUser, NotedPayoutWarning, NumberedAuditEvent, PlanRecord, Present,
    ProgrammeTotals, Sale, SaleTime, SourceCount, SourceRank, SourceTotal, ZoneRecord,
};
pub use schema::Schema;
pub use snapshot::Snapshot;
pub use sqlite::{Exposure, Restore, backup};
pub use store::{Database, Store};
pub use tx::Tx;

/// What every method that touches the database answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;
