//! Folding the log back into the database, beside the writer.
//!
//! A checkpoint copies thousands of pages and syncs them. Done by the writer,
//! as SQLite does by default, it would hold up whoever waits for a commit.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::{books, connect};
use crate::{Error, Result};

/// Pages in the log from which on it is folded, at the least and at the most: 128
/// and 512 MB of them. A page that was written many times meanwhile is copied
/// once, and neighbours are written together; but whoever looks for a page looks
/// through the log first, and who waits for the disk meanwhile waits for all of it.
const LEAST: i32 = 64_000;
const MOST: i32 = 256_000;

const PAGES: &str = "pragma page_count";
const FOLD: &str = "pragma wal_checkpoint(passive)";

/// Waits for those who still read from the log, so that it can begin anew.
const RESTART: &str = "pragma wal_checkpoint(restart)";

/// The writer's side of it.
pub(super) struct Log {
    folded: Arc<AtomicBool>,
    on_disk: Arc<AtomicI64>,
    thread: JoinHandle<()>,
}

impl Log {
    /// Has the log of these writers folded by a thread of its own.
    pub(super) fn fold_beside(writers: [&mut Connection; 2], path: &Path) -> Result<Self> {
        let folded = Arc::new(AtomicBool::new(false));
        let (wake, woken) = sync_channel(1);
        let conn = connect::writer(path)?;
        let fold_at = Arc::new(AtomicI32::new(long_beside(&conn)));
        for writer in writers {
            writer.wal_hook(Some(tell_when_long(wake.clone(), Arc::clone(&fold_at))))?;
        }
        drop(wake);
        let on_disk = Arc::new(AtomicI64::new(0));
        let (told, reached) = (Arc::clone(&folded), Arc::clone(&on_disk));
        let failed = |source| Error::Directory { path: path.to_owned(), source };
        let log = File::open(path.with_extension("db-wal")).map_err(failed)?;
        let fold = move || {
            for () in woken {
                fold(&conn, &log, &told, &reached);
                fold_at.store(long_beside(&conn), Ordering::Relaxed);
            }
        };
        let thread = thread::Builder::new().name("checkpoint".into()).spawn(fold).map_err(failed)?;
        Ok(Self { folded, on_disk, thread })
    }

    /// The last batch of the journal that was in the books when they were last
    /// synced.
    pub(super) fn on_disk(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.on_disk)
    }

    /// Closes the writers and ends the thread. Whichever lets go last folds all.
    pub(super) fn close(self, writers: [Connection; 2]) {
        drop(writers);
        if self.thread.join().is_err() {
            tracing::error!("the thread that folds the log panicked");
        }
    }

    /// Whether the thread was done since this was asked last.
    pub(super) fn was_folded(&self) -> bool {
        self.folded.swap(false, Ordering::Relaxed)
    }

    /// Between two transactions: folds what little was written since the thread
    /// was done, and has the log begin anew. The clerk reads from it nearly always
    /// under load, though never for long; without waiting for him it would grow.
    pub(super) fn begin_anew(writer: &mut Connection) {
        if let Err(error) = connect::briefly(writer, |writer| checkpoint(writer, RESTART)) {
            tracing::warn!(%error, "the log could not begin anew; it is tried again");
        }
    }
}

fn tell_when_long(
    wake: SyncSender<()>,
    fold_at: Arc<AtomicI32>,
) -> impl FnMut(&mut rusqlite::hooks::Wal, i32) -> rusqlite::Result<()> {
    move |_, pages| {
        if pages >= fold_at.load(Ordering::Relaxed) {
            // Full means that it is told already.
            let _told = wake.try_send(());
        }
        Ok(())
    }
}

/// How many pages make a log long beside these books: half of theirs.
fn long_beside(conn: &Connection) -> i32 {
    let pages = conn.prepare_cached(PAGES).and_then(|mut count| count.query_row([], |row| row.get(0)));
    pages.map_or(LEAST, |pages: i32| (pages / 2).clamp(LEAST, MOST))
}

fn fold(conn: &Connection, log: &File, folded: &AtomicBool, on_disk: &AtomicI64) {
    let posted = books::posted(conn);
    // What is written during the first pass is folded by the second.
    checkpoint(conn, FOLD);
    checkpoint(conn, FOLD);
    folded.store(true, Ordering::Relaxed);
    // What is not folded yet is on disk all the same, if it is synced here.
    match (posted, log.sync_data()) {
        (Ok(posted), Ok(())) => on_disk.store(posted.number, Ordering::Release),
        (posted, synced) => {
            tracing::warn!(?posted, ?synced, "the log could not be synced; it is tried again");
        }
    }
}

fn checkpoint(conn: &Connection, how: &str) {
    let folded = conn.prepare_cached(how).and_then(|mut fold| fold.query_row([], |_| Ok(())));
    if let Err(error) = folded {
        tracing::warn!(%error, "the log could not be folded into the database; it is tried again");
    }
}
