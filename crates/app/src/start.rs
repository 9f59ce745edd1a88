//! The application: a store, a clock, a source of chance, and the two tasks
//! that run behind the use cases.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::ReferralCode;
use rand::Rng;
use rand::rngs::StdRng;
use store::{Snapshot, Store};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::Clock;
use crate::access::{ApiKeys, Ended, Passwords, TokenKey};
use crate::clock_watch::{ClockJump, ClockWatch};
use crate::earnings::Newest;
use crate::feed::Feed;
use crate::programme::Totals;
use crate::recorder::Recorder;
use crate::simulate::Simulating;

/// How often to look whether another process has written to the database. What
/// another node records reaches the sockets of this one within that time and
/// two statements. It costs one small statement while nobody else writes.
const OUTSIDE_CHECK_EVERY: Duration = Duration::from_millis(250);

/// What an [`App`] is made of.
pub struct Settings {
    /// The open database.
    pub store: Store,
    /// Tells the time of everything that is recorded.
    pub clock: Arc<dyn Clock>,
    /// Draws referral codes and API keys; a cryptographic generator with a
    /// secret seed, except where a demo or a test wants to repeat itself.
    pub chance: StdRng,
    /// Signs access tokens; the same on every node.
    pub token_key: TokenKey,
    /// What is agreed on besides the plan.
    pub rules: Rules,
}

/// What is agreed on besides the plan; the same on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How many days of 24 hours later a program that is no admin may report a sale.
    pub backdate_days: u16,
    /// How many days after its end a month closes by itself, if it does.
    pub close_after_days: Option<u16>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { backdate_days: 7, close_after_days: None }
    }
}

/// Everything a use case needs.
pub struct App {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tokens: TokenKey,
    pub(crate) keys: ApiKeys,
    pub(crate) ended: Arc<Ended>,
    pub(crate) passwords: Passwords,
    pub(crate) recorder: Recorder,
    pub(crate) feed: Arc<Feed>,
    pub(crate) totals: Totals,
    pub(crate) newest: Arc<Newest>,
    pub(crate) simulating: Simulating,
    pub(crate) rules: Rules,
    chance: Mutex<StdRng>,
    clock_watch: Arc<ClockWatch>,
    lookout: JoinHandle<()>,
}

impl App {
    /// Starts the recorder and the lookout for changes from outside; must be
    /// called within a tokio runtime.
    pub fn start(settings: Settings) -> Self {
        let store = Arc::new(settings.store);
        let feed = Arc::new(Feed::new(Arc::clone(&store)));
        let recorder = Recorder::start(Arc::clone(&store), Arc::clone(&settings.clock), Arc::clone(&feed));
        let ended = Arc::new(Ended::default());
        let clock_watch = Arc::new(ClockWatch::default());
        let lookout = Lookout {
            store: Arc::clone(&store),
            clock: Arc::clone(&settings.clock),
            feed: Arc::clone(&feed),
            ended: Arc::clone(&ended),
            clock_watch: Arc::clone(&clock_watch),
        };
        Self {
            store,
            clock: settings.clock,
            tokens: settings.token_key,
            keys: ApiKeys::default(),
            ended,
            passwords: Passwords::default(),
            recorder,
            feed,
            totals: Totals::default(),
            newest: Arc::default(),
            simulating: Simulating::default(),
            rules: settings.rules,
            chance: Mutex::new(settings.chance),
            clock_watch,
            lookout: tokio::spawn(lookout.look_out()),
        }
    }

    /// Records everything that was accepted, then stops. Later purchases are
    /// refused as if the queue were full.
    pub async fn stop(&self) {
        self.recorder.stop().await;
    }

    /// The open database, for the floor above to ask how it is.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time, as this application sees it.
    pub fn now(&self) -> domain::Timestamp {
        self.clock.now()
    }

    /// By how much the clock has jumped within the last hour, if it has.
    pub fn clock_jump(&self) -> Option<ClockJump> {
        self.clock_watch.jump(Instant::now())
    }

    /// Runs a look whose cost grows with the data, away from the threads that
    /// answer requests.
    #[expect(clippy::disallowed_methods, reason = "a long look would hold up other requests")]
    pub(crate) async fn read_aside<T, E>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<store::Error> + Send + 'static,
    {
        let (store, runtime) = (Arc::clone(&self.store), Handle::current());
        let look = move || runtime.block_on(store.read(look));
        tokio::task::spawn_blocking(look).await.expect("looking does not panic")
    }

    /// A referral code that nobody can guess.
    pub(crate) fn draw_code(&self) -> ReferralCode {
        let bits = self.chance.lock().unwrap_or_else(PoisonError::into_inner).next_u64();
        ReferralCode::from_bits(bits)
    }

    /// Fills the bytes with chance.
    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// The lookout holds the store open; the recorder ends by itself.
impl Drop for App {
    fn drop(&mut self) {
        self.lookout.abort();
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("store", &self.store).finish_non_exhaustive()
    }
}

/// Looks whether another process has written, and what it has to do with us.
struct Lookout {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    feed: Arc<Feed>,
    ended: Arc<Ended>,
    clock_watch: Arc<ClockWatch>,
}

impl Lookout {
    async fn look_out(self) {
        let mut seen = None;
        let mut every = tokio::time::interval(OUTSIDE_CHECK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            if let Some(jump) = self.clock_watch.look(self.clock.now(), Instant::now()) {
                tracing::warn!("{jump}; what is recorded by a wrong clock keeps its time");
            }
            let looked = match self.store.outside_version().await {
                Ok(version) if seen == Some(version) => Ok(seen),
                // The first time, too: a watcher may have looked before this task did.
                Ok(version) => self.look_again().await.map(|()| Some(version)),
                Err(error) => Err(error),
            };
            match looked {
                Ok(version) => seen = version,
                Err(error) => tracing::warn!(%error, "cannot tell whether the database has changed"),
            }
        }
    }

    async fn look_again(&self) -> Result<(), store::Error> {
        self.ended.look(&self.store, self.clock.now()).await?;
        self.feed.look_again().await
    }
}
