//! A small programme with a clock that only the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::access::TokenKey;
use app::members::{self, MemberChange, NewMember, RegisterError, Registered};
use app::payouts::{self, PayoutError};
use app::purchases::{self, NewPurchase, RecordError, Recorded};
use app::refunds::{self, NewRefund, Refunded};
use app::{App, Caller, Clock, Rules, Settings};
use domain::{
    Account, Money, PayoutRun, Plan, PurchaseId, Reference, ReferralCode, Scope, Timestamp, UserId,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Database, Member, Store};
use tempfile::TempDir;

use crate::cluster::{Isolation, Scratch, cluster};

/// The owner.
pub(crate) const ADMIN: Caller = Caller::Admin;

/// When the clock of every world starts: 2026-01-01T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A program that holds these scopes.
pub(crate) fn service(scopes: &[Scope]) -> Caller {
    Caller::Service { key: 1, scopes: scopes.iter().copied().collect() }
}

/// A clock that stands still until it is moved.
pub(crate) struct ScriptedClock(AtomicI64);

impl Clock for ScriptedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A running application over a database that goes with it.
pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) database: Database,
    clock: Arc<ScriptedClock>,
    _kept: Kept,
}

/// What the database goes with.
#[expect(dead_code, reason = "kept for what happens when they are dropped")]
enum Kept {
    Directory(TempDir),
    Scratch(Scratch),
}

impl World {
    /// A world on PostgreSQL where `BANYAN_TESTS_ENGINE` says so, else in a file.
    pub(crate) async fn new() -> Self {
        match on_postgres() {
            Some(scratch) => Self::across_a_network(scratch).await,
            None => Self::within(tempfile::tempdir().unwrap()).await,
        }
    }

    /// A world kept in memory where the system can, for tests of many steps to
    /// which it does not matter what survives a power cut.
    pub(crate) async fn fleeting() -> Self {
        match on_postgres() {
            Some(scratch) => Self::across_a_network(scratch).await,
            None => Self::tangible().await,
        }
    }

    /// A fleeting world in a file, for tests that tamper with it.
    pub(crate) async fn tangible() -> Self {
        Self::within(fleeting_directory()).await
    }

    async fn within(directory: TempDir) -> Self {
        let database = Database::Sqlite(directory.path().join("data"));
        Self::over(database, Kept::Directory(directory)).await
    }

    async fn across_a_network(scratch: Scratch) -> Self {
        let database = Database::Postgres(scratch.url.parse().unwrap());
        Self::over(database, Kept::Scratch(scratch)).await
    }

    async fn over(database: Database, kept: Kept) -> Self {
        let clock = Arc::new(ScriptedClock(AtomicI64::new(START.millis())));
        let app = start(&database, &clock, 1).await;
        Self { app, database, clock, _kept: kept }
    }

