//! What a failed statement means for its transaction.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::{Constraint, Error};

/// How a transaction stands after a statement of it has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Another transaction came between. Run again, it may have more luck.
    Crossed,
    /// What it inserts is there already. Whoever inserts has looked before, so
    /// another transaction came between; run again, it sees that.
    Taken,
    /// The connection, and with it the transaction, is gone.
    Lost,
    /// It would fail again.
    Final,
}

/// The unique constraints that a caller is told about.
const CONSTRAINTS: [(&str, Constraint); 8] = [
    ("users_email_key", Constraint::Email),
    ("users_code_key", Constraint::ReferralCode),
    ("users_reference_key", Constraint::RegistrationReference),
    ("users_external_id", Constraint::ExternalId),
    ("purchases_reference", Constraint::PurchaseReference),
    ("refunds_reference_key", Constraint::RefundReference),
    ("payout_runs_reference_key", Constraint::PayoutReference),
    ("adjustments_reference_key", Constraint::AdjustmentReference),
];

/// What the error means, and how the caller is told.
pub(super) fn of(error: tokio_postgres::Error) -> (Fault, Error) {
    if let Some(answer) = error.as_db_error() {
        return match answered(answer) {
            (fault, Some(told)) => (fault, told),
            (fault, None) => (fault, Error::Engine(Box::new(error))),
        };
    }
    let broken = error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>);
    if error.is_closed() || broken {
        return (Fault::Lost, away(&error));
    }
    (Fault::Final, Error::Engine(Box::new(error)))
}

/// The database cannot be reached, with all that is known of why.
pub(super) fn away(error: &dyn std::error::Error) -> Error {
    let mut why = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        why = format!("{why}: {error}");
        cause = error.source();
    }
    Error::Away(why)
}

fn answered(answer: &DbError) -> (Fault, Option<Error>) {
    let code = answer.code();
    if code.code().starts_with("08") {
        return (Fault::Lost, Some(away(answer)));
    }
    if *code == SqlState::UNIQUE_VIOLATION {
        let known = CONSTRAINTS.into_iter().find(|(name, _)| answer.constraint() == Some(name));
        return (Fault::Taken, known.map(|(_, constraint)| Error::Conflict(constraint)));
    }
    match *code {
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE => (Fault::Final, Some(Error::OutOfRange("amounts"))),
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            (Fault::Crossed, Some(Error::Busy))
        }
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        // After a fail-over: this one is a standby now.
        | SqlState::READ_ONLY_SQL_TRANSACTION => (Fault::Lost, Some(away(answer))),
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => (Fault::Final, Some(Error::Busy)),
        _ => (Fault::Final, None),
    }
}
