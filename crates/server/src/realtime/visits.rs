//! Who is connected, at the transport: how many, from where, and how each is closed.
//!
//! The library closes a session by a packet, for which there must be room in its
//! queue, and a packet that is never sent closes nothing. So everything is closed
//! from outside here: a WebSocket by cutting its connection, a session by polling
//! by the client's own way to say good-bye, which waits for nobody.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use socketioxide::TransportType;
use socketioxide::extract::SocketRef;
use socketioxide::service::SocketIoService;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;

use crate::connection::Line;
use crate::measured::Counted;
use crate::proxies::Client;

/// Sockets from one address, whoever they are.
const FROM_ONE_ADDRESS_MAX: usize = 10_000;

/// Sockets from one address that have sent no good token: handshakes under way, and
/// pages that nobody has signed in to. Some 30 KB each.
const STRANGERS_FROM_ONE_ADDRESS_MAX: usize = 1_000;

/// The same from everywhere. Past that, whoever has been a stranger for longest goes.
const STRANGERS_MAX: usize = 2_000;

/// Packets of ours that may wait for the next poll. python-engineio hangs up on an
/// answer of more than 16; the rest are the protocol's own.
const POLLED_PACKETS_MAX: usize = 12;

/// How often somebody who waits for room looks whether it is a WebSocket by now.
const UPGRADE_LOOK_EVERY: Duration = Duration::from_millis(50);

/// How long a client may take nothing before it is closed. It loses nothing by it:
/// when it comes back it says where it left off.
pub(super) const NO_PROGRESS: Duration = Duration::from_secs(10);

/// The library's part, with nothing behind it.
pub(super) type Engine = SocketIoService<Router>;

/// Why nobody is let in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Crowded {
    /// Too many sockets from this address.
    Address,
    /// Too many of those have sent no token.
    Strangers,
}

impl Crowded {
    /// What it is called where it is counted.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Address => "too_many_sockets",
            Self::Strangers => "too_many_strangers",
        }
    }
}

