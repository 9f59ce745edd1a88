//! What has ended before its time: sessions that were signed out, and keys that
//! were revoked.
//!
//! It is kept in memory, so that a request costs no look, and read again whenever
//! another process has written.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{SessionId, Timestamp};
use store::Store;

use super::Ttl;

/// How far back to look for what others have ended, in milliseconds: far more than
/// their clocks can be behind.
const LOOK_BACK_MS: i64 = 10 * 60 * 1_000;

/// Sessions that are remembered before those are forgotten whose tokens have
/// expired, whatever they were.
const SESSIONS_KEPT: usize = 10_000;

/// What opens nothing any more.
#[derive(Debug, Default)]
pub(crate) struct Ended(Mutex<Known>);

/// Each with the time at which it was heard of.
#[derive(Debug, Default)]
struct Known {
    sessions: HashMap<SessionId, Timestamp>,
    keys: HashMap<i64, Timestamp>,
    /// Whether all that had ended when this process began is among it.
    complete: bool,
}

impl Ended {
    /// Looks what others have ended.
    pub(crate) async fn look(&self, store: &Store, now: Timestamp) -> Result<(), store::Error> {
        let since =
            if self.is_complete() { now.plus_millis(-LOOK_BACK_MS) } else { Timestamp::from_millis(0) };
        let (sessions, keys) = store
            .read_beside_sales(async move |view| {
                Ok::<_, store::Error>((
                    view.sessions_ended_since(since).await?,
                    view.keys_revoked_since(since).await?,
                ))
            })
            .await?;
        let mut known = self.known();
        known.complete = true;
        known.sessions.extend(sessions.into_iter().map(|session| (session, now)));
        known.keys.extend(keys.into_iter().map(|key| (key, now)));
        if known.sessions.len() > SESSIONS_KEPT {
            let expired = now.plus_millis(-Ttl::LONGEST.seconds() * 1_000);
            known.sessions.retain(|_, heard| *heard > expired);
        }
        Ok(())
    }

    /// Whether all was looked at once.
    pub(crate) fn is_complete(&self) -> bool {
        self.known().complete
    }

    /// Takes note of sessions that this process has ended.
    pub(crate) fn note_sessions(&self, sessions: &[SessionId], now: Timestamp) {
        self.known().sessions.extend(sessions.iter().map(|session| (*session, now)));
    }

    /// Takes note of a key that this process has revoked.
    pub(crate) fn note_key(&self, key: i64, now: Timestamp) {
        self.known().keys.insert(key, now);
    }

    pub(crate) fn has_session(&self, session: SessionId) -> bool {
        self.known().sessions.contains_key(&session)
    }

    pub(crate) fn has_key(&self, key: i64) -> bool {
        self.known().keys.contains_key(&key)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
