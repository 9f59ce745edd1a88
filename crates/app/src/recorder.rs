//! Turns purchases that arrive one by one into transactions that hold many.
//!
//! While one commit runs, what arrives waits, and what waits becomes the next
//! transaction. Nobody ever waits for others to come, and a lone purchase is
//! recorded alone. Purchases that were sent together wait in the same queue, and
//! never fill it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use store::Store;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

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

type Answer = Result<Recorded, RecordError>;

struct Waiting {
    purchase: NewPurchase,
    caller: Sender,
}

/// Who is to be answered.
enum Sender {
    /// Somebody who sent this purchase alone.
    Single(oneshot::Sender<Answer>),
    /// Somebody who sent others with it, and is answered in their order.
    Bulk { caller: mpsc::UnboundedSender<Answer>, _room: OwnedSemaphorePermit },
}

impl Sender {
    /// Somebody who hung up finds her purchase when she retries.
    fn answer(self, answer: Answer) {
        match self {
            Self::Single(caller) => drop(caller.send(answer)),
            Self::Bulk { caller, .. } => drop(caller.send(answer)),
        }
    }
}

/// Takes purchases and answers when they are on disk.
pub(crate) struct Recorder {
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    room_for_bulk: Arc<Semaphore>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Recorder {
    pub(crate) fn start(store: Arc<Store>, clock: Arc<dyn Clock>, feed: Arc<Feed>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(Books { store, clock, feed }, waiting));
        Self {
            queue: Mutex::new(Some(queue)),
            room_for_bulk: Arc::new(Semaphore::new(BULK_QUEUE)),
            task: tokio::sync::Mutex::new(Some(task)),
        }
    }

    pub(crate) async fn record(&self, purchase: NewPurchase) -> Answer {
        let (caller, answered) = oneshot::channel();
        let queue = self.queue().ok_or(RecordError::Overloaded)?;
        let waiting = Waiting { purchase, caller: Sender::Single(caller) };
        queue.try_send(waiting).map_err(|_| RecordError::Overloaded)?;
        drop(queue);
        answered.await.unwrap_or(Err(RecordError::OutcomeUnknown))
    }

    /// Records purchases that were sent together, each as if it were alone, and
    /// answers in their order. Where there is no room, they wait for it.
    pub(crate) async fn record_bulk(&self, purchases: Vec<NewPurchase>) -> Vec<Answer> {
        let (count, mut sent) = (purchases.len(), 0);
        let (caller, mut answered) = mpsc::unbounded_channel();
        for purchase in purchases {
            let room = Arc::clone(&self.room_for_bulk).acquire_owned().await.expect("it is never closed");
            let Some(queue) = self.queue() else { break };
            let caller = Sender::Bulk { caller: caller.clone(), _room: room };
            if queue.send(Waiting { purchase, caller }).await.is_err() {
                break;
            }
            sent += 1;
        }
        drop(caller);
        let mut answers = Vec::with_capacity(count);
        while let Some(answer) = answered.recv().await {
            answers.push(answer);
        }
        // The recorder answers in the order of its queue until it ends.
        answers.resize_with(sent, || Err(RecordError::OutcomeUnknown));
        answers.resize_with(count, || Err(RecordError::Overloaded));
        answers
    }

    fn queue(&self) -> Option<mpsc::Sender<Waiting>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes nothing more, and returns when everything taken is recorded.
    pub(crate) async fn stop(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(task) = self.task.lock().await.take()
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the recorder stopped early");
        }
    }
}

struct Books {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    feed: Arc<Feed>,
}

async fn run(books: Books, mut queue: mpsc::Receiver<Waiting>) {
    let mut taken = Vec::with_capacity(BATCH);
    let mut last = 0;
    while queue.recv_many(&mut taken, fair_share(queue.len(), last)).await > 0 {
        last = taken.len();
        let (purchases, callers): (Vec<_>, Vec<_>) = taken.drain(..).map(|w| (w.purchase, w.caller)).unzip();
        books.record_all(purchases.into(), callers.into()).await;
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

impl Books {
    /// Records the purchases in as few transactions as it takes. When one
    /// fails, its halves are tried, so that what cannot be written fails alone.
    async fn record_all(&self, purchases: Arc<[NewPurchase]>, mut callers: VecDeque<Sender>) {
        let mut parts = VecDeque::from([purchases]);
        while let Some(part) = parts.pop_front() {
            match self.transact(Arc::clone(&part)).await {
                Ok(batch) => {
                    for (answer, caller) in batch.answers.into_iter().zip(callers.drain(..part.len())) {
                        caller.answer(answer);
                    }
                    self.feed.publish(batch.purchases, batch.lines);
                }
                // Another process holds the database: no part of it would fare better.
                Err(store::Error::Busy) => {
                    for caller in callers.drain(..part.len()) {
                        caller.answer(Err(RecordError::Overloaded));
                    }
                }
                Err(error) if part.len() > 1 => {
                    tracing::warn!(%error, purchases = part.len(), "a batch failed, trying its halves");
                    let (left, right) = part.split_at(part.len() / 2);
                    parts.push_front(right.into());
                    parts.push_front(left.into());
                }
                Err(error) => {
                    let caller = callers.pop_front().expect("one caller for each purchase");
                    caller.answer(Err(error.into()));
                }
            }
        }
    }

    async fn transact(&self, purchases: Arc<[NewPurchase]>) -> store::Result<Batch> {
        let clock = Arc::clone(&self.clock);
        self.store.write(async move |tx| record_batch(tx, clock.now(), &purchases).await).await
    }
}
