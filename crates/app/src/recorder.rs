//! Turns purchases that arrive one by one into transactions that hold many.
//!
//! While one commit runs, what arrives waits, and what waits becomes the next
//! transaction. Nobody ever waits for others to come, and a lone purchase is
//! recorded alone. Purchases that were sent together wait in the same queue, and
//! never fill it.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use store::Store;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;

use crate::Clock;
use crate::feed::Feed;
use crate::purchases::{Batch, NewPurchase, RecordError, Recorded, record_batch};

/// Purchases that may wait; one more is refused at once.
const QUEUE: usize = 4096;

/// Purchases in one transaction.
const BATCH: usize = 1024;

/// Purchases that were sent in bulk and may wait: while some are written others
/// wait, and half of the queue is left to those who send one at a time.
const BULK_QUEUE: usize = 2 * BATCH;

/// Transactions under way: while the callers of one are answered, the next is
/// written, and another one is ready.
const UNDER_WAY: usize = 3;

type Answer = Result<Recorded, RecordError>;

struct Waiting {
    purchase: NewPurchase,
    caller: oneshot::Sender<Answer>,
    /// Given back when it is taken.
    _room: Option<OwnedSemaphorePermit>,
}

/// Takes purchases and answers when they are on disk.
pub(crate) struct Recorder {
    queue: Arc<Queue>,
    room_for_bulk: Arc<Semaphore>,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Recorder {
    pub(crate) fn start(store: Arc<Store>, clock: Arc<dyn Clock>, feed: Arc<Feed>) -> Self {
        let books = Arc::new(Books { store, clock, feed, queue: Arc::new(Queue::default()) });
        let tasks = (0..UNDER_WAY).map(|_| run(Arc::clone(&books))).collect();
        Self {
            queue: Arc::clone(&books.queue),
            room_for_bulk: Arc::new(Semaphore::new(BULK_QUEUE)),
            tasks: tokio::sync::Mutex::new(tasks),
        }
    }

    pub(crate) async fn record(&self, purchase: NewPurchase) -> Answer {
        let answered = self.queue.push(purchase, None)?;
        answered.await.unwrap_or(Err(RecordError::OutcomeUnknown))
    }

    /// Records purchases that were sent together, each as if it were alone, and
    /// answers in their order. Where there is no room, they wait for it.
    pub(crate) async fn record_bulk(&self, purchases: Vec<NewPurchase>) -> Vec<Answer> {
        let mut sent = Vec::with_capacity(purchases.len());
        for purchase in purchases {
            let room = Arc::clone(&self.room_for_bulk).acquire_owned().await.expect("it is never closed");
            sent.push(self.queue.push(purchase, Some(room)));
        }
        let mut answers = Vec::with_capacity(sent.len());
        for answered in sent {
            answers.push(match answered {
                Ok(answered) => answered.await.unwrap_or(Err(RecordError::OutcomeUnknown)),
                Err(refused) => Err(refused),
            });
        }
        answers
    }

    /// How many wait, and how many may.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        (self.queue.line().waiting.len(), QUEUE)
    }

    /// Takes nothing more, and returns when everything taken is recorded.
    pub(crate) async fn stop(&self) {
        self.queue.close();
        let mut tasks = self.tasks.lock().await;
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the recorder stopped early");
            }
        }
    }
}

/// Tasks without an owner would never end.
impl Drop for Recorder {
    fn drop(&mut self) {
        self.queue.close();
        self.tasks.get_mut().detach_all();
    }
}

/// Purchases that nobody has written yet, in the order in which they came.
#[derive(Default)]
struct Queue {
    line: Mutex<Line>,
    changed: Notify,
}

#[derive(Default)]
struct Line {
    waiting: VecDeque<Waiting>,
    /// How many were in the last transaction.
    last: usize,
    closed: bool,
}

/// The purchases of one transaction, and who waits for them.
struct Taken {
    purchases: Arc<[NewPurchase]>,
    callers: Mutex<VecDeque<oneshot::Sender<Answer>>>,
}

impl Queue {
    /// Puts a purchase at the end. Those that hold room of their own are always
    /// let in.
    fn push(
        &self,
        purchase: NewPurchase,
        room: Option<OwnedSemaphorePermit>,
    ) -> Result<oneshot::Receiver<Answer>, RecordError> {
        let mut line = self.line();
        if line.closed || (room.is_none() && line.waiting.len() >= QUEUE) {
            drop(line);
            metrics::counter!("banyan_queue_refusals_total").increment(1);
            return Err(RecordError::Overloaded);
        }
        let (caller, answered) = oneshot::channel();
        line.waiting.push_back(Waiting { purchase, caller, _room: room });
        drop(line);
        self.changed.notify_one();
        Ok(answered)
    }

    /// Waits until somebody waits: `false` when nobody ever will.
    async fn somebody_waits(&self) -> bool {
        loop {
            let changed = self.changed.notified();
            let (nobody, closed) = {
                let line = self.line();
                (line.waiting.is_empty(), line.closed)
            };
            match (nobody, closed) {
                (false, _) => return true,
                (true, true) => return false,
                (true, false) => changed.await,
            }
        }
    }

