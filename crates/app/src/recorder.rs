//! Turns purchases that arrive one by one into transactions that hold many.
//!
//! While one commit runs, what arrives waits, and what waits becomes the next
//! transaction. Nobody ever waits for others to come, and a lone purchase is
//! recorded alone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use store::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::Clock;
use crate::feed::Feed;
use crate::purchases::{Batch, NewPurchase, RecordError, Recorded, record_batch};

/// Purchases that may wait; one more is refused at once.
const QUEUE: usize = 4096;

/// Purchases in one transaction.
const BATCH: usize = 1024;

type Answer = Result<Recorded, RecordError>;

struct Waiting {
    purchase: NewPurchase,
    caller: oneshot::Sender<Answer>,
}

/// Takes purchases and answers when they are on disk.
pub(crate) struct Recorder {
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Recorder {
    pub(crate) fn start(store: Arc<Store>, clock: Arc<dyn Clock>, feed: Arc<Feed>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(Books { store, clock, feed }, waiting));
        Self { queue: Mutex::new(Some(queue)), task: tokio::sync::Mutex::new(Some(task)) }
    }

    pub(crate) async fn record(&self, purchase: NewPurchase) -> Answer {
        let (caller, answered) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(RecordError::Overloaded)?;
        queue.try_send(Waiting { purchase, caller }).map_err(|_| RecordError::Overloaded)?;
        drop(queue);
        answered.await.unwrap_or(Err(RecordError::OutcomeUnknown))
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
    async fn record_all(
        &self,
        purchases: Arc<[NewPurchase]>,
        mut callers: VecDeque<oneshot::Sender<Answer>>,
    ) {
        let mut parts = VecDeque::from([purchases]);
        while let Some(part) = parts.pop_front() {
            match self.transact(Arc::clone(&part)).await {
                Ok(batch) => {
                    for (answer, caller) in batch.answers.into_iter().zip(callers.drain(..part.len())) {
                        // A caller who hung up finds her purchase when she retries.
                        drop(caller.send(answer));
                    }
                    self.feed.publish(batch.purchases, batch.lines);
                }
                // Another process holds the database: no part of it would fare better.
                Err(store::Error::Busy) => {
                    for caller in callers.drain(..part.len()) {
                        drop(caller.send(Err(RecordError::Overloaded)));
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
                    drop(caller.send(Err(error.into())));
                }
            }
        }
    }

    async fn transact(&self, purchases: Arc<[NewPurchase]>) -> store::Result<Batch> {
        let clock = Arc::clone(&self.clock);
        self.store.write(async move |tx| record_batch(tx, clock.now(), &purchases).await).await
    }
}
