//! What can go wrong between a domain value and the disk.

use std::path::PathBuf;

use domain::Currency;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else already has what must be unique.
    #[error("{0:?} is taken")]
    Conflict(Constraint),
    /// A row holds something that no release of this program writes.
    #[error("{table}.{column} holds {value:?}, which is not a valid value")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What stands there.
        value: String,
    },
    /// A sum is greater than what can be counted; nothing was done.
    #[error("the sum of {0} is out of range: it would be more than 92233720368547758.07")]
    OutOfRange(&'static str),
    /// Too much is waiting, or another process holds the database; nothing was done.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached; nothing was done.
    #[error("the database does not answer: {0}")]
    Away(String),
    /// The connection was lost during a commit, and whether it happened could
    /// not be found out.
    #[error("whether the transaction was committed is unknown")]
    OutcomeUnknown,
    /// The database was written by a newer release.
    #[error("the database is newer than this program: {0}")]
    Newer(String),
    /// The database counts in another currency.
    #[error(
        "this database counts in {kept}, not in {given}: the currency is chosen at the first start and stays for ever"
    )]
    OtherCurrency {
        /// The currency of every plan so far.
        kept: Currency,
        /// The one that was named.
        given: Currency,
    },
    /// The file is not a database of this program.
    #[error("{0} is not a database of this program, nor a backup of one")]
    Foreign(PathBuf),
    /// Other processes have the data directory open, so that it cannot be replaced.
    #[error("{0} is in use; stop the server and whatever else works on it")]
    InUse(PathBuf),
    /// The data directory cannot be used.
    #[error("cannot use {path}: {source}")]
    Directory {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine failed in a way that no caller can mend.
    #[error(transparent)]
    Engine(Box<dyn std::error::Error + Send + Sync>),
}

/// A rule of uniqueness that the schema keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// `users.email`
    Email,
    /// `users.code`
    ReferralCode,
    /// `users.reference`
    RegistrationReference,
    /// `users.external_id`
    ExternalId,
    /// `purchases.reference`
    PurchaseReference,
    /// `refunds.reference`
    RefundReference,
    /// `payout_runs.reference`
    PayoutReference,
    /// `adjustments.reference`
    AdjustmentReference,
}

impl Error {
    /// A value that no release of this program writes, and where it stands.
    pub fn inconsistent(table: &'static str, column: &'static str, value: impl ToString) -> Self {
        Self::Inconsistent { table, column, value: value.to_string() }
    }
}
