//! Whether nobody could connect: the process has as many files open as it may, and
//! a connection is a file.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long it is told. Nobody can ask while it lasts, except by a connection that
/// was there before.
const TOLD_FOR: Duration = Duration::from_hours(1);

/// The last time that a connection could not be taken, and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shortage(Arc<Mutex<Option<(Instant, String)>>>);

impl Shortage {
    /// Notes that one could not be taken just now.
    pub(crate) fn notice(&self, error: &io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), error.to_string()));
    }

    /// What there is to tell of the last hour.
    pub(crate) fn told(&self) -> Option<String> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = last.as_ref().filter(|(at, _)| at.elapsed() < TOLD_FOR)?;
        Some(format!("{} s ago nobody could connect: {error}; allow more open files", at.elapsed().as_secs()))
    }
}
