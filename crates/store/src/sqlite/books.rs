//! The books, and the thread that posts the journal to them.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::UserId;
use rusqlite::{Connection, Row};
use tokio::sync::watch;

use super::checkpoint::Log;
use super::journal::Written;
use super::readers::Readers;
use super::rows::Rows;
use super::transaction::Open;
use super::{clerk, connect};
use crate::{Error, Result, Tx};

pub(super) const POSTED: &str = "select number, changes from posted";
pub(super) const SET_POSTED: &str = "update posted set number = ?1";
pub(super) const COUNT_CHANGE: &str = "update posted set changes = changes + 1";

/// Sales that are worth a transaction of their own. The more, the more of them
/// share a page.
const RUN: RangeInclusive<usize> = 2_048..=16_384;

/// How long it may take, for whoever reads waits for it: where members are many
/// and pages seldom shared, it is a shorter one.
const RUN_TAKES: Duration = Duration::from_secs(1);

/// How long fewer may stay unposted while nobody wants to see them.
const LINGER: Duration = Duration::from_secs(1);

/// How long it waits after a failure before it tries again.
const PAUSE: Duration = Duration::from_millis(500);

/// The only connections of this process that write to the books, one at a time,
/// and what is to be posted to them.
pub(super) struct Books {
    desk: Mutex<Desk>,
    pile: Mutex<Pile>,
    piled: Condvar,
    /// The last batch that was written down by this process.
    written: AtomicI64,
    /// The last batch that was posted by it, and whether the next one failed.
    progress: watch::Sender<Progress>,
    outside_version: AtomicI64,
    on_disk: Arc<AtomicI64>,
}

/// The connections, and the log that they write.
pub(super) struct Desk {
    pub(super) conn: Connection,
    poster: Connection,
    log: Log,
    readers: Arc<Readers>,
    /// How often this process has changed the books. Batches that it has posted
    /// for another are not its own.
    pub(super) own: i64,
}

/// Batches that are not posted, oldest first.
struct Pile {
    batches: VecDeque<Written>,
    sales: usize,
    /// Sales from which on they are posted.
    run: usize,
    /// Somebody waits until all of it is posted.
    wanted: bool,
    closed: bool,
}

/// How many sales are written down and not posted, and how many make a run.
#[derive(Clone, Copy)]
pub(super) struct Backlog {
    pub(super) sales: usize,
    pub(super) run: usize,
}

#[derive(Clone, Copy, Default)]
struct Progress {
    posted: i64,
    failing: bool,
}

