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
use tokio::time::{Instant, sleep};

use super::messages::{EntryEvent, event};
use crate::api::PurchaseRow;

/// Users that one socket may follow.
const STREAMS_MAX: usize = 100;

/// How long a client may take nothing before it is disconnected. It loses
/// nothing by it: when it comes back it says where it left off.
const SLOW_SOCKET: Duration = Duration::from_secs(10);

/// How long to wait before a full socket is tried again.
const FULL_SOCKET_PAUSE: Duration = Duration::from_millis(10);

/// Lines sent in one go, well below what a socket's queue takes.
const REPLAY_BURST: i64 = 32;

/// How long the transport has to send them.
const REPLAY_PAUSE: Duration = Duration::from_millis(2);

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

    pub(super) fn end_all(&self) {
        let mut tasks = self.lock();
        tasks.ended = true;
        tasks.expiry.take().into_iter().for_each(|task| task.abort());
        tasks.streams.drain().for_each(|(_, task)| task.abort());
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Emits every line of one ledger until the socket is gone.
pub(super) async fn run(socket: SocketRef, mut stream: Stream, caller: Caller) {
    loop {
        let line = match stream.next().await {
            Ok(line) => line,
            Err(error) => {
                // The client comes back and goes on from what it has.
                tracing::error!(%error, "a stream cannot read its ledger");
                return disconnect(socket);
            }
        };
        let payload = EntryEvent::new(&line, &caller);
        if emit(&socket, event(line.entry.kind()), &payload).await.is_err() {
            return disconnect(socket);
        }
        // A long replay must not fill the socket's queue faster than it is sent.
        if line.entry.seq % REPLAY_BURST == 0 {
            sleep(REPLAY_PAUSE).await;
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
                let row = PurchaseRow::new(purchase, buyer.as_str(), currency);
                if let Err(SendError::Socket(SocketError::Closed)) = socket.emit("purchase", &row) {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// The client is gone, or takes nothing.
struct Gone;

async fn emit(socket: &SocketRef, event: &str, payload: &impl Serialize) -> Result<(), Gone> {
    let patience_ends = Instant::now() + SLOW_SOCKET;
    loop {
        match socket.emit(event, payload) {
            Ok(()) => return Ok(()),
            Err(SendError::Socket(SocketError::InternalChannelFull)) if Instant::now() < patience_ends => {
                sleep(FULL_SOCKET_PAUSE).await;
            }
            Err(_) => return Err(Gone),
        }
    }
}

fn disconnect(socket: SocketRef) {
    drop(socket.disconnect());
}
