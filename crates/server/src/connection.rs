//! The connections that clients open.
//!
//! Each can be cut from outside, whatever it is in the middle of, and cuts itself
//! when the client takes nothing for too long: nothing above it has to be able to
//! send anything for that.

mod unreadable;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

use crate::shortage::Shortage;

/// How long a client may take nothing of an answer. A download over a bad line
/// stands still for longer than one thinks.
const ANSWER_STALLED: Duration = Duration::from_mins(1);

/// How long nobody is let in after somebody could not be.
const SHORT_FOR: Duration = Duration::from_secs(1);

/// Takes connections, and keeps a hold on each.
pub(crate) struct Connections {
    listener: TcpListener,
    shortage: Shortage,
}

impl Connections {
    pub(crate) fn new(listener: TcpListener, shortage: Shortage) -> Self {
        Self { listener, shortage }
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = loop {
            match self.listener.accept().await {
                Ok(accepted) => break accepted,
                Err(error) if is_of_one_client(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "nobody can connect; see how many files a process may have open");
                    self.shortage.notice(&error);
                    tokio::time::sleep(SHORT_FOR).await;
                }
            }
        };
        // Without this, small answers wait for the client's acknowledgement of
        // earlier ones: 40 ms on Linux.
        drop(stream.set_nodelay(true));
        (Connection { stream, line: Arc::default(), stalled: None, in_our_words: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Whether it was the client who went away, so that the next may come at once.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Who is at the other end of the connection that a request came by.
#[derive(Clone, Debug)]
pub struct Remote {
    pub(crate) address: SocketAddr,
    pub(crate) line: Arc<Line>,
}

/// Somebody at this address, for requests that came by no connection.
impl From<SocketAddr> for Remote {
    fn from(address: SocketAddr) -> Self {
        Self { address, line: Arc::default() }
    }
}

impl Connected<IncomingStream<'_, Connections>> for Remote {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self { address: *stream.remote_addr(), line: Arc::clone(&stream.io().line) }
    }
}

/// A hold on a connection.
#[derive(Debug)]
pub(crate) struct Line {
    cut: AtomicBool,
    patience_ms: AtomicU64,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Default for Line {
    fn default() -> Self {
        let line = Self {
            cut: AtomicBool::default(),
            patience_ms: AtomicU64::default(),
            reader: AtomicWaker::new(),
            writer: AtomicWaker::new(),
        };
        line.wait_at_most(ANSWER_STALLED);
        line
    }
}

impl Line {
    /// Cuts the connection: whoever reads or writes fails from now on.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Release);
        self.reader.wake();
        self.writer.wake();
    }

    /// How long the client may take nothing from now on.
    pub(crate) fn wait_at_most(&self, patience: Duration) {
        let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.patience_ms.store(millis, Ordering::Relaxed);
    }

    fn check(&self) -> io::Result<()> {
        if self.cut.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

/// A connection that can be cut.
pub(crate) struct Connection {
    stream: TcpStream,
    line: Arc<Line>,
    /// Until when the client has to take something of what waits for it.
    stalled: Option<Pin<Box<Sleep>>>,
    /// What goes out instead of what is being written.
    in_our_words: Option<Vec<u8>>,
}

impl Connection {
    /// What a write came to, unless the connection is cut or stands still for too long.
    fn written(&mut self, wrote: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if wrote.is_ready() {
            self.stalled = None;
            return wrote;
        }
        self.line.writer.register(cx.waker());
        self.line.check()?;
        let patience = Duration::from_millis(self.line.patience_ms.load(Ordering::Relaxed));
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        if stalled.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        // Whoever waits to read would wait on.
        self.line.cut();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Connection {
    /// Writes what goes out instead of these bytes, if anything does; then they are written.
    fn write_in_our_words(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        while let Some(rest) = self.in_our_words.as_mut().filter(|rest| !rest.is_empty()) {
            let wrote = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            rest.drain(..wrote);
        }
        self.in_our_words = None;
        Poll::Ready(Ok(bytes.len()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.line.check()?;
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_pending() {
            self.line.reader.register(cx.waker());
            self.line.check()?;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.line.check()?;
        if self.in_our_words.is_none() {
            self.in_our_words = unreadable::in_our_words(bytes);
        }
        let wrote = match self.in_our_words {
            Some(_) => self.write_in_our_words(cx, bytes),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        };
        self.written(wrote, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // An answer without a body comes in one piece.
        if let [all] = bytes {
            return self.poll_write(cx, all);
        }
        self.line.check()?;
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.written(wrote, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let mut listener = Connections::new(listener, Shortage::default());
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let ((connection, _), client) = tokio::join!(listener.accept(), client);
        (connection, client.unwrap())
    }

    /// Writes until nothing more goes out, and answers how that ended.
    async fn fill(connection: &mut Connection) -> io::ErrorKind {
        let bytes = vec![0; 1 << 20];
        loop {
            if let Err(error) = connection.write_all(&bytes).await {
                return error.kind();
            }
        }
    }

    #[tokio::test]
    async fn a_connection_whose_client_takes_nothing_cuts_itself() {
        let (mut connection, _client) = pair().await;
        connection.line.wait_at_most(Duration::from_millis(100));
        let filled = tokio::time::timeout(Duration::from_secs(10), fill(&mut connection)).await;
        assert_eq!(filled.unwrap(), io::ErrorKind::TimedOut);
        let read = connection.read(&mut [0]).await;
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionAborted, "and nobody reads on");
    }

    #[tokio::test]
    async fn whoever_waits_on_a_connection_that_is_cut_is_woken() {
        let (mut connection, _client) = pair().await;
        let line = Arc::clone(&connection.line);
        let reading = tokio::spawn(async move { connection.read(&mut [0]).await.unwrap_err().kind() });
        let (mut full, _other) = pair().await;
        let full_line = Arc::clone(&full.line);
        let writing = tokio::spawn(async move { fill(&mut full).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        line.cut();
        full_line.cut();
        let ends =
            tokio::time::timeout(Duration::from_secs(10), async { (reading.await, writing.await) }).await;
        let (read, wrote) = ends.unwrap();
        let aborted = io::ErrorKind::ConnectionAborted;
        assert_eq!((read.unwrap(), wrote.unwrap()), (aborted, aborted));
    }
}
