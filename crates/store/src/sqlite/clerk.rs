//! The thread on which everything happens that changes the database, one thing
//! after another.

use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use domain::UserId;
use rusqlite::Connection;

use super::books::{self, Backlog, Books, Desk, Posted};
use super::journal::{Journal, Turn};
use super::tail::Tail;
use super::transaction::{Look, Open};
use super::{Onto, Session};
use crate::{Error, Result, Snapshot, Tx, snapshot};

pub(super) type Job = Box<dyn FnOnce(&mut Clerk) + Send>;

/// After so many jobs for which nobody had to wait it is calm, and sales go to
/// the books at once.
const CALM: u32 = 16;

/// By how much the clerk slows down for each sale of the last batch, for each that
/// is unposted beyond the run that is being posted and half of the next.
const SLOWER: Duration = Duration::from_nanos(20);

/// The longest that anybody waits for that.
const SLOWEST: Duration = Duration::from_millis(250);

/// Unposted sales from which on no more are written down.
const TOO_MANY: usize = 65_536;

/// Batches over which unposted sales are averaged. They are posted in runs, and
/// nobody shall wait longer than others because one is about to end.
const AVERAGED: usize = 64;

/// Decides and writes.
pub(super) struct Clerk {
    journal: Journal,
    tail: Tail,
    /// Sees the books as they are, and cannot write to them.
    reader: Connection,
    books: Arc<Books>,
    /// Jobs since somebody last waited.
    since_waited: u32,
    /// Unposted sales, summed over the last batches.
    unposted: usize,
    /// Sales in the last batch.
    last_sales: usize,
}

impl Clerk {
    pub(super) fn new(journal: Journal, reader: Connection, books: Arc<Books>) -> Self {
        Self { journal, tail: Tail::default(), reader, books, since_waited: CALM, unposted: 0, last_sales: 0 }
    }

    /// As if somebody always waited.
    #[cfg(test)]
    pub(super) fn in_a_rush(self) -> Self {
        Self { since_waited: 0, ..self }
    }

    /// As if too many others had bought since.
    #[cfg(test)]
    pub(super) fn forget_people(&mut self) {
        self.tail.forget_people();
    }

    /// Does one job after another until no more can come, and then posts all.
    pub(super) fn work(mut self, waiting: &Receiver<Job>) {
        let mut next = waiting.recv().ok();
        while let Some(job) = next {
            let after = waiting.try_recv().ok();
            self.since_waited = if after.is_some() { 0 } else { self.since_waited.saturating_add(1) };
            // The transaction rolls back as it unwinds; the connections stay good.
            if panic::catch_unwind(AssertUnwindSafe(|| job(&mut self))).is_err() {
                tracing::error!("a write transaction panicked and was rolled back");
            }
            next = after.or_else(|| waiting.recv().ok());
        }
        if let Err(error) = self.settle() {
            tracing::error!(%error, "sales are left in the journal; they are posted at the next start");
        }
        self.books.close();
    }

    /// Posts everything that was ever written down.
    pub(super) fn settle(&mut self) -> Result<()> {
        settled(&self.books, &self.journal.turn()?).map(drop)
    }

    /// Runs a use case on the books.
    pub(super) fn write<T, E: From<Error>>(
        &mut self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let turn = self.journal.turn()?;
        let mut desk = settled(&self.books, &turn)?;
        self.tail.begin(books::posted(&desk.conn)?, turn.last());
        let (before, mut changed) = (desk.own, Vec::new());
        let answer = desk.transact(change, &mut changed);
        self.tail.changed(desk.own - before, &changed);
        answer
    }

    /// Waits for a moment when sales come faster than they are posted.
    fn let_them_post(&mut self, Backlog { sales, run }: Backlog) {
        self.unposted += sales;
        self.unposted -= self.unposted / AVERAGED;
        let too_many = (self.unposted / AVERAGED).saturating_sub(run + run / 2);
        if too_many > 0 {
            let times = u32::try_from(too_many * self.last_sales).unwrap_or(u32::MAX);
            thread::sleep(SLOWER.saturating_mul(times).min(SLOWEST));
        }
    }

    /// Runs a use case that only adds sales: on the books while it is calm, and
    /// on the journal when others wait.
    pub(super) fn record<T, E: From<Error>>(
        &mut self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let backlog = self.books.backlog();
        if backlog.sales >= TOO_MANY || (backlog.sales == 0 && self.since_waited >= CALM) {
            return self.write(change);
        }
        self.let_them_post(backlog);
        let turn = self.journal.turn()?;
        let last = turn.last();
        let look = Look::begin(&mut self.reader)?;
        let books = books::posted(look.0)?;
        self.tail.begin(books, last);
        if last > books.number && self.tail.number() != Some(last) {
            // Another process has written it down.
            drop((look, turn));
            return self.write(change);
        }
        self.tail.read_on(look.0)?;
        let answer = now(change(&mut Tx(view(look.0, Onto::Journal(&mut self.tail)))))?;
        drop(look);
        if let Some(batch) = self.tail.written(last.max(books.number) + 1) {
            turn.write_down(&batch, self.books.on_disk())?;
            self.tail.keep(batch.number);
            self.last_sales = batch.sales;
            self.books.pile(batch);
        }
        Ok(answer)
    }
}

/// The books, with the whole journal in them. Whose turn it is decides what the
/// whole journal is.
fn settled<'b>(books: &'b Books, turn: &Turn<'_>) -> Result<MutexGuard<'b, Desk>> {
    let mut desk = books.settled()?;
    let Posted { number, .. } = books::posted(&desk.conn)?;
    if turn.last() > number {
        desk.post(&turn.after(number)?)?;
    }
    Ok(desk)
}

/// Runs a use case in a transaction of its own, and notes whom it changes.
pub(super) fn transact<T, E: From<Error>>(
    conn: &mut Connection,
    change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
    changed: &mut Vec<UserId>,
) -> Result<T, E> {
    let open = Open::begin(conn)?;
    let before = open.0.total_changes();
    let answer = now(change(&mut Tx(view(open.0, Onto::Books(changed)))))?;
    if open.0.total_changes() > before {
        books::count_change(open.0)?;
    }
    open.commit()?;
    Ok(answer)
}

pub(super) fn view<'c>(conn: &'c mut Connection, onto: Onto<'c>) -> Snapshot<'c> {
    Snapshot { session: snapshot::Session::Sqlite(Session { conn, onto }) }
}

/// The output of a future that never waits, because nothing below it does.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a use case waited for something other than the database"),
    }
}
