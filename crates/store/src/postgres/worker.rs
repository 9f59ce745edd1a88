//! The thread on which connections are served and use cases run.
//!
//! A use case is not asked to be able to move between threads, so it stays where
//! its connection is; nobody else runs there, so whoever waits for the database
//! blocks nobody who serves it. What writes is finished once it was accepted,
//! whether or not the caller still waits.

use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::runtime::Builder;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{JoinSet, LocalSet};

use crate::{Error, Result};

/// Use cases that may be under way or wait for a connection; one more is refused
/// at once.
const QUEUE: usize = 1024;

type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// The thread; it ends when this is dropped and everything accepted is done.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Option<mpsc::UnboundedSender<(Job, OwnedSemaphorePermit)>>,
    places: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start() -> Result<Self> {
        let engine = |error: std::io::Error| Error::Engine(error.into());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(engine)?;
        let (jobs, waiting) = mpsc::unbounded_channel();
        let work = move || LocalSet::new().block_on(&runtime, run(waiting));
        let thread = thread::Builder::new().name("postgres".into()).spawn(work).map_err(engine)?;
        let places = Arc::new(Semaphore::new(QUEUE));
        Ok(Self { jobs: Some(jobs), places, thread: Some(thread) })
    }

    /// Runs this on the thread, and to its end even if the caller hangs up.
    pub(super) async fn finish<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.accept(Box::new(move || Box::pin(async move { drop(answer.send(work().await)) })))?;
        answered.await.map_err(panicked)
    }

    /// Runs this on the thread, for as long as the caller waits.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl AsyncFnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (mut answer, answered) = oneshot::channel();
        self.accept(Box::new(move || {
            Box::pin(async move {
                let done = tokio::select! {
                    done = work() => done,
                    () = answer.closed() => return,
                };
                drop(answer.send(done));
            })
        }))?;
        answered.await.map_err(panicked)
    }

    fn accept(&self, job: Job) -> Result<()> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)?;
        let jobs = self.jobs.as_ref().expect("open until dropped");
        jobs.send((job, place)).map_err(|_| Error::Engine("the thread of the database has ended".into()))
    }
}

fn panicked(_: oneshot::error::RecvError) -> Error {
    Error::Engine("the transaction panicked and was rolled back".into())
}

async fn run(mut waiting: mpsc::UnboundedReceiver<(Job, OwnedSemaphorePermit)>) {
    let mut running = JoinSet::new();
    while let Some((job, place)) = waiting.recv().await {
        running.spawn_local(async move {
            job().await;
            drop(place);
        });
        // A job's panic was printed, and its caller learns of it.
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
