//! What is kept of one socket: what it holds to be known by, its streams, and what
//! it has sent and is not done yet.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::App;
use app::access::Credential;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::inbox::Message;
use super::messages::{Refusal, Refused};
use super::streams::FULL_SOCKET_PAUSE;
use super::visits::Visit;
use crate::measured::Counted;

/// Users that one socket may follow.
const STREAMS_MAX: usize = 100;

/// Messages that may wait for those before them: a page may ask for all of its
/// streams in one go.
const MESSAGES_WAITING_MAX: usize = 128;

/// How long a client that was told good-bye may take to go by itself.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// The key of the stream of all purchases, among user ids.
pub(super) const ALL_PURCHASES: i64 = 0;

/// One socket.
pub(super) struct Client {
    pub(super) visit: Arc<Visit>,
    state: Mutex<Kept>,
}

struct Kept {
    /// What it has sent last to be known by.
    credential: Credential,
    /// By user. Most have one, and a map is larger than its content.
    streams: HashMap<i64, Box<Follow>>,
    messages: VecDeque<Message>,
    /// Whether somebody is working through the messages.
    working: bool,
    /// The client is gone, or was told good-bye.
    ended: bool,
}

/// A stream, and what opened it.
struct Follow {
    task: JoinHandle<()>,
    _counted: Counted,
    credential: Credential,
    position: Arc<AtomicI64>,
}

/// Whether somebody has to begin to work through the messages.
pub(super) enum Posted {
    First,
    Behind,
    /// There are too many.
    Refused,
}

impl Client {
    pub(super) fn new(visit: Arc<Visit>, credential: Credential) -> Self {
        visit.has_joined();
        let client = Self {
            visit,
            state: Mutex::new(Kept {
                credential: Credential::NONE,
                streams: HashMap::new(),
                messages: VecDeque::new(),
                working: false,
                ended: false,
            }),
        };
        client.knows(credential);
        client
    }

    /// What it has sent last to be known by.
    pub(super) fn credential(&self) -> Credential {
        self.kept().credential
    }

    /// It is known by this from now on.
    pub(super) fn knows(&self, credential: Credential) {
        if credential != Credential::NONE {
            self.visit.is_known();
        }
        self.kept().credential = credential;
    }

    pub(super) fn has_room_for(&self, user: i64) -> bool {
        let kept = self.kept();
        kept.streams.contains_key(&user) || kept.streams.len() < STREAMS_MAX
    }

    /// Puts a message behind those that wait.
    pub(super) fn post(&self, message: Message) -> Posted {
        let mut kept = self.kept();
        if kept.ended || kept.messages.len() >= MESSAGES_WAITING_MAX {
            return Posted::Refused;
        }
        kept.messages.push_back(message);
        if std::mem::replace(&mut kept.working, true) { Posted::Behind } else { Posted::First }
    }

    /// The message that has waited longest; with `None` the work is done.
    pub(super) fn next_message(&self) -> Option<Message> {
        let mut kept = self.kept();
        let next = kept.messages.pop_front();
        kept.working = next.is_some();
        if !kept.working {
            // Most never send anything again.
            kept.messages = VecDeque::new();
        }
        next
    }

    /// Ends a stream and answers what its client has of it.
    pub(super) async fn stop(&self, user: i64) -> Option<i64> {
        let Follow { task, position, .. } = *self.kept().streams.remove(&user)?;
        task.abort();
        // It may be in the middle of a line, which is then counted.
        drop(task.await);
        Some(position.load(Ordering::Acquire))
    }

    /// Keeps a stream that has begun, in the place of one for the same user.
    pub(super) fn begin(
        &self,
        user: i64,
        credential: Credential,
        position: Arc<AtomicI64>,
        task: JoinHandle<()>,
    ) {
        let mut kept = self.kept();
        if kept.ended {
            return task.abort();
        }
        let counted = Counted::among(metrics::gauge!("banyan_socket_streams"));
        let follow = Box::new(Follow { task, _counted: counted, credential, position });
        if let Some(replaced) = kept.streams.insert(user, follow) {
            replaced.task.abort();
        }
    }

    /// Ends what was opened by what opens nothing any more, and the socket with the last
    /// of it.
    pub(super) fn end_what_is_over(&self, socket: &SocketRef, app: &App) {
        if self.visit.is_sent_off() {
            return self.end(socket, Refusal::TooManySockets);
        }
        let (over, is_known) = {
            let mut kept = self.kept();
            let was_known = kept.credential != Credential::NONE;
            if kept.credential.is_over(app) {
                kept.credential = Credential::NONE;
            }
            let over: Vec<i64> = kept
                .streams
                .extract_if(|_, stream| stream.credential.is_over(app))
                .map(|(user, stream)| {
                    stream.task.abort();
                    user
                })
                .collect();
            let is_known = kept.credential != Credential::NONE || !kept.streams.is_empty();
            if over.is_empty() && (is_known || !was_known) {
                return;
            }
            (over, is_known)
        };
        if !is_known {
            return self.end(socket, Refusal::Unauthorized);
        }
        let (socket, visit) = (socket.clone(), Arc::clone(&self.visit));
        tokio::spawn(async move {
            for user in over {
                if visit.place(&socket).await.is_err() {
                    return visit.close();
                }
                drop(socket.emit("error", &Refused::ended(user).error));
            }
        });
    }

    /// Says why and good-bye, and closes the socket at the transport if the client
    /// does not.
    pub(super) fn end(&self, socket: &SocketRef, why: Refusal) {
        if !self.end_all() {
            return;
        }
        super::count_refusal(why.code());
        let (socket, visit) = (socket.clone(), Arc::clone(&self.visit));
        tokio::spawn(async move {
            say(&socket, why).await;
            if why == Refusal::TooManyMessages {
                // What it goes on sending is read and dropped meanwhile: a connection that is
                // closed before all of it was read takes the last words along.
                sleep(GOOD_BYE).await;
            }
            drop(socket.disconnect());
            sleep(GOOD_BYE).await;
            visit.close();
        });
    }

    /// Ends every stream, and answers whether that is news.
    pub(super) fn end_all(&self) -> bool {
        let mut kept = self.kept();
        kept.messages.clear();
        kept.streams.drain().for_each(|(_, stream)| stream.task.abort());
        kept.credential = Credential::NONE;
        !std::mem::replace(&mut kept.ended, true)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells a client why, as soon as there is room for it, if there is in time.
async fn say(socket: &SocketRef, why: Refusal) {
    let patience_ends = Instant::now() + GOOD_BYE;
    let refused = Refused::new(why);
    while let Err(SendError::Socket(SocketError::InternalChannelFull)) = socket.emit("error", &refused.error)
        && Instant::now() < patience_ends
    {
        sleep(FULL_SOCKET_PAUSE).await;
    }
}