/// The sessions of the transport.
pub(crate) struct Visits {
    engine: Engine,
    book: Mutex<Book>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Book {
    next: u64,
    all: BTreeMap<u64, Weak<Visit>>,
    strangers: BTreeMap<u64, (Weak<Visit>, Counted)>,
    by_sid: HashMap<String, Weak<Visit>>,
    addresses: HashMap<Client, Counts>,
}

#[derive(Default)]
struct Counts {
    open: usize,
    strangers: usize,
}

impl Visits {
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine, book: Mutex::default(), closed: AtomicBool::default() }
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine.clone()
    }

    /// Lets somebody in, or says why not. It is a stranger's visit until she sends a
    /// good token, and ends when nobody holds it any more.
    pub(super) fn begin(self: &Arc<Self>, from: Client) -> Result<Arc<Visit>, Crowded> {
        let (visit, longest) = {
            let mut book = self.book();
            let counts = book.addresses.entry(from).or_default();
            if counts.open >= FROM_ONE_ADDRESS_MAX {
                return Err(Crowded::Address);
            }
            if counts.strangers >= STRANGERS_FROM_ONE_ADDRESS_MAX {
                return Err(Crowded::Strangers);
            }
            counts.open += 1;
            counts.strangers += 1;
            book.next += 1;
            let visit = Arc::new(Visit::new(book.next, from, Arc::clone(self)));
            book.all.insert(visit.number, Arc::downgrade(&visit));
            book.strangers.insert(visit.number, stranger(&visit));
            let crowded = book.strangers.len() > STRANGERS_MAX;
            let longest =
                crowded.then(|| book.strangers.values().find_map(|(visit, _)| visit.upgrade())).flatten();
            (visit, longest)
        };
        if let Some(longest) = longest {
            longest.send_off();
        }
        Ok(visit)
    }

    /// The visit whose session has this id.
    pub(super) fn of(&self, sid: &str) -> Option<Arc<Visit>> {
        self.book().by_sid.get(sid).and_then(Weak::upgrade)
    }

    /// Closes all of them, so that each client comes back by itself.
    pub(crate) fn close_all(&self) {
        self.closed.store(true, Ordering::Relaxed);
        let all: Vec<_> = self.book().all.values().filter_map(Weak::upgrade).collect();
        for visit in all {
            visit.close();
        }
    }

    /// Whether nobody is let in any more.
    pub(super) fn are_over(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One session of the transport, from its handshake on.
pub(super) struct Visit {
    number: u64,
    from: Client,
    visits: Arc<Visits>,
    /// What its polls call it; a WebSocket from the start has no need of one.
    sid: OnceLock<String>,
    /// The connection of its WebSocket.
    line: Mutex<Option<Arc<Line>>>,
    /// A place for each packet that may wait for the next poll.
    places: Semaphore,
    /// What the client called its last poll, and what that was answered with.
    answer: Mutex<Option<(String, Bytes)>>,
    /// Whether it has to go to make room for others.
    sent_off: AtomicBool,
    /// Whether there is a socket that can be told why.
    joined: AtomicBool,
    _counted: Counted,
}

/// Counted for as long as it is one.
fn stranger(visit: &Arc<Visit>) -> (Weak<Visit>, Counted) {
    (Arc::downgrade(visit), Counted::among(metrics::gauge!("banyan_sockets_unknown")))
}

/// The client is gone, or takes nothing.
pub(super) struct Gone;

impl Visit {
    fn new(number: u64, from: Client, visits: Arc<Visits>) -> Self {
        Self {
            number,
            from,
            visits,
            sid: OnceLock::new(),
            line: Mutex::default(),
            places: Semaphore::new(POLLED_PACKETS_MAX),
            answer: Mutex::default(),
            sent_off: AtomicBool::default(),
            joined: AtomicBool::default(),
            _counted: Counted::among(metrics::gauge!("banyan_sockets")),
        }
    }

    /// Takes note of what its polls call it.
    pub(super) fn is_called(self: &Arc<Self>, sid: &str) {
        if self.sid.set(sid.to_owned()).is_ok() {
            self.visits.book().by_sid.insert(sid.to_owned(), Arc::downgrade(self));
        }
        // It may have been closed in the moment before.
        if self.is_sent_off() || self.visits.are_over() {
            self.close();
        }
    }

    /// Takes note of the connection of its WebSocket.
    pub(super) fn is_on(&self, line: &Arc<Line>) {
        line.wait_at_most(NO_PROGRESS);
        *self.line() = Some(Arc::clone(line));
    }

    /// Takes note that there is a socket on it.
    pub(super) fn has_joined(&self) {
        self.joined.store(true, Ordering::Relaxed);
    }

    /// Whether it has to make room for others.
    pub(super) fn is_sent_off(&self) -> bool {
        self.sent_off.load(Ordering::Relaxed)
    }

    /// It has sent a good token.
    pub(super) fn is_known(&self) {
        let mut book = self.visits.book();
        if book.strangers.remove(&self.number).is_some()
            && let Some(counts) = book.addresses.get_mut(&self.from)
        {
            counts.strangers -= 1;
        }
    }

    /// None of its tokens is good any more.
    pub(super) fn is_unknown(self: &Arc<Self>) {
        let mut book = self.visits.book();
        if book.strangers.insert(self.number, stranger(self)).is_none()
            && let Some(counts) = book.addresses.get_mut(&self.from)
        {
            counts.strangers += 1;
        }
    }

    /// Waits until one more packet can be sent, which is at once unless it polls.
    pub(super) async fn place(&self, socket: &SocketRef) -> Result<(), Gone> {
        if socket.transport_type() == TransportType::Polling {
            // On the heap: every stream would be larger by it, and few need it.
            Box::pin(self.place_in_poll(socket)).await?;
        }
        Ok(())
    }

    async fn place_in_poll(&self, socket: &SocketRef) -> Result<(), Gone> {
        let patience_ends = Instant::now() + NO_PROGRESS;
        while socket.transport_type() == TransportType::Polling {
            match timeout(UPGRADE_LOOK_EVERY, self.places.acquire()).await {
                Ok(Ok(place)) => {
                    place.forget();
                    return Ok(());
                }
                Ok(Err(_)) | Err(_) if Instant::now() < patience_ends && socket.connected() => {}
                Ok(Err(_)) | Err(_) => return Err(Gone),
            }
        }
        Ok(())
    }

    /// Takes a place where there is one just now.
    pub(super) fn place_now(&self, socket: &SocketRef) -> Result<(), Gone> {
        if socket.transport_type() == TransportType::Polling {
            self.places.try_acquire().map_err(|_| Gone)?.forget();
        }
        Ok(())
    }

    /// The answer to the last poll, if it is asked again. Browsers and HTTP libraries do
    /// that by themselves when a connection that was kept open breaks, and tell nobody:
    /// what the first answer held would be lost. Clients give each poll another number.
    pub(super) fn answer_to(&self, number: &str) -> Option<Bytes> {
        let kept = self.answer.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(last, _)| last == number).map(|(_, answer)| answer.clone())
    }

    /// Keeps the answer to a poll until the next one. A poll without a number cannot be
    /// told from another.
    pub(super) fn has_answered(&self, number: &str, answer: &Bytes) {
        let kept = (!number.is_empty()).then(|| (number.to_owned(), answer.clone()));
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    /// Takes note that a poll was answered with so many packets of ours.
    pub(super) fn polled(&self, packets: usize) {
        let taken = POLLED_PACKETS_MAX.saturating_sub(self.places.available_permits());
        self.places.add_permits(packets.min(taken));
    }

    /// Makes room for others, and tells the client why where it can be told.
    fn send_off(self: Arc<Self>) {
        self.is_known();
        self.sent_off.store(true, Ordering::Relaxed);
        if !self.joined.load(Ordering::Relaxed) {
            self.close();
        }
    }

    /// Closes it at the transport, whatever it is in the middle of.
    pub(super) fn close(&self) {
        if let Some(line) = &*self.line() {
            line.cut();
        }
        let Some(sid) = self.sid.get() else { return };
        // Of no effect once it is a WebSocket.
        let address = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
        let good_bye =
            Request::post(address).body(Body::from("1")).expect("an address of digits and letters");
        tokio::spawn(self.visits.engine().oneshot(good_bye));
    }

    fn line(&self) -> MutexGuard<'_, Option<Arc<Line>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut book = self.visits.book();
        let stranger = book.strangers.remove(&self.number).is_some();
        book.all.remove(&self.number);
        if let Some(sid) = self.sid.get() {
            book.by_sid.remove(sid);
        }
        if let Some(counts) = book.addresses.get_mut(&self.from) {
            counts.open -= 1;
            counts.strangers -= usize::from(stranger);
            if counts.open == 0 {
                book.addresses.remove(&self.from);
            }
        }
    }
}
