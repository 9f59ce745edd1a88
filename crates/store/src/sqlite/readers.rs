//! The connections that only look, and how long they see the same.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::clerk::{now, view};
use super::transaction::{begin_to_look, end_look};
use super::{Onto, connect};
use crate::{Error, Result, Snapshot};

/// How long one view serves glances: what another process writes meanwhile is not
/// in it.
pub(super) const GLANCE: Duration = Duration::from_millis(10);

/// Connections, as many as ever looked at the same time.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Whatever view one of them has, it has all that this process has answered.
    readers: Vec<Reader>,
    /// How often this process has changed the books.
    changes: u64,
    /// Whether the log is to begin anew, so that nobody may keep a view of it.
    log_ends: bool,
}

/// A connection, and since when it sees the books as it does, from one look to
/// the next. To begin and end a view takes four locks of files, for which others
/// wait: under load that is more than all that is looked at.
struct Reader {
    conn: Connection,
    sees_since: Option<Instant>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default() }
    }

    /// Looks at the books with all that this process has written to them, and all
    /// that others had `ago`. It is done on the calling thread: a bounded, indexed
    /// look costs less than a hop to another thread and back.
    pub(super) fn look<T, E: From<Error>>(
        &self,
        ago: Duration,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (reader, changes) = {
            let mut idle = self.idle();
            (idle.readers.pop(), idle.changes)
        };
        let mut reader = reader.map_or_else(|| Reader::open(&self.path), Ok)?;
        if reader.sees_since.is_none_or(|since| since.elapsed() >= ago) {
            reader.begin_view()?;
        }
        let answer = now(look(&mut view(&mut reader.conn, Onto::Nothing)));
        let mut idle = self.idle();
        // After some errors SQLite itself has ended the view.
        if ago.is_zero() || idle.log_ends || idle.changes > changes || answer.is_err() {
            reader.end_view();
        }
        idle.readers.push(reader);
        answer
    }

    /// Nobody keeps a view while this is done.
    pub(super) fn without_views(&self, act: impl FnOnce()) {
        {
            let mut idle = self.idle();
            idle.log_ends = true;
            idle.readers.iter_mut().for_each(Reader::end_view);
        }
        act();
        self.idle().log_ends = false;
    }

    /// The books have changed, so nobody goes on with a view from before.
    pub(super) fn changed(&self) {
        let mut idle = self.idle();
        idle.changes += 1;
        idle.readers.iter_mut().for_each(Reader::end_view);
    }

    /// Ends what nobody may glance at any more: the log cannot begin anew while
    /// anybody sees the books as they were in it.
    pub(super) fn end_old_views(&self) {
        let is_old = |reader: &&mut Reader| reader.sees_since.is_some_and(|since| since.elapsed() >= GLANCE);
        self.idle().readers.iter_mut().filter(is_old).for_each(Reader::end_view);
    }

    /// Closes the connections that are idle.
    pub(super) fn close(&self) {
        self.idle().readers.clear();
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reader {
    fn open(path: &Path) -> Result<Self> {
        Ok(Self { conn: connect::reader(path)?, sees_since: None })
    }

    fn begin_view(&mut self) -> Result<()> {
        self.end_view();
        begin_to_look(&self.conn)?;
        self.sees_since = Some(Instant::now());
        Ok(())
    }

    fn end_view(&mut self) {
        if self.sees_since.take().is_some() {
            end_look(&self.conn);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_log_begins_anew_when_nobody_may_glance_any_more() {
        let directory = tempfile::tempdir().unwrap();
        let path = connect::path_in(directory.path());
        let mut conn = connect::writer(&path).unwrap();
        connect::migrate(&mut conn).unwrap();
        conn.busy_timeout(Duration::ZERO).unwrap();
        let readers = Readers::new(&path);
        let glance = || readers.look(GLANCE, async |view| view.plans().await).unwrap();
        let write = || conn.execute("update posted set changes = changes + 1", []).unwrap();
        let is_held = || {
            write();
            let begin_anew = "pragma wal_checkpoint(restart)";
            conn.query_row(begin_anew, [], |row| row.get::<_, bool>(0)).unwrap()
        };

        glance();
        assert!(is_held(), "it is still seen as it was");
        thread::sleep(GLANCE);
        readers.end_old_views();
        assert!(!is_held());
        write();
        glance();
        assert!(is_held());
        readers.changed();
        assert!(!is_held());
        readers.without_views(|| {
            glance();
            assert!(!is_held(), "who looks meanwhile keeps no view");
        });
    }
}