    /// Another node on the same database, with the same clock.
    pub(crate) async fn another_app(&self) -> Arc<App> {
        start(&self.database, &self.clock, 2).await
    }

    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap();
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Sets the clock, back if need be, as a machine's clock may be.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        self.clock.0.store(now.millis(), Ordering::SeqCst);
    }

    /// Sets another plan from now on.
    pub(crate) async fn set_plan(&self, plan: Plan) {
        let now = self.app.now();
        self.app.store().write(async move |tx| tx.append_plan(&plan, now, now).await).await.unwrap();
    }

    /// Registers somebody with an address made of her name.
    pub(crate) async fn register(
        &self,
        name: &str,
        code: Option<ReferralCode>,
    ) -> Result<Registered, RegisterError> {
        members::register(&self.app, &Caller::Anonymous, newcomer(name, code)).await
    }

    /// Registers somebody who must be let in, under a member or at a root.
    pub(crate) async fn join(&self, name: &str, under: impl Into<Option<&Member>>) -> Member {
        let code = under.into().map(|referrer| referrer.user.code);
        self.register(name, code).await.unwrap().member
    }

    /// A line of members, each the referrer of the next.
    pub(crate) async fn chain<const N: usize>(&self, names: [&str; N]) -> [Member; N] {
        let mut chain: Vec<Member> = Vec::with_capacity(N);
        for name in names {
            chain.push(self.join(name, chain.last()).await);
        }
        chain.try_into().expect("one member for each name")
    }

    pub(crate) async fn buy(&self, buyer: UserId, amount: &str) -> Recorded {
        self.record(sale(buyer, amount)).await.unwrap()
    }

    pub(crate) async fn record(&self, sale: NewPurchase) -> Result<Recorded, RecordError> {
        purchases::record(&self.app, &ADMIN, sale).await
    }

    /// Gives a part of a purchase back, which must be taken.
    pub(crate) async fn refund(&self, purchase: PurchaseId, amount: &str) -> Refunded {
        let new = NewRefund { purchase: purchase.into(), amount: money(amount), reference: None };
        refunds::refund(&self.app, &ADMIN, new).await.unwrap().0
    }

    /// Makes a payout run for everybody who is due anything, if anybody is.
    pub(crate) async fn pay_out(&self) -> Result<PayoutRun, PayoutError> {
        payouts::make_run(&self.app, &ADMIN, money("0.01"), None).await.map(|(run, _)| run)
    }

    /// What somebody's balance is.
    pub(crate) async fn balance(&self, user: UserId) -> String {
        self.account(user).await.totals.balance().to_string()
    }

    pub(crate) async fn set_active(&self, user: UserId, active: bool) {
        members::change(&self.app, &ADMIN, user, MemberChange::active(active)).await.unwrap();
    }

    pub(crate) async fn account(&self, user: UserId) -> Account {
        self.app.store().read(async move |view| view.account(user).await).await.unwrap().unwrap()
    }

    pub(crate) async fn member(&self, user: UserId) -> Member {
        self.app.store().read(async move |view| view.member(user).await).await.unwrap().unwrap()
    }

    /// Fails unless the books of this world are right.
    #[track_caller]
    pub(crate) fn books_are_right(&self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let report = app::verify::verify(self.app.store()).await.unwrap();
            assert!(report.is_clean(), "{:#?}\nfrom {caller}", report.breaches);
        }
    }
}

/// A directory kept in memory where the system can.
pub(crate) fn fleeting_directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn on_postgres() -> Option<Scratch> {
    match std::env::var("BANYAN_TESTS_ENGINE").as_deref() {
        Ok("postgres") => Some(cluster()?.database(Isolation::ReadCommitted)),
        Ok("strict_postgres") => Some(cluster()?.database(Isolation::Serializable)),
        _ => None,
    }
}

async fn start(database: &Database, clock: &Arc<ScriptedClock>, seed: u64) -> Arc<App> {
    Arc::new(App::start(Settings {
        store: Store::open(database).await.unwrap(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance: StdRng::seed_from_u64(seed),
        token_key: TokenKey::new(&[7; 32]).unwrap(),
        rules: Rules::default(),
    }))
}

/// Somebody who wants to join, with an address made of her name.
pub(crate) fn newcomer(name: &str, code: Option<ReferralCode>) -> NewMember {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    NewMember::new(name.parse().unwrap(), email.parse().unwrap(), code)
}

/// A sale without a reference.
pub(crate) fn sale(buyer: UserId, amount: &str) -> NewPurchase {
    NewPurchase::new(buyer, money(amount))
}

/// A sale with the caller's own id.
pub(crate) fn sale_as(reference: &str, buyer: UserId, amount: &str) -> NewPurchase {
    NewPurchase { reference: Some(self::reference(reference)), ..sale(buyer, amount) }
}

/// A sale that was made at some time.
pub(crate) fn made(at: Timestamp, sale: NewPurchase) -> NewPurchase {
    NewPurchase { occurred_at: Some(at), ..sale }
}

pub(crate) fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    Money::parse_amount(text).unwrap()
}

pub(crate) const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
