//! Members see their earnings the moment they happen, over Socket.IO.
//!
//! A socket asks for a user's stream with `register`; from then on a task of
//! its own emits every line of that ledger, in order and without a gap, from
//! wherever the client says it left off. What a slow client has not taken stays
//! in the ledger, never in memory.

mod arguments;
mod messages;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use app::access::authenticate;
use app::{App, Caller, feed};
use domain::Timestamp;
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;

use self::arguments::Register;
use self::messages::{Joined, Refusal, Refused, Watching};
use self::streams::Streams;

/// The most bytes of one message from a client, by polling and by WebSocket.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Packets that wait for a slow client before it has to catch up from the ledger.
const PACKETS_WAITING_MAX: usize = 128;

/// What a client may send in the `auth` of its handshake.
#[derive(Deserialize)]
struct Handshake {
    token: Option<String>,
}

/// Who is at the other end of a socket, and until when we believe it.
#[derive(Clone, Copy, Debug)]
struct Session {
    caller: Caller,
    expires_at: Option<Timestamp>,
}

/// The Socket.IO server, to be put around everything that answers HTTP.
pub(crate) fn layer(app: Arc<App>) -> (SocketIoLayer, SocketIo) {
    let (layer, io) = SocketIo::builder()
        .with_state(app)
        .max_payload(MESSAGE_BYTES_MAX as u64)
        .ws_max_message_size(MESSAGE_BYTES_MAX)
        .ws_max_frame_size(MESSAGE_BYTES_MAX)
        .ws_read_buffer_size(1024)
        .max_buffer_size(PACKETS_WAITING_MAX)
        .build_layer();
    // Handlers are attached before the client hears that it is connected:
    // attached after it, they miss what an eager client sends first.
    io.ns("/", connected.with(admit));
    (layer, io)
}

/// Lets a client in. Without a token it may connect and send one with
/// `register`; with a bad token it is told so at once.
async fn admit(
    socket: SocketRef,
    TryData(handshake): TryData<Handshake>,
    State(app): State<Arc<App>>,
) -> Result<(), &'static str> {
    let token = handshake.ok().and_then(|handshake| handshake.token);
    let session = session(&app, token.as_deref()).await.map_err(|_| "unauthorized")?;
    socket.extensions.insert(session);
    socket.extensions.insert(Streams::default());
    socket.on("register", register);
    socket.on("watch", watch);
    socket.on_disconnect(async |socket: SocketRef| streams(&socket).end_all());
    Ok(())
}

async fn connected(socket: SocketRef, State(app): State<Arc<App>>) {
    end_when_expired(&socket, &app);
}

/// Joins a user's stream. There is always an answer: the acknowledgement where
/// the client asked for one, and an `error` event when the answer is no.
async fn register(
    socket: SocketRef,
    TryData(arguments): TryData<Register>,
    State(app): State<Arc<App>>,
    ack: AckSender,
) {
    match join(&socket, arguments.ok(), &app).await {
        Ok((stream, joined, caller)) => {
            // The answer goes first, then the stream it announces.
            drop(ack.send(&joined));
            let task = tokio::spawn(streams::run(socket.clone(), stream, caller));
            streams(&socket).begin(joined.user_id, task.abort_handle());
        }
        Err(refusal) => refuse(&socket, ack, refusal),
    }
}

async fn join(
    socket: &SocketRef,
    arguments: Option<Register>,
    app: &Arc<App>,
) -> Result<(feed::Stream, Joined, Caller), Refusal> {
    let Register { user, options } = arguments.ok_or(Refusal::InvalidArguments)?;
    let user = user.ok_or(Refusal::InvalidUserId)?;
    if let Some(token) = &options.token {
        socket.extensions.insert(session(app, Some(token)).await?);
        end_when_expired(socket, app);
    }
    let caller = current(socket).caller;
    if !streams(socket).has_room_for(user.get()) {
        return Err(Refusal::TooManyStreams);
    }
    let (stream, seq) = feed::follow(app, &caller, user, options.after).await?;
    Ok((stream, Joined { ok: true, user_id: user.get(), seq }, caller))
}

/// Sends every purchase to whoever may read all of them.
async fn watch(socket: SocketRef, State(app): State<Arc<App>>, ack: AckSender) {
    let watched = feed::follow_purchases(&app, &current(&socket).caller).await;
    let currency = app::plans::in_force(&app).await.map(|record| record.plan.currency);
    match (watched, currency) {
        (Ok(purchases), Ok(currency)) => {
            drop(ack.send(&Watching { ok: true }));
            let task = tokio::spawn(streams::run_purchases(socket.clone(), purchases, currency));
            streams(&socket).begin(streams::ALL_PURCHASES, task.abort_handle());
        }
        (Err(error), _) => refuse(&socket, ack, error.into()),
        (_, Err(_)) => refuse(&socket, ack, Refusal::Unavailable),
    }
}

fn refuse(socket: &SocketRef, ack: AckSender, refusal: Refusal) {
    let refused = Refused::new(refusal);
    // A client that is gone has no use for either.
    drop(socket.emit("error", &refused.error));
    drop(ack.send(&refused));
}

async fn session(app: &App, token: Option<&str>) -> Result<Session, Refusal> {
    let Some(token) = token else {
        return Ok(Session { caller: Caller::Anonymous, expires_at: None });
    };
    let (caller, expires_at) = authenticate(app, token).await?;
    Ok(Session { caller, expires_at })
}

fn current(socket: &SocketRef) -> Session {
    socket.extensions.get().unwrap_or(Session { caller: Caller::Anonymous, expires_at: None })
}

fn streams(socket: &SocketRef) -> Streams {
    socket.extensions.get().unwrap_or_default()
}

/// Closes the socket when its token expires, unless a later one came meanwhile.
fn end_when_expired(socket: &SocketRef, app: &Arc<App>) {
    let Some(expires_at) = current(socket).expires_at else { return };
    let left = u64::try_from(expires_at.millis() - app.now().millis()).unwrap_or(0);
    let socket = socket.clone();
    let task = tokio::spawn({
        let socket = socket.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(left)).await;
            drop(socket.disconnect());
        }
    });
    streams(&socket).expire_with(task.abort_handle());
}
