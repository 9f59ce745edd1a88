//! A list of lines that may be very long: its beginning, and how many there are.

use super::sheet::LineError;

/// Lines that are described; more are only counted.
const DESCRIBED: usize = 100;

/// What was found in some lines.
#[derive(Default)]
pub(super) struct Listed {
    /// The first hundred, in the order of their lines.
    pub(super) first: Vec<LineError>,
    /// How many there are.
    pub(super) count: u64,
}

impl Listed {
    /// Adds what was found in the lines that come next.
    pub(super) fn add(&mut self, mut found: Vec<LineError>) {
        found.sort_by_key(|error| error.line);
        self.count += u64::try_from(found.len()).unwrap_or(u64::MAX);
        found.truncate(DESCRIBED - self.first.len());
        self.first.append(&mut found);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many are not described.
    pub(super) fn more(&self) -> u64 {
        self.count.saturating_sub(u64::try_from(self.first.len()).unwrap_or(u64::MAX))
    }
}
