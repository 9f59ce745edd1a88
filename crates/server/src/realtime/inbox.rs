//! What a client sends, in the order in which it came.
//!
//! The library begins a task for each message, which then race each other, without
//! end. Here a message waits for those before it, and there are only so many.

use std::convert::Infallible;
use std::sync::Arc;

use app::App;
use socketioxide::adapter::LocalAdapter;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::handler::{FromMessageParts, MessageHandler, Value};
use socketioxide::socket::Socket;

use super::arguments::Register;
use super::client::{Client, Posted};
use super::messages::Refusal;
use crate::measured::Counted;

/// A message that waits for its turn.
pub(super) struct Message {
    pub(super) what: What,
    pub(super) ack: AckSender,
    pub(super) _counted: Counted,
}

/// What a client asks for.
pub(super) enum What {
    /// The stream of a user; nothing where the arguments cannot be read.
    Register(Option<Register>),
    /// All purchases.
    Watch,
}

/// Takes `register` from a socket.
pub(super) struct TakesRegister(pub(super) Arc<App>, pub(super) Arc<Client>);

/// Takes `watch` from a socket.
pub(super) struct TakesWatch(pub(super) Arc<App>, pub(super) Arc<Client>);

/// The library tells its handlers apart by a type.
pub(super) struct InOrder;

impl MessageHandler<LocalAdapter, InOrder> for TakesRegister {
    fn call(&self, socket: Arc<Socket>, mut sent: Value, ack: Option<i64>) {
        if size(&sent) > super::MESSAGE_BYTES_MAX {
            return self.1.end(&socket.into(), Refusal::MessageTooLarge);
        }
        let Ok(TryData(arguments)) = TryData::<Register>::from_message_parts(&socket, &mut sent, &ack);
        let what = What::Register(arguments.ok().filter(Register::is_of_some_size));
        post(&self.0, &self.1, &socket, what, ack);
    }
}

impl MessageHandler<LocalAdapter, InOrder> for TakesWatch {
    fn call(&self, socket: Arc<Socket>, _: Value, ack: Option<i64>) {
        post(&self.0, &self.1, &socket, What::Watch, ack);
    }
}

/// A request by polling may hold many messages, and be longer than any of them may.
fn size(sent: &Value) -> usize {
    match sent {
        Value::Str(text, _) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

fn post(app: &Arc<App>, client: &Arc<Client>, socket: &Arc<Socket>, what: What, ack: Option<i64>) {
    let mut nothing = Value::Str("[]".into(), None);
    let ack: Result<AckSender, Infallible> = AckSender::from_message_parts(socket, &mut nothing, &ack);
    let (Ok(ack), socket) = (ack, SocketRef::from(Arc::clone(socket)));
    let counted = Counted::among(metrics::gauge!("banyan_socket_messages_waiting"));
    match client.post(Message { what, ack, _counted: counted }) {
        Posted::Behind => {}
        Posted::Refused => client.end(&socket, Refusal::TooManyMessages),
        Posted::First => {
            let (app, client) = (Arc::clone(app), Arc::clone(client));
            tokio::spawn(async move { super::answer_all(&app, &client, &socket).await });
        }
    }
}
