//! The threads that write, and the readers.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::books::{self, Books, Desk};
use super::clerk::{self, Clerk, Job};
use super::journal::Journal;
use super::readers::{GLANCE, Readers};
use super::{connect, private, restore, upgrade};
use crate::{Error, Foundation, Load, Result, Snapshot, Tx, store};

/// Write transactions that may wait for the clerk.
const WRITE_QUEUE: usize = 1024;

/// One open database: the books, and the journal beside them.
pub(crate) struct Engine {
    path: PathBuf,
    is_new: bool,
    jobs: Option<SyncSender<Job>>,
    books: Option<Arc<Books>>,
    threads: Vec<JoinHandle<()>>,
    readers: Arc<Readers>,
    _held: File,
}

impl Engine {
    pub(crate) fn open(directory: &Path, foundation: &Foundation) -> Result<Self> {
        private::create_directory(directory)?;
        let held = connect::hold(directory)?;
        let path = connect::path_in(directory);
        let (conn, journal, is_new) = {
            // Whoever opens it at the same time waits until it is made.
            let _making = connect::lock(directory)?;
            let is_new = !path.exists();
            if is_new {
                restore::expect_none_cut_off(directory)?;
            }
            private::make(&path)?;
            let mut conn = connect::writer(&path)?;
            let mut journal = Journal::open(directory)?;
            upgrade::post_journal(&mut conn, &mut journal)?;
            connect::migrate(&mut conn)?;
            let found = async |tx: &mut Tx<'_>| store::found(tx, foundation).await;
            clerk::transact(&mut conn, found, &mut Vec::new())?;
            (conn, journal, is_new)
        };

        let readers = Arc::new(Readers::new(&path));
        let books = Arc::new(Books::new(Desk::open(&path, conn, Arc::clone(&readers))?));
        let mut clerk = Clerk::new(journal, connect::reader(&path)?, Arc::clone(&books));
        clerk.settle()?;

        let (jobs, waiting) = sync_channel(WRITE_QUEUE);
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let spawned = thread::Builder::new().name(name.into()).spawn(work);
            spawned.map_err(|source| Error::Directory { path: path.clone(), source })
        };
        let posted = Arc::clone(&books);
        let threads = vec![
            spawn("clerk", Box::new(move || clerk.work(&waiting)))?,
            spawn("books", Box::new(move || posted.post_all()))?,
        ];
        Ok(Self { path, is_new, jobs: Some(jobs), books: Some(books), threads, readers, _held: held })
    }

    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Reads the books when all that was answered before is in them.
    pub(crate) async fn read<T, E: From<Error>>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.catch_up().await?;
        self.look(look)
    }

    /// The same, though not of what another process has written just now.
    pub(crate) async fn glance<T, E: From<Error>>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.catch_up().await?;
        self.readers.look(GLANCE, look)
    }

    /// Reads the books as they are.
    pub(crate) fn look<T, E: From<Error>>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.look(Duration::ZERO, look)
    }

    pub(crate) async fn write<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_clerk(move |clerk| clerk.write(change)).await?
    }

    pub(crate) async fn record<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_clerk(move |clerk| clerk.record(change)).await?
    }

    pub(crate) fn load(&self) -> Load {
        let directory = self.path.parent().unwrap_or(&self.path);
        let size = |name: &&str| std::fs::metadata(directory.join(name)).map_or(0, |file| file.len());
        Load::Sqlite {
            unposted_purchases: self.books().backlog().sales,
            bytes: restore::PARTS.iter().map(size).sum(),
        }
    }

    pub(crate) fn outside_version(&self) -> Result<i64> {
        self.readers.end_old_views();
        self.books().outside_version()
    }

    /// Waits until all that was answered before is in the books.
    async fn catch_up(&self) -> Result<()> {
        if !self.books().caught_up().await {
            self.on_clerk(Clerk::settle).await??;
        }
        Ok(())
    }

    fn books(&self) -> &Books {
        self.books.as_ref().expect("open until dropped")
    }

    async fn on_clerk<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Clerk) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move |clerk: &mut Clerk| drop(answer.send(job(clerk))));
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.try_send(job).map_err(|_| Error::Busy)?;
        answered.await.map_err(|_| Error::Engine("the transaction panicked and was rolled back".into()))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Whatever was accepted is finished before the database closes.
impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.jobs.take());
        self.readers.close();
        for thread in self.threads.drain(..) {
            // A job's panic was caught and reported to its caller.
            drop(thread.join());
        }
        books::shut(self.books.take());
    }
}
