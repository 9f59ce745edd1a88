//! Members see their earnings the moment they happen, over Socket.IO.
//!
//! A socket asks for a user's stream with `register`; from then on a task of
//! its own emits every line of that ledger, in order and without a gap, from
//! wherever the client says it left off. What a slow client has not taken stays
//! in the ledger, never in memory.
//!
//! A stream ends with the token or key that opened it, and a socket with the last
//! of those: somebody walks by all of them all the time and ends what is over.

mod arguments;
mod client;
mod door;
mod handshake;
mod inbox;
mod messages;
mod streams;
mod visits;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use app::access::{Credential, authenticate};
use app::{App, feed};
use axum::Router;
use axum::http::HeaderMap;
use serde_json::Value;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;

use self::arguments::Register;
use self::client::{ALL_PURCHASES, Client};
use self::handshake::Sent;
use self::inbox::{Message, TakesRegister, TakesWatch, What};
use self::messages::{Joined, Refusal, Refused, Watching};
use self::visits::{Gone, Visit};
use crate::cookie;

pub(crate) use self::visits::Visits;

/// The most bytes of one message from a client by WebSocket.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// The most bytes of a request or an answer by polling. What may wait for a poll at
/// all fits in one answer: the library forgets the rest when it upgrades.
const POLL_BYTES_MAX: u64 = 64 * 1024;

/// Packets that wait for a slow WebSocket before it has to catch up from the ledger.
const PACKETS_WAITING_MAX: usize = 128;

/// How long a session of the transport may be without a socket on it.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// How often to look what is over.
const WALK_EVERY: Duration = Duration::from_millis(250);

/// The Socket.IO server.
pub(crate) struct Realtime {
    io: SocketIo,
    app: Arc<App>,
    visits: Arc<Visits>,
}

impl Realtime {
    /// A server without anybody on it.
    pub(crate) fn new(app: Arc<App>) -> Self {
        let (engine, io) = SocketIo::builder()
            .with_state(Arc::clone(&app))
            .max_payload(POLL_BYTES_MAX)
            .ws_max_message_size(MESSAGE_BYTES_MAX)
            .ws_max_frame_size(MESSAGE_BYTES_MAX)
            .ws_read_buffer_size(1024)
            .max_buffer_size(PACKETS_WAITING_MAX)
            .connect_timeout(CONNECT_WITHIN)
            .build_with_inner_svc(Router::new());
        // Handlers are attached before the client hears that it is connected:
        // attached after it, they miss what an eager client sends first.
        io.ns("/", connected.with(admit));
        Self { io, app, visits: Arc::new(Visits::new(engine)) }
    }

    /// Its routes.
    pub(crate) fn routes(&self) -> Router {
        door::routes(Arc::clone(&self.visits))
    }

    /// Whoever is connected, to be closed when it stops.
    pub(crate) fn visits(&self) -> Arc<Visits> {
        Arc::clone(&self.visits)
    }

    /// Ends what is over, for ever.
    pub(crate) async fn walk(self) {
        let mut every = tokio::time::interval(WALK_EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            for socket in self.io.sockets() {
                if let Some(client) = client(&socket) {
                    client.end_what_is_over(&socket, &self.app);
                }
            }
        }
    }
}

/// Counts a handshake or a message that was refused, or a socket that was closed.
fn count_refusal(reason: &'static str) {
    tracing::debug!(reason, "a socket was refused");
    metrics::counter!("banyan_socket_refusals_total", "reason" => reason).increment(1);
}

async fn admit(
    socket: SocketRef,
    TryData(auth): TryData<Option<Value>>,
    State(app): State<Arc<App>>,
) -> Result<(), &'static str> {
    let admitted = let_in(socket, auth.ok().flatten(), app).await;
    // What follows the code is for people.
    admitted.inspect_err(|words| count_refusal(words.split_once(':').map_or(*words, |(code, _)| code)))
}

/// Lets a client in. Without a token it may connect and send one with
/// `register`; with a bad token it is told so at once.
async fn let_in(socket: SocketRef, auth: Option<Value>, app: Arc<App>) -> Result<(), &'static str> {
    let Some(visit) = socket.req_parts().extensions.get::<Arc<Visit>>().cloned() else {
        return Err("unavailable");
    };
    let credential = match handshake::sent(auth, socket.req_parts())? {
        Sent::Nothing => of_browser(&app, &socket.req_parts().headers).await,
        Sent::Token(token) => {
            authenticate(&app, &token).await.map_err(|error| Refusal::from(error).code())?
        }
    };
    let client = Arc::new(Client::new(visit, credential));
    socket.extensions.insert(Arc::clone(&client));
    socket.on("register", TakesRegister(Arc::clone(&app), Arc::clone(&client)));
    socket.on("watch", TakesWatch(app, Arc::clone(&client)));
    socket.on_disconnect(async move || {
        client.end_all();
        client.visit.is_unknown();
    });
    Ok(())
}

