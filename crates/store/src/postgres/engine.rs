//! Runs use cases on PostgreSQL: again where another transaction came between,
//! and never twice where a connection was lost.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::buyers::Buyers;
use super::connect::{Object, Pool};
use super::fault::{self, Fault};
use super::transaction::{Commit, Purpose, Transaction};
use super::url::PostgresUrl;
use super::worker::Worker;
use super::writers::{self, Writer};
use super::{connect, migrate, session};
use crate::snapshot::Session;
use crate::{Ailment, Error, Foundation, Load, Result, Snapshot, Tx, store};

/// Write transactions at a time: fewer than there are connections, so that
/// reads always find one.
const WRITERS: usize = 8;

/// How often it is run when what it inserts is there already: the second run
/// must see it.
const RUNS_WHEN_TAKEN: u32 = 3;

/// For how long it waits for its turn, or is run again when others keep coming
/// between.
const RUN_AGAIN_WITHIN: Duration = Duration::from_secs(5);

/// The pause before the second run; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// How long to find out whether a commit happened whose connection was lost.
const SETTLE_WITHIN: Duration = Duration::from_secs(2);

/// One database, reached through a pool of connections.
pub(crate) struct Engine {
    // Dropped in this order: what was accepted is finished first.
    worker: Worker,
    shared: Arc<Shared>,
    url: PostgresUrl,
    is_new: bool,
}

/// What every transaction needs.
struct Shared {
    pool: Pool,
    /// Of those who write at the same time.
    places: Semaphore,
    /// Of those who were crossed, one at a time runs again, lest they cross each
    /// other once more.
    again: tokio::sync::Mutex<()>,
    /// Of those who ask which session is which.
    asking_sessions: tokio::sync::Mutex<()>,
    writers: Mutex<Writers>,
    buyers: Arc<Buyers>,
}

/// The writers of this node.
#[derive(Default)]
struct Writers {
    idle: Vec<Writer>,
    /// All there ever were.
    ids: Vec<i64>,
}

/// What came of one run of a use case.
enum Run<T, E> {
    Over(Result<T, E>),
    /// It changed nothing, and may fare better when it is run again.
    Again(Fault, E),
    /// Nobody can tell whether it was committed.
    Unknown,
}

impl Engine {
    pub(crate) async fn open(url: &PostgresUrl, foundation: &Foundation) -> Result<Self> {
        let worker = Worker::start()?;
        let buyers = Arc::default();
        let shared = Arc::new(Shared {
            pool: connect::pool(url, &buyers)?,
            places: Semaphore::new(WRITERS),
            again: tokio::sync::Mutex::default(),
            asking_sessions: tokio::sync::Mutex::default(),
            writers: Mutex::default(),
            buyers,
        });
        let (preparing, foundation) = (Arc::clone(&shared), foundation.clone());
        let is_new = worker.finish(async move || preparing.prepare(foundation).await).await??;
        Ok(Self { worker, shared, url: url.clone(), is_new })
    }

    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(crate) async fn read<T, E>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (shared, begun) = (Arc::clone(&self.shared), Instant::now());
        self.worker.run(async move || shared.look(&look, begun).await).await?
    }

    pub(crate) async fn write<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (shared, begun) = (Arc::clone(&self.shared), Instant::now());
        self.worker.finish(async move || shared.transact(&change, begun).await).await?
    }

    /// What keeps the database from doing all of its work.
    pub(crate) async fn ailments(&self) -> Result<Vec<Ailment>> {
        let (shared, begun) = (Arc::clone(&self.shared), Instant::now());
        self.worker.run(async move || shared.ailments(begun).await).await?
    }

    pub(crate) fn load(&self) -> Load {
        let status = self.shared.pool.status();
        let used = status.size.saturating_sub(status.available);
        Load::Postgres { used, idle: status.available, most: status.max_size, waiting: status.waiting }
    }

    /// The sum of what all other writers of this database have committed.
    pub(crate) async fn outside_version(&self) -> Result<i64> {
        let (shared, begun) = (Arc::clone(&self.shared), Instant::now());
        self.worker.run(async move || shared.commits_of_others(begun).await).await?
    }
}

