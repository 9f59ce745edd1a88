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

use app::access::{AuthError, authenticate};
use app::{App, Caller, feed};
use domain::Timestamp;
use serde::Deserialize;
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, SocketRef, State, TryData};
use socketioxide::handler::ConnectHandler;
use socketioxide::layer::SocketIoLayer;
use tokio::time::sleep;

use self::arguments::Register;
use self::messages::{Joined, Refusal, Refused, Watching};
use self::streams::Streams;

/// The most bytes of one message from a client, by polling and by WebSocket.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// Packets that wait for a slow client before it has to catch up from the ledger.
const PACKETS_WAITING_MAX: usize = 128;

/// How often the API key of an open socket is looked at again.
const KEY_CHECK_EVERY: Duration = Duration::from_secs(2);

/// What a client may send in the `auth` of its handshake.
#[derive(Deserialize)]
struct Handshake {
    token: Option<String>,
}

/// Who is at the other end of a socket, and until when we believe it.
#[derive(Clone, Debug)]
struct Session {
    caller: Caller,
    credential: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Session {
    const ANONYMOUS: Self = Self { caller: Caller::Anonymous, credential: None, expires_at: None };
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
    let session = session(&app, token).await.map_err(|_| "unauthorized")?;
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
            // Never two streams of one user; the answer goes before the new one.
            streams(&socket).end(joined.user_id);
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
    if let Some(token) = options.token {
        let session = session(app, Some(token)).await?;
        if session.caller != current(socket).caller {
            streams(socket).start_over();
        }
        socket.extensions.insert(session);
        end_when_expired(socket, app);
    }
    let caller = current(socket).caller;
    if !streams(socket).has_room_for(user.get()) {
        return Err(Refusal::TooManyStreams);
    }
    let (stream, seq) = feed::follow(app, &caller, user, options.after).await?;
    Ok((stream, Joined { ok: true, user_id: user.get(), seq }, caller))
}

/// Sends every purchase recorded on this node to whoever may read all of them.
async fn watch(socket: SocketRef, State(app): State<Arc<App>>, ack: AckSender) {
    let watched = feed::follow_purchases(&app, &current(&socket).caller);
    let currency = app::programme::plan(&app).await.map(|(_, plan)| plan.currency);
    match (watched, currency) {
        (Ok(purchases), Ok(currency)) => {
            drop(ack.send(&Watching { ok: true }));
            let task = tokio::spawn(streams::run_purchases(socket.clone(), purchases, currency));
            streams(&socket).begin(streams::ALL_PURCHASES, task.abort_handle());
        }
        (Err(denied), _) => refuse(&socket, ack, denied.into()),
        (_, Err(_)) => refuse(&socket, ack, Refusal::Unavailable),
    }
}

fn refuse(socket: &SocketRef, ack: AckSender, refusal: Refusal) {
    let refused = Refused::new(refusal);
    // A client that is gone has no use for either.
    drop(socket.emit("error", &refused.error));
    drop(ack.send(&refused));
}

async fn session(app: &App, token: Option<String>) -> Result<Session, Refusal> {
    let Some(token) = token else { return Ok(Session::ANONYMOUS) };
    let (caller, expires_at) = authenticate(app, &token).await?;
    Ok(Session { caller, credential: Some(token), expires_at })
}

fn current(socket: &SocketRef) -> Session {
    socket.extensions.get().unwrap_or(Session::ANONYMOUS)
}

fn streams(socket: &SocketRef) -> Streams {
    socket.extensions.get().unwrap_or_default()
}

/// Closes the socket when its credential opens nothing any more. A token says
/// until when; an API key can be revoked at any time and is looked at again.
fn end_when_expired(socket: &SocketRef, app: &Arc<App>) {
    let Session { credential: Some(credential), expires_at, .. } = current(socket) else { return };
    let (app, ended) = (Arc::clone(app), socket.clone());
    let task = tokio::spawn(async move {
        match expires_at {
            Some(at) => {
                let left = u64::try_from(at.millis() - app.now().millis()).unwrap_or(0);
                sleep(Duration::from_millis(left)).await;
            }
            None => {
                while !matches!(authenticate(&app, &credential).await, Err(AuthError::Invalid)) {
                    sleep(KEY_CHECK_EVERY).await;
                }
            }
        }
        streams::close(ended).await;
    });
    streams(socket).expire_with(task.abort_handle());
}
