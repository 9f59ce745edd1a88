//! How far something long has come, for somebody who watches.

use std::io::{IsTerminal, Write};

/// A line on the terminal that is written over; nothing where there is none.
pub(crate) struct Progress {
    what: &'static str,
    shown: Option<u64>,
    watched: bool,
}

impl Progress {
    /// Something that is about to begin.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, shown: None, watched: std::io::stderr().is_terminal() }
    }

    /// So much of so much is done.
    pub(crate) fn show(&mut self, done: u64, all: u64) {
        let percent = (done * 100).checked_div(all).unwrap_or(100).min(100);
        if self.watched && self.shown.replace(percent) != Some(percent) {
            let bar = "#".repeat(usize::try_from(percent / 4).unwrap_or_default());
            // Nobody is worse off when it cannot be shown.
            drop(write!(std::io::stderr(), "\r{:<12} [{bar:<25}] {percent:>3} %", self.what));
        }
    }
}

/// Leaves the terminal as it was.
impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() && self.watched {
            drop(write!(std::io::stderr(), "\r{:60}\r", ""));
        }
    }
}
