//! The writer thread and the readers.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};

use domain::{Plan, Timestamp};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::checkpoint::Log;
use super::{Session, connect};
use crate::{Error, Result, Snapshot, Tx};

/// Write transactions that may wait for the writer thread.
const WRITE_QUEUE: usize = 1024;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// One open database file.
pub(crate) struct Engine {
    path: PathBuf,
    is_new: bool,
    jobs: Option<SyncSender<Job>>,
    writer: Option<JoinHandle<()>>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl Engine {
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        connect::create_directory(directory)?;
        let path = connect::path_in(directory);
        let (mut conn, is_new) = {
            // Whoever opens it at the same time waits until it is made.
            let _making = connect::lock(directory)?;
            let is_new = !path.exists();
            let mut conn = connect::writer(&path)?;
            connect::migrate(&mut conn)?;
            give_first_plan(&mut conn)?;
            (conn, is_new)
        };

        let log = Log::fold_beside(&mut conn, &path)?;
        let (jobs, waiting) = sync_channel(WRITE_QUEUE);
        let write_all = move || write_all(conn, log, &waiting);
        let writer = thread::Builder::new().name("writer".into()).spawn(write_all);
        let writer = writer.map_err(|source| Error::Directory { path: path.clone(), source })?;
        Ok(Self { path, is_new, jobs: Some(jobs), writer: Some(writer), idle_readers: Mutex::default() })
    }

    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Reads on the calling thread: a bounded, indexed look costs less than a
    /// hop to another thread and back.
    pub(crate) fn read<T, E: From<Error>>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = idle.map_or_else(|| connect::reader(&self.path), Ok)?;
        // Everything between the two sees one moment. They are kept prepared: for
        // a short look, parsing them would cost as much as a row.
        conn.prepare_cached("begin").and_then(|mut begin| begin.execute([])).map_err(Error::from)?;
        let answer = now(look(&mut Snapshot { session: Session { conn: &conn } }));
        conn.prepare_cached("rollback").and_then(|mut end| end.execute([])).map_err(Error::from)?;
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        answer
    }

    pub(crate) async fn write<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.on_writer(move |conn| transact(conn, change)).await?
    }

    pub(crate) async fn outside_version(&self) -> Result<i64> {
        self.on_writer(|conn| Ok(conn.pragma_query_value(None, "data_version", |row| row.get(0))?)).await?
    }

    async fn on_writer<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move |conn: &mut Connection| drop(answer.send(job(conn))));
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
        self.idle_readers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(writer) = self.writer.take() {
            // A job's panic was caught and reported to its caller.
            drop(writer.join());
        }
    }
}

fn write_all(mut conn: Connection, log: Log, waiting: &Receiver<Job>) {
    for job in waiting {
        // The transaction rolls back as it unwinds; the connection stays good.
        if panic::catch_unwind(AssertUnwindSafe(|| job(&mut conn))).is_err() {
            tracing::error!("a write transaction panicked and was rolled back");
        }
        log.finish(&conn);
    }
    log.close(conn);
}

fn transact<T, E: From<Error>>(
    conn: &mut Connection,
    change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let open = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Error::from)?;
    let answer = now(change(&mut Tx(Snapshot { session: Session { conn: &open } })))?;
    open.commit().map_err(Error::from)?;
    Ok(answer)
}

/// The output of a future that never waits, because nothing below it does.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a use case waited for something other than the database"),
    }
}

/// A new database pays by the default plan, for all time until another is set.
fn give_first_plan(conn: &mut Connection) -> Result<()> {
    transact(conn, async |tx| {
        if tx.plans().await?.is_empty() {
            let always = Timestamp::from_millis(0);
            tx.append_plan(&Plan::default(), always, always).await?;
        }
        Ok(())
    })
}