/// Who is signed in, in the browser whose page of ours connects.
async fn of_browser(app: &App, headers: &HeaderMap) -> Credential {
    match cookie::credential(headers).filter(|_| cookie::is_from_here(headers)) {
        Some(credential) => authenticate(app, credential).await.unwrap_or(Credential::NONE),
        None => Credential::NONE,
    }
}

async fn connected() {}

fn client(socket: &SocketRef) -> Option<Arc<Client>> {
    socket.extensions.get()
}

/// Answers everything that a client has sent, one after the other.
async fn answer_all(app: &Arc<App>, client: &Arc<Client>, socket: &SocketRef) {
    while let Some(Message { what, ack, .. }) = client.next_message() {
        let answered = match what {
            What::Register(arguments) => register(app, client, socket, arguments, ack).await,
            What::Watch => watch(app, client, socket, ack).await,
        };
        if answered.is_err() {
            client.visit.close();
        }
    }
}

/// Joins a user's stream. There is always an answer: the acknowledgement where
/// the client asked for one, and an `error` event when the answer is no.
async fn register(
    app: &Arc<App>,
    client: &Client,
    socket: &SocketRef,
    arguments: Option<Register>,
    ack: AckSender,
) -> Result<(), Gone> {
    match join(app, client, arguments).await {
        Ok(Opened { stream, joined, credential }) => {
            client.visit.place(socket).await?;
            // The answer goes first, then the stream it announces.
            drop(ack.send(&joined));
            let position = Arc::new(AtomicI64::new(stream.position()));
            let visit = Arc::clone(&client.visit);
            let run = streams::run(socket.clone(), visit, stream, Arc::clone(&position), credential.caller);
            client.begin(joined.user_id, credential, position, tokio::spawn(run));
            Ok(())
        }
        Err(refusal) => refuse(client, socket, ack, refusal).await,
    }
}

/// A stream that is about to begin, and what opened it.
struct Opened {
    stream: feed::Stream,
    joined: Joined,
    credential: Credential,
}

async fn join(app: &Arc<App>, client: &Client, arguments: Option<Register>) -> Result<Opened, Refusal> {
    let Register { user, options } = arguments.ok_or(Refusal::InvalidArguments)?;
    let user = user.ok_or(Refusal::InvalidUserId)?;
    let credential = match &options.token {
        Some(token) => authenticate(app, token).await?,
        None => client.credential(),
    };
    if credential.is_over(app) {
        return Err(Refusal::Unauthorized);
    }
    credential.caller.may_see(user)?;
    if !client.has_room_for(user.get()) {
        return Err(Refusal::TooManyStreams);
    }
    // Whoever asks again goes on where she was, unless she says otherwise.
    let position = client.stop(user.get()).await;
    let followed = feed::follow(app, &credential.caller, user, options.after.or(position)).await;
    if followed.is_err() && position.is_some() {
        // It had a stream, which is gone; it has to come back for it.
        client.visit.close();
    }
    let (stream, seq) = followed?;
    client.knows(credential);
    Ok(Opened { stream, joined: Joined { ok: true, user_id: user.get(), seq }, credential })
}

/// Sends every purchase to whoever may read all of them.
async fn watch(app: &Arc<App>, client: &Client, socket: &SocketRef, ack: AckSender) -> Result<(), Gone> {
    let credential = client.credential();
    if credential.is_over(app) {
        return refuse(client, socket, ack, Refusal::Unauthorized).await;
    }
    let watched = feed::follow_purchases(app, &credential.caller).await;
    let currency = app::plans::in_force(app).await.map(|record| record.plan.currency);
    match (watched, currency) {
        (Ok(purchases), Ok(currency)) => {
            client.visit.place(socket).await?;
            drop(ack.send(&Watching { ok: true }));
            let visit = Arc::clone(&client.visit);
            let run = streams::run_purchases(socket.clone(), visit, purchases, currency);
            client.begin(ALL_PURCHASES, credential, Arc::default(), tokio::spawn(run));
            Ok(())
        }
        (Err(error), _) => refuse(client, socket, ack, error.into()).await,
        (_, Err(_)) => refuse(client, socket, ack, Refusal::Unavailable).await,
    }
}

async fn refuse(client: &Client, socket: &SocketRef, ack: AckSender, refusal: Refusal) -> Result<(), Gone> {
    count_refusal(refusal.code());
    let refused = Refused::new(refusal);
    // A client that is gone has no use for either.
    client.visit.place(socket).await?;
    drop(socket.emit("error", &refused.error));
    client.visit.place(socket).await?;
    drop(ack.send(&refused));
    Ok(())
}
