//! Folding the log back into the database, beside the writer.
//!
//! A checkpoint copies thousands of pages and syncs them. Done by the writer,
//! as SQLite does by default, it would hold up whoever waits for a commit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::connect;
use crate::{Error, Result};

/// Pages in the log from which on it is folded: 64 MB of them. A page that was
/// written many times meanwhile is copied once.
const FOLD_AT: i32 = 32_000;

const FOLD: &str = "pragma wal_checkpoint(passive)";

/// Waits for those who still read from the log, so that it can begin anew.
const RESTART: &str = "pragma wal_checkpoint(restart)";

/// The writer's side of it.
pub(super) struct Log {
    rest: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Log {
    /// Has the log of these writers folded by a thread of its own.
    pub(super) fn fold_beside(writers: [&mut Connection; 2], path: &Path) -> Result<Self> {
        let rest = Arc::new(AtomicBool::new(false));
        let (wake, woken) = sync_channel(1);
        for writer in writers {
            writer.wal_hook(Some(tell_when_long(wake.clone())))?;
        }
        drop(wake);
        let (conn, told) = (connect::writer(path)?, Arc::clone(&rest));
        let thread =
            thread::Builder::new().name("checkpoint".into()).spawn(move || fold(&conn, &woken, &told));
        let thread = thread.map_err(|source| Error::Directory { path: path.to_owned(), source })?;
        Ok(Self { rest, thread })
    }

    /// Closes the writers and ends the thread. Whichever lets go last folds all.
    pub(super) fn close(self, writers: [Connection; 2]) {
        drop(writers);
        if self.thread.join().is_err() {
            tracing::error!("the thread that folds the log panicked");
        }
    }

    /// Between two transactions: folds what little was written since the thread
    /// was done, and has the log begin anew. The clerk reads from it nearly always
    /// under load, though never for long; without waiting for him it would grow.
    pub(super) fn finish(&self, writer: &mut Connection) {
        if self.rest.swap(false, Ordering::Relaxed)
            && let Err(error) = connect::briefly(writer, |writer| checkpoint(writer, RESTART))
        {
            tracing::warn!(%error, "the log could not begin anew; it is tried again");
        }
    }
}

fn tell_when_long(
    wake: SyncSender<()>,
) -> impl FnMut(&mut rusqlite::hooks::Wal, i32) -> rusqlite::Result<()> {
    move |_, pages| {
        if pages >= FOLD_AT {
            // Full means that it is told already.
            let _told = wake.try_send(());
        }
        Ok(())
    }
}

fn fold(conn: &Connection, woken: &Receiver<()>, rest: &AtomicBool) {
    for () in woken {
        // What is written during the first pass is folded by the second.
        checkpoint(conn, FOLD);
        checkpoint(conn, FOLD);
        rest.store(true, Ordering::Relaxed);
    }
}

fn checkpoint(conn: &Connection, how: &str) {
    let folded = conn.prepare_cached(how).and_then(|mut fold| fold.query_row([], |_| Ok(())));
    if let Err(error) = folded {
        tracing::warn!(%error, "the log could not be folded into the database; it is tried again");
    }
}
