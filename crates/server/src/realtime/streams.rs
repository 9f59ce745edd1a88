//! The tasks that feed one socket.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::Caller;
use app::feed::{CommittedPurchase, Stream};
use domain::Currency;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::messages::{EntryEvent, event};
use crate::api::PurchaseRow;

/// Users that one socket may follow.
const STREAMS_MAX: usize = 100;

/// How long to wait before a full socket is tried again.
const FULL_SOCKET_PAUSE: Duration = Duration::from_millis(10);

/// How long to wait before a ledger that could not be read is tried again.
const LEDGER_PAUSE: Duration = Duration::from_secs(1);

/// The key of the stream of all purchases, among user ids.
pub(super) const ALL_PURCHASES: i64 = 0;

/// The streams of one socket, by user. A second `register` for the same user
/// replaces the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Streams(Arc<Mutex<Tasks>>);

#[derive(Debug, Default)]
struct Tasks {
    streams: HashMap<i64, AbortHandle>,
    expiry: Option<AbortHandle>,
    /// The client is gone; what begins now ends at once.
    ended: bool,
}

impl Streams {
    pub(super) fn has_room_for(&self, user: i64) -> bool {
        let tasks = self.lock();
        tasks.streams.contains_key(&user) || tasks.streams.len() < STREAMS_MAX
    }

    pub(super) fn begin(&self, user: i64, task: AbortHandle) {
        let mut tasks = self.lock();
        if tasks.ended {
            return task.abort();
        }
        if let Some(replaced) = tasks.streams.insert(user, task) {
            replaced.abort();
        }
    }

    pub(super) fn expire_with(&self, task: AbortHandle) {
        let mut tasks = self.lock();
        if tasks.ended {
            return task.abort();
        }
        if let Some(replaced) = tasks.expiry.replace(task) {
            replaced.abort();
        }
    }

    /// Ends the stream of this user, if there is one.
    pub(super) fn end(&self, user: i64) {
        if let Some(replaced) = self.lock().streams.remove(&user) {
            replaced.abort();
        }
    }

    /// Ends everything that an earlier credential has opened.
    pub(super) fn start_over(&self) {
        let mut tasks = self.lock();
        tasks.expiry.take().into_iter().for_each(|task| task.abort());
        tasks.streams.drain().for_each(|(_, task)| task.abort());
    }

    /// Ends everything, because the client is gone.
    pub(super) fn end_all(&self) {
        self.lock().ended = true;
        self.start_over();
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Emits every line of one ledger until the socket is gone.
pub(super) async fn run(socket: SocketRef, mut stream: Stream, caller: Caller) {
    loop {
        match stream.next().await {
            Ok(line) => {
                let payload = EntryEvent::new(&line, &caller);
                if emit(&socket, event(line.entry.kind), &payload).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::error!(%error, "a stream cannot read its ledger");
                sleep(LEDGER_PAUSE).await;
            }
        }
    }
}

/// Emits purchases as they are recorded; a slow client misses some.
pub(super) async fn run_purchases(
    socket: SocketRef,
    mut purchases: broadcast::Receiver<CommittedPurchase>,
    currency: Currency,
) {
    loop {
        match purchases.recv().await {
            Ok(committed) => {
                let (purchase, buyer) = &*committed;
                let row = PurchaseRow::new(purchase, buyer, currency);
                if let Err(SendError::Socket(SocketError::Closed)) = socket.emit("purchase", &row) {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// The client is gone.
struct Gone;

/// Emits when there is room. A client that takes nothing keeps its place until
/// its heartbeat fails; what it has not taken waits in the ledger, not here.
async fn emit(socket: &SocketRef, event: &str, payload: &impl Serialize) -> Result<(), Gone> {
    loop {
        match socket.emit(event, payload) {
            Ok(()) => return Ok(()),
            Err(SendError::Socket(SocketError::InternalChannelFull)) => sleep(FULL_SOCKET_PAUSE).await,
            Err(_) => return Err(Gone),
        }
    }
}

/// Closes the socket, as soon as there is room for the message that says so.
pub(super) async fn close(socket: SocketRef) {
    while let Err(SocketError::InternalChannelFull) = socket.clone().disconnect() {
        sleep(FULL_SOCKET_PAUSE).await;
    }
}
