//! One transaction on one connection: what it asks, how it stands after
//! something went wrong, and how it ends.
//!
//! A connection goes back to the pool only with its transaction at an end, or
//! with the end under way before anything else.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object};
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::fault::{self, Fault};
use super::row;
use super::writers::Writer;
use crate::{Error, Result};

/// How long the answer to one statement may take before the connection is given
/// up: a little longer than the database itself works on one.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The same for what reads everything.
const PATIENCE: Duration = Duration::from_secs(121);
const BE_PATIENT: &str = "set local statement_timeout = '120s'";

/// Everything is of one moment, and the strictest level has nothing to check. It
/// locks nothing, so whoever reads may take her time over it.
const BEGIN_READ: &str = "\
begin transaction isolation level repeatable read, read only;
set local idle_in_transaction_session_timeout = '10min'";
const BEGIN_WRITE: &str = "begin transaction read write";

/// Values to bind.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// What a transaction is begun for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Read,
    Write,
}

/// How the commit of a transaction ended.
#[derive(Debug)]
pub(super) enum Commit {
    /// It is on disk.
    Done,
    /// It was rolled back.
    Refused(Fault, Error),
    /// The connection was lost before the answer came.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// A statement failed; all that is left is to roll back.
    Aborted,
    /// The connection is of no use any more.
    Lost,
    Ended,
}

/// An open transaction, rolled back when it is dropped.
pub(super) struct Transaction {
    connection: Option<Object>,
    purpose: Purpose,
    state: State,
    wrote: bool,
    fault: Option<Fault>,
    answer_within: Duration,
}

impl Transaction {
    pub(super) async fn begin(connection: Object, purpose: Purpose) -> Result<Self> {
        let mut open = Self {
            connection: Some(connection),
            purpose,
            state: State::Open,
            wrote: false,
            fault: None,
            answer_within: ANSWER_WITHIN,
        };
        open.command(match purpose {
            Purpose::Read => BEGIN_READ,
            Purpose::Write => BEGIN_WRITE,
        })
        .await?;
        Ok(open)
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The last fault of any statement.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether it can still be committed.
    pub(super) fn is_sound(&self) -> bool {
        self.state == State::Open
    }

    /// Whether anything was written.
    pub(super) fn wrote(&self) -> bool {
        self.wrote
    }

    /// All rows of the answer.
    pub(super) async fn rows<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let asked = timeout(self.answer_within, query(self.client(), sql, values)).await;
        self.heed(asked.ok())?.iter().map(read).collect()
    }

    /// The first row of the answer.
    pub(super) async fn row<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let asked = timeout(self.answer_within, query(self.client(), sql, values)).await;
        self.heed(asked.ok())?.first().map(read).transpose()
    }

    /// Changes rows, and answers how many.
    pub(super) async fn change(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64> {
        self.wrote = true;
        let asked = timeout(self.answer_within, execute(self.client(), sql, values)).await;
        self.heed(asked.ok())
    }

    /// Inserts one row and answers its number. When the row is refused because
    /// of another, the transaction goes on without it.
    pub(super) async fn insert(&mut self, sql: &'static str, values: Values<'_>) -> Result<i64> {
        self.command("savepoint before_insert").await?;
        self.wrote = true;
        let asked = timeout(self.answer_within, query(self.client(), sql, values)).await;
        let answer = self.heed(asked.ok());
        if self.state == State::Aborted && self.fault == Some(Fault::Taken) {
            self.state = State::Open;
            self.command("rollback to savepoint before_insert").await?;
        } else if answer.is_ok() {
            self.command("release savepoint before_insert").await?;
        }
        row::number(answer?.first().ok_or_else(|| Error::Engine("an insert answered nothing".into()))?)
    }

    /// From now on statements may take as long as it takes to read everything.
    pub(super) async fn be_patient(&mut self) -> Result<()> {
        self.command(BE_PATIENT).await?;
        self.answer_within = PATIENCE;
        Ok(())
    }

    /// Commits as this writer.
    pub(super) async fn commit(mut self, writer: &Writer) -> Commit {
        match timeout(self.answer_within, writer.commit(self.client())).await {
            Ok(Ok(())) => {
                self.state = State::Ended;
                Commit::Done
            }
            Ok(Err(error)) => match fault::of(error) {
                (Fault::Lost, _) => self.lost(),
                (fault, error) => {
                    self.state = State::Aborted;
                    Commit::Refused(fault, error)
                }
            },
            Err(_) => self.lost(),
        }
    }

    fn lost(&mut self) -> Commit {
        self.state = State::Lost;
        Commit::Unknown
    }

    async fn command(&mut self, sql: &'static str) -> Result<()> {
        let asked = timeout(self.answer_within, self.client().batch_execute(sql)).await;
        self.heed(asked.ok())
    }

    fn client(&self) -> &ClientWrapper {
        self.connection.as_ref().expect("there until the transaction is dropped")
    }

    /// Keeps in mind how the transaction stands after this answer; none came
    /// where there is none.
    fn heed<T>(&mut self, answer: Option<Result<T, tokio_postgres::Error>>) -> Result<T> {
        let (fault, error) = match answer {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(error)) => fault::of(error),
            None => (Fault::Lost, Error::Away("no answer came in time".into())),
        };
        match fault {
            Fault::Lost => self.state = State::Lost,
            Fault::Crossed | Fault::Taken | Fault::Final => self.state = State::Aborted,
        }
        self.fault = Some(fault);
        Err(error)
    }
}

async fn query(
    client: &ClientWrapper,
    sql: &str,
    values: Values<'_>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, values).await
}

async fn execute(
    client: &ClientWrapper,
    sql: &str,
    values: Values<'_>,
) -> Result<u64, tokio_postgres::Error> {
    let statement = client.prepare_cached(sql).await?;
    client.execute(&statement, values).await
}

/// Whoever hangs up, panics or fails leaves no open transaction behind.
impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match self.state {
            State::Ended => {}
            State::Lost => drop(Object::take(connection)),
            State::Open | State::Aborted => {
                // Looking once sends it, ahead of whatever comes next on this
                // connection. Nobody waits for the answer.
                let rollback = pin!(connection.batch_execute("rollback"));
                drop(rollback.poll(&mut Context::from_waker(Waker::noop())));
            }
        }
    }
}