impl Shared {
    /// Brings the schema to this release. Whoever gave the database its foundation
    /// made it.
    async fn prepare(&self, foundation: Foundation) -> Result<bool> {
        let begun = Instant::now();
        let deadline = begun + connect::BEGIN_WITHIN;
        let connection = connect::first_connection(&self.pool, deadline).await?;
        let ailments = self.ailments_of_sessions(Instant::now() + connect::BEGIN_WITHIN).await?;
        if let Some(pooled) = ailments.into_iter().find(|found| *found == Ailment::PooledTransactions) {
            return Err(Error::Engine(pooled.into()));
        }
        migrate::check_durability(&connection).await?;
        if migrate::is_current(&connection).await? {
            return Ok(false);
        }
        let lock = migrate::Lock::take(&self.pool).await?;
        migrate::run(&self.pool, &lock).await?;
        let found = async move |tx: &mut Tx<'_>| store::found(tx, &foundation).await;
        self.transact(&found, Instant::now()).await
    }

    async fn ailments(&self, begun: Instant) -> Result<Vec<Ailment>> {
        let mut found = self.ailments_of_sessions(begun + connect::BEGIN_WITHIN).await?;
        if !found.contains(&Ailment::PooledTransactions) {
            found.extend(self.look(&async |view: &mut Snapshot<'_>| view.ailments().await, begun).await?);
        }
        Ok(found)
    }

    /// Two connections are needed for it at once: of several who ask, one at a time.
    async fn ailments_of_sessions(&self, deadline: Instant) -> Result<Vec<Ailment>> {
        let turn = timeout_at(deadline, self.asking_sessions.lock()).await;
        let _turn = turn.map_err(|_| Error::Busy)?;
        session::ailments(&self.pool, &self.buyers, deadline).await
    }

    async fn begin(&self, purpose: Purpose, deadline: Instant) -> Result<Transaction> {
        loop {
            let connection = connect::connection(&self.pool, deadline).await?;
            match Transaction::begin(connection, purpose, &self.buyers).await {
                // It was lost while nobody used it.
                Err(Error::Away(why)) => {
                    self.suspect_idle_connections();
                    if Instant::now() >= deadline {
                        return Err(Error::Away(why));
                    }
                }
                begun => return begun,
            }
        }
    }

    /// Runs a use case that only looks, once: it may hand on what it sees.
    async fn look<T, E: From<Error>>(
        &self,
        look: &impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>,
        begun: Instant,
    ) -> Result<T, E> {
        let mut open = self.begin(Purpose::Read, begun + connect::BEGIN_WITHIN).await?;
        let answer = look(&mut snapshot(&mut open)).await;
        if open.fault() == Some(Fault::Lost) {
            self.suspect_idle_connections();
        }
        answer
    }

    /// Runs a use case, again and again where that may help.
    async fn transact<T, E: From<Error>>(
        &self,
        change: &impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
        begun: Instant,
    ) -> Result<T, E> {
        let mut begin_by = begun + connect::BEGIN_WITHIN;
        // Whoever waits here for a database that is away waits as long as those
        // before her, and then not once more.
        let give_up = begun + RUN_AGAIN_WITHIN;
        let _place = timeout_at(give_up, self.places.acquire()).await.map_err(|_| Error::Busy)?;
        let mut writer = self.writer(begin_by).await?;
        let (mut runs, mut turn) = (0, None);
        loop {
            let outcome = self.run(change, &mut writer, begin_by).await;
            runs += 1;
            let over = match outcome {
                // The writer is left alone: her number is not known either.
                Run::Unknown => return Err(Error::OutcomeUnknown.into()),
                Run::Over(answer) => answer,
                Run::Again(Fault::Taken, error) if runs == RUNS_WHEN_TAKEN => Err(error),
                Run::Again(fault, error) => {
                    let until = match fault {
                        Fault::Lost => begin_by,
                        Fault::Crossed | Fault::Taken | Fault::Final => give_up,
                    };
                    metrics::counter!("banyan_database_retries_total", "reason" => fault.word()).increment(1);
                    if turn.is_none() {
                        turn = timeout_at(until, self.again.lock()).await.ok();
                    }
                    sleep_until(until.min(Instant::now() + pause(runs, &writer))).await;
                    if Instant::now() < until {
                        begin_by = until.min(Instant::now() + connect::BEGIN_WITHIN);
                        continue;
                    }
                    Err(error)
                }
            };
            self.writers().idle.push(writer);
            return over;
        }
    }

    async fn run<T, E: From<Error>>(
        &self,
        change: &impl AsyncFn(&mut Tx<'_>) -> Result<T, E>,
        writer: &mut Writer,
        deadline: Instant,
    ) -> Run<T, E> {
        let mut open = match self.begin(Purpose::Write, deadline).await {
            Ok(open) => open,
            Err(error) => return Run::Over(Err(error.into())),
        };
        let answer = change(&mut Tx(snapshot(&mut open))).await;
        let answer = match (answer, open.fault()) {
            (Ok(answer), _) if open.is_sound() => answer,
            (_, Some(Fault::Lost)) => {
                self.suspect_idle_connections();
                let why = "its connection was lost in a transaction".into();
                return Run::Again(Fault::Lost, Error::Away(why).into());
            }
            (Ok(_), fault) => {
                let error = Error::Engine("a statement had failed and its transaction went on".into());
                return Run::after(fault, error.into());
            }
            (Err(error), fault) => return Run::after(fault, error),
        };
        if !open.wrote() {
            return Run::Over(Ok(answer));
        }
        match open.commit(writer).await {
            Commit::Done => {
                writer.committed();
                Run::Over(Ok(answer))
            }
            Commit::Refused(fault, error) => Run::after(Some(fault), error.into()),
            Commit::Unknown => match self.settle(writer).await {
                Some(true) => Run::Over(Ok(answer)),
                Some(false) => {
                    Run::Again(Fault::Lost, Error::Away("it was lost during a commit".into()).into())
                }
                None => Run::Unknown,
            },
        }
    }

    /// Whether the last transaction of this writer has committed, if that can
    /// be found out.
    async fn settle(&self, writer: &mut Writer) -> Option<bool> {
        self.suspect_idle_connections();
        let settled =
            self.ask_alone(Instant::now() + SETTLE_WITHIN, async |client| writer.settle(client).await);
        settled
            .await
            .inspect_err(|error| tracing::warn!(%error, "cannot tell whether a transaction was committed"))
            .ok()
    }

    /// Asks one thing that is a transaction of its own and may be asked twice.
    /// Where transactions are serializable, even that can be crossed by others.
    async fn ask_alone<T>(
        &self,
        deadline: Instant,
        mut ask: impl AsyncFnMut(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        loop {
            let connection = connect::connection(&self.pool, deadline).await?;
            let Ok(answer) = timeout_at(deadline, ask(&connection)).await else {
                drop(Object::take(connection));
                return Err(Error::Away("no answer came in time".into()));
            };
            let next = Instant::now() + FIRST_PAUSE;
            match answer.map_err(fault::of) {
                Ok(answer) => return Ok(answer),
                Err((Fault::Crossed | Fault::Lost, _)) if next < deadline => sleep_until(next).await,
                Err((_, error)) => return Err(error),
            }
        }
    }

    /// Gives up connections that nobody uses: whatever befell one may have
    /// befallen all, and whoever waits must not find that out one by one.
    fn suspect_idle_connections(&self) {
        self.pool.retain(|_, _| false);
    }

    /// A writer who has nothing to do, or a new one.
    async fn writer(&self, deadline: Instant) -> Result<Writer> {
        if let Some(writer) = self.writers().idle.pop() {
            return Ok(writer);
        }
        let writer = self.ask_alone(deadline, async |client| Writer::new(client).await).await?;
        self.writers().ids.push(writer.id);
        Ok(writer)
    }

    async fn commits_of_others(&self, begun: Instant) -> Result<i64> {
        let own = self.writers().ids.clone();
        let ask = async |client: &Object| writers::commits_of_others(client, &own).await;
        self.ask_alone(begun + connect::BEGIN_WITHIN, ask).await
    }

    fn writers(&self) -> MutexGuard<'_, Writers> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E> Run<T, E> {
    fn after(fault: Option<Fault>, error: E) -> Self {
        match fault {
            Some(fault @ (Fault::Crossed | Fault::Taken | Fault::Lost)) => Self::Again(fault, error),
            Some(Fault::Final) | None => Self::Over(Err(error)),
        }
    }
}

/// How long to wait after so many runs. Every writer waits differently, so that
/// two who crossed each other do not do it again.
fn pause(runs: u32, writer: &Writer) -> Duration {
    let pause = FIRST_PAUSE.saturating_mul(1 << runs.min(16)).min(LONGEST_PAUSE);
    let spread = writer.id.wrapping_mul(i64::from(2 * runs + 1)).rem_euclid(16);
    pause + pause * u32::try_from(spread).unwrap_or(0) / 16
}

fn snapshot(open: &mut Transaction) -> Snapshot<'_> {
    Snapshot { session: Session::Postgres(super::Session { open }) }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("url", &self.url).finish_non_exhaustive()
    }
}
