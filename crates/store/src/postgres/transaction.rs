//! One transaction on one connection: what it asks, how it stands after
//! something went wrong, and how it ends.
//!
//! What nobody waits for is sent along with what somebody does wait for: a trip
//! to the database costs more than most statements.
//!
//! A connection goes back to the pool only with its transaction at an end, or
//! with the end under way before anything else.

use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, SimpleQueryMessage};

use super::buyers::Buyers;
use super::connect::Object;
use super::fault::{self, Fault};
use super::row;
use super::trip::{self, Asked};
use super::writers::{self, Writer};
use crate::{Error, Result};

/// How long the answer to one statement may take before the connection is given
/// up: a little longer than the database itself works on one.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The same for what reads everything.
const PATIENCE: Duration = Duration::from_secs(121);
const BE_PATIENT: &str = "\
set local statement_timeout = '120s';
select set_config(name, 'on', true) from pg_settings
where name in ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin')";

/// Everything is of one moment, and the strictest level has nothing to check. It
/// locks nothing, so whoever reads may take her time over it.
const BEGIN_READ: &str = "\
begin transaction isolation level repeatable read, read only;
set local idle_in_transaction_session_timeout = '10min'";
const BEGIN_WRITE: &str = "begin transaction read write";

/// Values to bind.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Values that are bound later.
pub(super) type Kept = Vec<Box<dyn ToSql + Sync>>;

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
    /// Nothing was sent yet.
    Fresh,
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
    /// The buyers that this node knows.
    pub(super) buyers: Arc<Buyers>,
    /// How often they had been forgotten when it began.
    pub(super) history: u64,
    /// What goes with the next trip, in this order.
    later: Vec<(&'static str, Kept)>,
    state: State,
    wrote: bool,
    fault: Option<Fault>,
    answer_within: Duration,
}

impl Transaction {
    /// Begins for one who looks; for one who writes, it begins with the first
    /// thing that is asked.
    pub(super) async fn begin(connection: Object, purpose: Purpose, buyers: &Arc<Buyers>) -> Result<Self> {
        let mut open = Self {
            connection: Some(connection),
            purpose,
            buyers: Arc::clone(buyers),
            history: buyers.forgotten(),
            later: Vec::new(),
            state: State::Fresh,
            wrote: false,
            fault: None,
            answer_within: ANSWER_WITHIN,
        };
        match purpose {
            Purpose::Read => open.command(BEGIN_READ).await?,
            Purpose::Write => open.ask_later(BEGIN_WRITE, Vec::new()),
        }
        Ok(open)
    }

    pub(super) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whether it may write and has not done so: all that it sees is committed,
    /// and it looks at the present.
    pub(super) fn writes_and_has_not_yet(&self) -> bool {
        matches!(self.purpose, Purpose::Write) && !self.wrote
    }

    /// The last fault of any statement.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether it can still be committed.
    pub(super) fn is_sound(&self) -> bool {
        matches!(self.state, State::Fresh | State::Open)
    }

    /// Whether anything was written.
    pub(super) fn wrote(&self) -> bool {
        self.wrote
    }

    /// The rows of several answers, in one trip. Each statement sees what the
    /// one before it has waited for.
    pub(super) async fn ask<const N: usize>(&mut self, asked: [Asked<'_>; N]) -> Result<[Vec<Row>; N]> {
        let answers = self.send(&asked, None).await;
        Ok(self.heed(answers)?.try_into().expect("as many answers as questions"))
    }

    /// Sends what was to be asked before this, this, and the command that ends
    /// the transaction. Answers what was asked now.
    async fn send(
        &mut self,
        asked: &[Asked<'_>],
        end: Option<&'static str>,
    ) -> Option<Result<Vec<Vec<Row>>, tokio_postgres::Error>> {
        let later = mem::take(&mut self.later);
        let bound: Vec<_> = later.iter().map(|(sql, values)| (*sql, bound(values))).collect();
        let mut all: Vec<Asked<'_>> = bound.iter().map(|(sql, values)| (*sql, &values[..])).collect();
        all.extend(asked);
        self.state = State::Open;
        let answers = trip::ask(self.client(), &all, end, self.answer_within).await;
        answers.map(|answers| answers.map(|mut all| all.split_off(later.len())))
    }

    /// Asks this before whatever is asked next. Nobody waits for the answer.
    pub(super) fn ask_later(&mut self, sql: &'static str, values: Kept) {
        self.later.push((sql, values));
    }

    /// All rows of the answer.
    pub(super) async fn rows<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let [rows] = self.ask([(sql, values)]).await?;
        rows.iter().map(read).collect()
    }

    /// The first row of the answer.
    pub(super) async fn row<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let [rows] = self.ask([(sql, values)]).await?;
        rows.first().map(read).transpose()
    }

