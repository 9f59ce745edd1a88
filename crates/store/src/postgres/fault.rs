//! What a failed statement means for its transaction.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::{Ailment, Constraint, Error};

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

impl Fault {
    /// What it is called where it is counted.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Crossed => "crossed",
            Self::Taken => "taken",
            Self::Lost => "lost",
            Self::Final => "final",
        }
    }
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
        return answered(answer);
    }
    let broken = error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>);
    if error.is_closed() || broken {
        return (Fault::Lost, Error::Away(words(&error)));
    }
    (Fault::Final, Error::Engine(words(&error).into()))
}

/// All that is known of why: the server's own words, where it has said any.
pub(super) fn words(error: &(dyn std::error::Error + 'static)) -> String {
    if let Some(answer) = error.downcast_ref::<DbError>() {
        return said(answer);
    }
    let own = error.to_string();
    match error.source().map(words) {
        // The library introduces what the server has said, and has nothing to add.
        Some(cause) if own == "db error" => cause,
        Some(cause) => format!("{own}: {cause}"),
        None => own,
    }
}

/// What the server said, with its code, but without the details: they quote rows.
fn said(answer: &DbError) -> String {
    let mut words = format!("{} {}: {}", answer.severity(), answer.code().code(), answer.message());
    for (name, value) in
        [("table", answer.table()), ("constraint", answer.constraint()), ("hint", answer.hint())]
    {
        if let Some(value) = value {
            words = format!("{words}; {name} {value}");
        }
    }
    words
}

fn answered(answer: &DbError) -> (Fault, Error) {
    let code = answer.code();
    if code.code().starts_with("08") {
        return (Fault::Lost, Error::Away(said(answer)));
    }
    if *code == SqlState::UNIQUE_VIOLATION {
        let known = CONSTRAINTS.into_iter().find(|(name, _)| answer.constraint() == Some(name));
        let conflict = known.map(|(_, constraint)| Error::Conflict(constraint));
        return (Fault::Taken, conflict.unwrap_or_else(|| Error::Engine(said(answer).into())));
    }
    match *code {
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE => (Fault::Final, Error::OutOfRange("amounts")),
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            (Fault::Crossed, Error::Busy)
        }
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        // After a fail-over: this one is a standby now.
        | SqlState::READ_ONLY_SQL_TRANSACTION => (Fault::Lost, Error::Away(said(answer))),
        SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => {
            tracing::warn!(answer = said(answer), "the database gave up a statement");
            (Fault::Final, Error::Busy)
        }
        // A session keeps what was prepared in it, so this is another one.
        SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => {
            let told = format!("{}; {}", said(answer), Ailment::PooledTransactions);
            (Fault::Final, Error::Engine(told.into()))
        }
        _ => (Fault::Final, Error::Engine(said(answer).into())),
    }
}
