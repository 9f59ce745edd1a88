//! How this node is doing, for whoever watches it.

use crate::App;

/// What can be told at any moment without asking the database.
#[derive(Clone, Copy, Debug)]
pub struct Vitals {
    /// Purchases that wait to be recorded.
    pub waiting: usize,
    /// As many as may wait when they are sent one at a time.
    pub most_waiting: usize,
    /// How busy the database is.
    pub load: store::Load,
}

impl Vitals {
    /// How it is now.
    pub fn of(app: &App) -> Self {
        let (waiting, most_waiting) = app.recorder.waiting();
        Self { waiting, most_waiting, load: app.store.load() }
    }
}