    fn take(&self) -> Taken {
        let mut line = self.line();
        let share = fair_share(line.waiting.len(), line.last).min(line.waiting.len());
        line.last = share;
        let taken = line.waiting.drain(..share);
        let (purchases, callers): (Vec<_>, _) = taken.map(|one| (one.purchase, one.caller)).unzip();
        Taken { purchases: purchases.into(), callers: Mutex::new(callers) }
    }

    /// Refuses all who wait for a database that is away. They have waited as
    /// long as those before them, and would do so once more.
    fn turn_away(&self) {
        let waiting = mem::take(&mut self.line().waiting);
        for Waiting { caller, .. } in waiting {
            let away = store::Error::Away("it was lost when others wrote".into());
            drop(caller.send(Err(away.into())));
        }
    }

    fn close(&self) {
        self.line().closed = true;
        self.changed.notify_waiters();
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of those who wait to take, when the last transaction had `last`.
///
/// Callers who send their next purchase when the last is answered fall into
/// step: all of them would be in one transaction, and nobody would have anything
/// to do meanwhile. Half of them are written while the other half reads its
/// answers and asks again.
fn fair_share(waiting: usize, last: usize) -> usize {
    (waiting + last).div_ceil(2).clamp(1, BATCH)
}

struct Books {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    feed: Arc<Feed>,
    queue: Arc<Queue>,
}

async fn run(books: Arc<Books>) {
    while books.queue.somebody_waits().await {
        books.record_some().await;
    }
}

impl Books {
    /// Records some of those who wait in as few transactions as it takes. When
    /// one fails, its halves are tried, so that what cannot be written fails alone.
    async fn record_some(&self) {
        let taken = Arc::new(OnceLock::new());
        let mut begun = Instant::now();
        let mut outcome = Some(self.transact_late(&taken).await);
        // It may have failed before it began.
        let taken = taken.get_or_init(|| self.queue.take());
        let mut callers = mem::take(&mut *taken.callers.lock().unwrap_or_else(PoisonError::into_inner));
        let mut parts = VecDeque::from([Arc::clone(&taken.purchases)]);
        while let Some(part) = parts.pop_front() {
            let outcome = if let Some(first) = outcome.take() {
                first
            } else {
                begun = Instant::now();
                self.transact(Arc::clone(&part)).await
            };
            count(part.len(), begun, &outcome);
            match outcome {
                Ok(batch) => {
                    for (answer, caller) in batch.answers.into_iter().zip(callers.drain(..part.len())) {
                        // Somebody who hung up finds her purchase when she retries.
                        drop(caller.send(answer));
                    }
                    self.feed.publish(batch.purchases, batch.lines);
                }
                // No part of it would fare better, and what may be done is not done twice.
                Err(error @ (store::Error::Busy | store::Error::Away(_) | store::Error::OutcomeUnknown)) => {
                    for caller in callers.drain(..part.len()) {
                        drop(caller.send(Err(told(&error))));
                    }
                    if !matches!(error, store::Error::Busy) {
                        self.queue.turn_away();
                    }
                }
                Err(error) if part.len() > 1 => {
                    tracing::warn!(%error, purchases = part.len(), "a batch failed, trying its halves");
                    let (left, right) = part.split_at(part.len() / 2);
                    parts.push_front(right.into());
                    parts.push_front(left.into());
                }
                Err(error) => {
                    if let Some(caller) = callers.pop_front() {
                        drop(caller.send(Err(error.into())));
                    }
                }
            }
        }
    }

    /// Takes who waits when the transaction begins, and not before: until then
    /// others may come.
    async fn transact_late(&self, taken: &Arc<OnceLock<Taken>>) -> store::Result<Batch> {
        let (taken, queue) = (Arc::clone(taken), Arc::clone(&self.queue));
        let clock = Arc::clone(&self.clock);
        self.store
            .record(async move |tx| {
                let purchases = &taken.get_or_init(|| queue.take()).purchases;
                record_batch(tx, clock.now(), purchases).await
            })
            .await
    }

    async fn transact(&self, purchases: Arc<[NewPurchase]>) -> store::Result<Batch> {
        let clock = Arc::clone(&self.clock);
        self.store.record(async move |tx| record_batch(tx, clock.now(), &purchases).await).await
    }
}

/// Counts what came of a transaction of so many purchases.
fn count(purchases: usize, begun: Instant, outcome: &store::Result<Batch>) {
    let reason = match outcome {
        Ok(_) => {
            let purchases = u16::try_from(purchases).unwrap_or(u16::MAX);
            metrics::histogram!("banyan_batch_purchases").record(purchases);
            metrics::histogram!("banyan_batch_duration_seconds").record(begun.elapsed());
            return;
        }
        Err(store::Error::Busy) => "busy",
        Err(store::Error::Away(_)) => "away",
        Err(store::Error::OutcomeUnknown) => "outcome_unknown",
        Err(_) if purchases > 1 => "split",
        Err(_) => "failed",
    };
    metrics::counter!("banyan_batch_failures_total", "reason" => reason).increment(1);
}

/// What each caller is told of an error that concerns them all.
fn told(error: &store::Error) -> RecordError {
    match error {
        store::Error::OutcomeUnknown => RecordError::OutcomeUnknown,
        store::Error::Away(why) => store::Error::Away(why.clone()).into(),
        _ => RecordError::Overloaded,
    }
}