impl Books {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            on_disk: desk.log.on_disk(),
            desk: Mutex::new(desk),
            pile: Mutex::new(Pile {
                batches: VecDeque::new(),
                sales: 0,
                run: *RUN.end(),
                wanted: false,
                closed: false,
            }),
            piled: Condvar::new(),
            written: AtomicI64::new(0),
            progress: watch::Sender::default(),
            outside_version: AtomicI64::new(0),
        }
    }

    /// A number that changes when another process has written to the books. While
    /// this one writes, it is the one from before.
    pub(super) fn outside_version(&self) -> Result<i64> {
        if let Ok(desk) = self.desk.try_lock() {
            let Posted { number, changes } = posted(&desk.conn)?;
            self.outside_version.store(number + changes - desk.own, Ordering::Relaxed);
        }
        Ok(self.outside_version.load(Ordering::Relaxed))
    }

    /// Takes a batch that was written down.
    pub(super) fn pile(&self, batch: Written) {
        self.written.store(batch.number, Ordering::Release);
        let mut pile = self.waiting();
        pile.sales += batch.sales;
        pile.batches.push_back(batch);
        let enough = pile.sales >= pile.run;
        drop(pile);
        if enough {
            self.piled.notify_one();
        }
    }

    /// The last batch that is in the books on disk: a posting alone is not synced,
    /// for the journal holds what it has posted.
    pub(super) fn on_disk(&self) -> i64 {
        self.on_disk.load(Ordering::Acquire)
    }

    pub(super) fn backlog(&self) -> Backlog {
        let Pile { sales, run, .. } = *self.waiting();
        Backlog { sales, run }
    }

    /// The connection, when everything that this process wrote down is posted.
    pub(super) fn settled(&self) -> Result<MutexGuard<'_, Desk>> {
        let mut desk = self.desk();
        while self.post(&mut desk)? {}
        Ok(desk)
    }

    /// Waits until everything that was written down before this call is posted:
    /// `false` when it cannot be.
    pub(super) async fn caught_up(&self) -> bool {
        let written = self.written.load(Ordering::Acquire);
        if self.progress.borrow().posted >= written {
            return true;
        }
        let mut progress = self.progress.subscribe();
        self.waiting().wanted = true;
        self.piled.notify_one();
        let reached = progress.wait_for(|now| now.failing || now.posted >= written).await;
        reached.is_ok_and(|now| now.posted >= written)
    }

    /// Posts what is piled up, until [`Books::close`].
    pub(super) fn post_all(&self) {
        let mut wait = LINGER;
        while self.wait_for_a_run(wait) {
            let posted = self.post(&mut self.desk());
            wait = match posted {
                Ok(_) => LINGER,
                Err(error) => {
                    tracing::error!(%error, "sales are written down but cannot be posted; it is tried again");
                    self.progress.send_modify(|now| now.failing = true);
                    PAUSE
                }
            };
        }
    }

    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.piled.notify_all();
    }

    /// `false` when there is nothing more to come.
    fn wait_for_a_run(&self, longest: Duration) -> bool {
        let mut pile = self.waiting();
        while pile.batches.is_empty() && !pile.closed {
            pile = self.piled.wait(pile).unwrap_or_else(PoisonError::into_inner);
        }
        let wait = |pile: &mut Pile| !(pile.wanted || pile.closed || pile.sales >= pile.run);
        let waited = self.piled.wait_timeout_while(pile, longest, wait);
        !waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// Posts a run of what is piled up: `false` when there was nothing.
    fn post(&self, desk: &mut Desk) -> Result<bool> {
        let run: Vec<Written> = {
            let mut pile = self.waiting();
            pile.wanted = false;
            let (mut sales, most) = (0, pile.run);
            let more = |batch: &&Written| {
                let fits = sales < most;
                sales += batch.sales;
                fits
            };
            pile.batches.iter().take_while(more).cloned().collect()
        };
        let Some(last) = run.last() else { return Ok(false) };
        let begun = Instant::now();
        desk.own += desk.post(&run)?;
        let sales = run.iter().map(|batch| batch.sales).sum();
        let mut pile = self.waiting();
        pile.batches.drain(..run.len());
        pile.sales -= sales;
        if sales >= *RUN.start() {
            pile.run = in_time(sales, begun.elapsed());
        }
        // Whoever waits may wait for the rest.
        pile.wanted = !pile.batches.is_empty() && self.progress.receiver_count() > 0;
        drop(pile);
        self.progress.send_replace(Progress { posted: last.number, failing: false });
        Ok(true)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, Pile> {
        self.pile.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    pub(super) fn open(path: &Path, mut conn: Connection, readers: Arc<Readers>) -> Result<Self> {
        let mut poster = connect::poster(path)?;
        let log = Log::fold_beside([&mut conn, &mut poster], path)?;
        Ok(Self { conn, poster, log, readers, own: 0 })
    }

    /// Adds batches of the journal to the books in one transaction. Those that
    /// another process has posted are left out. Answers how many were added.
    pub(super) fn post(&mut self, batches: &[Written]) -> Result<i64> {
        let open = Open::begin(&mut self.poster)?;
        let Posted { number: before, .. } = posted(open.0)?;
        let mut number = before;
        let mut rows = Rows::default();
        for batch in batches.iter().filter(|batch| batch.number > number).collect::<Vec<_>>() {
            if batch.number != number + 1 {
                return Err(Error::inconsistent("journal", "number", batch.number));
            }
            rows.read(&batch.rows)?;
            number = batch.number;
        }
        rows.add(open.0)?;
        open.0.prepare_cached(SET_POSTED)?.execute([number])?;
        open.commit()?;
        self.rest();
        Ok(number - before)
    }

    /// Runs a use case in a transaction of its own, and notes whom it changes.
    pub(super) fn transact<T, E: From<Error>>(
        &mut self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
        changed: &mut Vec<UserId>,
    ) -> Result<T, E> {
        let before = self.conn.total_changes();
        let answer = clerk::transact(&mut self.conn, change, changed);
        self.own += i64::from(answer.is_ok() && self.conn.total_changes() > before);
        self.rest();
        answer
    }

    /// Between two transactions.
    fn rest(&mut self) {
        self.readers.changed();
        if self.log.was_folded() {
            self.readers.without_views(|| Log::begin_anew(&mut self.conn));
        }
    }
}

/// How many sales make a run when posting so many took so long.
fn in_time(sales: usize, took: Duration) -> usize {
    let run = RUN_TAKES.as_nanos() * sales as u128 / took.as_nanos().max(1);
    usize::try_from(run).map_or(*RUN.end(), |run| run.clamp(*RUN.start(), *RUN.end()))
}

/// How far the books have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posted {
    /// The last batch of the journal that is in them.
    pub(super) number: i64,
    /// How many transactions did anything else to them.
    pub(super) changes: i64,
}

pub(super) fn posted(conn: &Connection) -> Result<Posted> {
    let columns = |row: &Row<'_>| Ok(Posted { number: row.get(0)?, changes: row.get(1)? });
    Ok(conn.prepare_cached(POSTED)?.query_row([], columns)?)
}

/// Tells whoever remembers the books that this transaction changes them.
pub(super) fn count_change(conn: &Connection) -> Result<()> {
    conn.prepare_cached(COUNT_CHANGE)?.execute([])?;
    Ok(())
}

/// Closes the connection, when nobody else has the books any more.
pub(super) fn shut(books: Option<Arc<Books>>) {
    if let Some(books) = books.and_then(Arc::into_inner) {
        let desk = books.desk.into_inner().unwrap_or_else(PoisonError::into_inner);
        desk.log.close([desk.conn, desk.poster]);
    }
}
