//! As much of Socket.IO over WebSocket as it takes to join a stream and hear
//! its events: a task and a small buffer for each socket, because thousands of
//! them share the processor with what they measure.

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::Failure;

/// Bytes kept for what arrives; the longest message here has a few hundred.
const READ_BUFFER_BYTES: usize = 1024;

// What a text message of the protocol begins with.
const OPEN: &str = "0";
const PING: &str = "2";
const PONG: &str = "3";
const CONNECT: &str = "40";
const EVENT: &str = "42";
const ACK: &str = "43";

/// A socket that has joined a member's stream.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

/// The second part of `["new_earning", {…}]`.
#[derive(Deserialize)]
struct Earning {
    purchase_id: i64,
}

impl Socket {
    /// Connects and joins the stream of this member.
    pub(crate) async fn join(address: &str, token: &str, user: usize) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER_BYTES);
        let (stream, _) = client_async_with_config(url, stream, Some(config)).await?;
        let mut socket = Self(stream);
        socket.expect(OPEN).await?;
        socket.send(format!("{CONNECT}{}", json!({"token": token}))).await?;
        socket.expect(CONNECT).await?;
        // Asks for an acknowledgement, number 0.
        socket.send(format!("{EVENT}0{}", json!(["register", user]))).await?;
        let granted = socket.expect(ACK).await?;
        if granted.contains("\"ok\":true") { Ok(socket) } else { Err(granted.into()) }
    }

    /// The purchase of the next earning.
    pub(crate) async fn earning(&mut self) -> Result<i64, Failure> {
        let text = self.expect(EVENT).await?;
        let (_, earning): (String, Earning) = serde_json::from_str(&text[EVENT.len()..])?;
        Ok(earning.purchase_id)
    }

    /// The next message, which must begin like this; pings are answered.
    async fn expect(&mut self, beginning: &str) -> Result<String, Failure> {
        loop {
            let message = self.0.next().await.ok_or("the server closed a socket")??;
            let Message::Text(text) = message else { continue };
            match text.as_str() {
                PING => self.send(PONG.to_owned()).await?,
                text if text.starts_with(beginning) => return Ok(text.to_owned()),
                text => return Err(format!("a socket heard {text}").into()),
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Failure> {
        Ok(self.0.send(Message::Text(text.into())).await?)
    }
}