    /// Changes rows, and answers how many.
    pub(super) async fn change(&mut self, sql: &'static str, values: Values<'_>) -> Result<u64> {
        self.catch_up().await?;
        self.wrote = true;
        let asked = timeout(self.answer_within, execute(self.client(), sql, values)).await;
        self.heed(asked.ok())
    }

    /// The answer to a question without values, for which nothing is prepared.
    pub(super) async fn simple(&mut self, sql: &'static str) -> Result<Vec<SimpleQueryMessage>> {
        let asked = timeout(self.answer_within, self.client().simple_query(sql)).await;
        self.heed(asked.ok())
    }

    /// Changes rows, and answers them.
    pub(super) async fn change_rows<T>(
        &mut self,
        sql: &'static str,
        values: Values<'_>,
        read: impl Fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.wrote = true;
        self.rows(sql, values, read).await
    }

    /// Changes rows before whatever is asked next, the commit at the latest.
    /// Should it fail, that is what fails.
    pub(super) fn change_later(&mut self, sql: &'static str, values: Kept) {
        self.wrote = true;
        self.ask_later(sql, values);
    }

    /// Inserts one row and answers its number. When the row is refused because
    /// of another, the transaction goes on without it.
    pub(super) async fn insert(&mut self, sql: &'static str, values: Values<'_>) -> Result<i64> {
        self.command("savepoint before_insert").await?;
        self.wrote = true;
        let answer = self.ask([(sql, values)]).await;
        if self.state == State::Aborted && self.fault == Some(Fault::Taken) {
            self.state = State::Open;
            self.command("rollback to savepoint before_insert").await?;
        } else if answer.is_ok() {
            self.command("release savepoint before_insert").await?;
        }
        let [rows] = answer?;
        row::number(rows.first().ok_or_else(|| Error::Engine("an insert answered nothing".into()))?)
    }

    /// From now on statements may take as long as it takes to read everything.
    pub(super) async fn be_patient(&mut self) -> Result<()> {
        self.command(BE_PATIENT).await?;
        self.answer_within = PATIENCE;
        Ok(())
    }

    /// Counts one more commit of this writer, and commits. Should her row have
    /// been moved on, there is no number to write, and nothing is committed.
    pub(super) async fn commit(mut self, writer: &Writer) -> Commit {
        match self.send(&[(writers::COUNT, &writer.row())], Some("commit")).await {
            Some(Ok(_)) => {
                self.state = State::Ended;
                Commit::Done
            }
            Some(Err(error)) => match fault::of(error) {
                (Fault::Lost, _) => self.lost(),
                (fault, error) => {
                    self.state = State::Aborted;
                    Commit::Refused(fault, error)
                }
            },
            None => self.lost(),
        }
    }

    fn lost(&mut self) -> Commit {
        self.state = State::Lost;
        Commit::Unknown
    }

    async fn command(&mut self, sql: &'static str) -> Result<()> {
        self.catch_up().await?;
        self.state = State::Open;
        let asked = timeout(self.answer_within, self.client().batch_execute(sql)).await;
        self.heed(asked.ok())
    }

    /// Asks what was to be asked before the next.
    async fn catch_up(&mut self) -> Result<()> {
        if self.later.is_empty() {
            return Ok(());
        }
        self.ask([]).await.map(|[]| ())
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

fn bound(values: &Kept) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value).collect()
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
            State::Fresh | State::Ended => {}
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
