//! A body on its way in. When it is refused, or not looked at, the rest of it is
//! taken in and thrown away, up to a limit: a client that is still sending does not
//! read, and whoever is cut off while she sends never hears why.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::runtime::Handle;

use crate::proxies::Client;

/// How long the rest of a body is waited for.
const REST_TIME_MAX: Duration = Duration::from_secs(5);

/// The most bytes of such rests from one address at once.
const REST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A body on its way in.
pub(super) struct Arriving {
    body: Body,
    from: Client,
    stage: Stage,
    unread: Unread,
}

/// How far a body has come.
#[derive(PartialEq, Eq)]
pub(super) enum Stage {
    /// The client sends it when she is told that it is wanted.
    WaitsToBeAsked,
    Comes,
    IsOver,
}

impl Arriving {
    pub(super) fn new(body: Body, from: Client, stage: Stage, unread: &Unread) -> Self {
        Self { body, from, stage, unread: unread.clone() }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let over = matches!(polled, Poll::Ready(None | Some(Err(_))));
        self.stage = if over { Stage::IsOver } else { Stage::Comes };
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let more_comes = self.stage == Stage::Comes && !self.body.is_end_stream();
        if more_comes && let Ok(runtime) = Handle::try_current() {
            let rest = std::mem::take(&mut self.body);
            runtime.spawn(self.unread.clone().take_in(rest, self.from));
        }
    }
}

/// The bytes that nobody reads, by the address that is sending them now.
#[derive(Clone, Default)]
pub(super) struct Unread(Arc<Mutex<HashMap<Client, usize>>>);

impl Unread {
    async fn take_in(self, mut rest: Body, from: Client) {
        let mut share = Share { unread: self, from, bytes: 0 };
        let all = async {
            while let Some(Ok(frame)) = rest.frame().await {
                if !share.takes(frame.data_ref().map_or(0, Bytes::len)) {
                    break;
                }
            }
        };
        drop(tokio::time::timeout(REST_TIME_MAX, all).await);
    }

    fn book(&self) -> MutexGuard<'_, HashMap<Client, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one rest takes of what its address may send.
struct Share {
    unread: Unread,
    from: Client,
    bytes: usize,
}

impl Share {
    /// Takes note of so many bytes, and answers whether there may be more.
    fn takes(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let mut book = self.unread.book();
        let all = book.entry(self.from).or_default();
        *all += bytes;
        *all <= REST_BYTES_MAX
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut book = self.unread.book();
        let all = book.get_mut(&self.from).map(|all| {
            *all -= self.bytes;
            *all
        });
        if all == Some(0) {
            book.remove(&self.from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(unread: &Unread, last: u8) -> Share {
        Share { unread: unread.clone(), from: Client([203, 0, 113, last].into()), bytes: 0 }
    }

    #[test]
    fn what_is_taken_in_is_counted_by_address_for_as_long_as_it_comes() {
        let unread = Unread::default();
        let (mut one, mut another) = (share(&unread, 1), share(&unread, 1));
        assert!(one.takes(REST_BYTES_MAX - 1) && another.takes(1));
        assert!(!one.takes(1) && !another.takes(1), "two at once have no more than one");
        assert!(share(&unread, 2).takes(REST_BYTES_MAX), "and take nothing from others");
        drop(one);
        assert!(another.takes(1), "what has ended is over");
        drop(another);
        assert!(unread.book().is_empty());
    }
}
