//! The tasks that feed one socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::Caller;
use app::feed::{CommittedPurchase, Stream};
use domain::Currency;
use serde::Serialize;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};

use super::count_refusal;
use super::messages::{EntryEvent, event};
use super::visits::{Gone, NO_PROGRESS, Visit};
use crate::api::PurchaseRow;

/// How long to wait before a full socket is tried again.
pub(super) const FULL_SOCKET_PAUSE: Duration = Duration::from_millis(10);

/// Lines sent in one go, well below what a socket's queue takes.
const REPLAY_BURST: i64 = 32;

/// How long the transport has to send them.
const REPLAY_PAUSE: Duration = Duration::from_millis(2);

/// Emits every line of one ledger until the socket is gone, and keeps in mind which
/// was the last.
pub(super) async fn run(
    socket: SocketRef,
    visit: Arc<Visit>,
    mut stream: Stream,
    position: Arc<AtomicI64>,
    caller: Caller,
) {
    loop {
        let line = match stream.next().await {
            Ok(line) => line,
            Err(error) => {
                // The client comes back and goes on from what it has.
                tracing::error!(%error, "a stream cannot read its ledger");
                return visit.close();
            }
        };
        let payload = EntryEvent::new(&line, &caller);
        if emit(&socket, &visit, event(line.entry.kind()), &payload).await.is_err() {
            if socket.connected() {
                count_refusal("no_progress");
            }
            return visit.close();
        }
        position.store(line.entry.seq, Ordering::Release);
        // A long replay must not fill the socket's queue faster than it is sent.
        if line.entry.seq % REPLAY_BURST == 0 {
            sleep(REPLAY_PAUSE).await;
        }
    }
}

/// Emits purchases as they are recorded; a slow client misses some.
pub(super) async fn run_purchases(
    socket: SocketRef,
    visit: Arc<Visit>,
    mut purchases: broadcast::Receiver<CommittedPurchase>,
    currency: Currency,
) {
    loop {
        match purchases.recv().await {
            Ok(committed) => {
                let (purchase, buyer) = &*committed;
                let row = PurchaseRow::new(purchase, buyer.as_str(), currency);
                if visit.place_now(&socket).is_err() {
                    continue;
                }
                if let Err(SendError::Socket(SocketError::Closed)) = socket.emit("purchase", &row) {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Emits when there is room, which there must be in time. There is nothing to wait
/// for once it is emitted, so whoever ends the task finds it counted.
async fn emit(socket: &SocketRef, visit: &Visit, event: &str, payload: &impl Serialize) -> Result<(), Gone> {
    visit.place(socket).await?;
    let patience_ends = Instant::now() + NO_PROGRESS;
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
