//! The engines the suite runs on, and a fresh database of each.
//!
//! To add an engine: one function here that makes a [`Fresh`], and one module
//! of the same name in [`on_every_engine`].

use domain::UserId;
use store::{Database, Error, Result, Snapshot, Store, Tx};
use tempfile::TempDir;

use crate::cluster::{Isolation, Scratch, cluster};
use crate::values;

/// Names the tests of a file; each of them takes a [`Fresh`] database and runs
/// once on every engine. Attributes such as `#[ignore = "why"]` go before the name.
macro_rules! on_every_engine {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        on_engine! { sqlite: $($(#[$attribute])* $test),+ }
        on_engine! { postgres: $($(#[$attribute])* $test),+ }
        on_engine! { strict_postgres: $($(#[$attribute])* $test),+ }
    };
}

/// The same for what can only happen where there is a network.
macro_rules! on_network_engines {
    ($($test:ident),+ $(,)?) => {
        on_engine! { postgres: $($test),+ }
        on_engine! { strict_postgres: $($test),+ }
    };
}

macro_rules! on_engine {
    ($engine:ident: $($(#[$attribute:meta])* $test:ident),+) => {
        mod $engine {
            $(
                $(#[$attribute])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    if let Some(db) = $crate::engines::Fresh::on($crate::engines::$engine).await {
                        super::$test(db).await;
                    }
                }
            )+
        }
    };
}

/// Where a new database can be made, and gone with it when this is dropped.
pub(crate) struct Place {
    pub(crate) database: Database,
    _kept: Kept,
}

#[expect(dead_code, reason = "kept for what happens when they are dropped")]
enum Kept {
    Directory(TempDir),
    Scratch(Scratch),
}

/// A new, empty database, open, and gone when it is dropped.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    pub(crate) place: Place,
    another: fn() -> Option<Place>,
}

/// A database file in a directory of its own.
#[expect(clippy::unnecessary_wraps, reason = "another engine may not be there")]
pub(crate) fn sqlite() -> Option<Place> {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(directory.path().join("data"));
    Some(Place { database, _kept: Kept::Directory(directory) })
}

/// A database as PostgreSQL makes it.
pub(crate) fn postgres() -> Option<Place> {
    on_cluster(Isolation::ReadCommitted)
}

/// A database in which every transaction that asks for nothing less is
/// serializable, as in those that spread one over many machines.
pub(crate) fn strict_postgres() -> Option<Place> {
    on_cluster(Isolation::Serializable)
}

fn on_cluster(isolation: Isolation) -> Option<Place> {
    let scratch = cluster()?.database(isolation);
    Some(Place { database: Database::Postgres(scratch.url.parse().unwrap()), _kept: Kept::Scratch(scratch) })
}

impl Fresh {
    pub(crate) async fn on(engine: fn() -> Option<Place>) -> Option<Self> {
        let place = engine()?;
        Some(Self { store: Store::open(&place.database).await.unwrap(), place, another: engine })
    }

    /// Another place for a database of the same engine.
    pub(crate) fn elsewhere(&self) -> Place {
        (self.another)().unwrap()
    }

    /// A second, independent look at the same database, as another process has it.
    pub(crate) async fn open_again(&self) -> Store {
        Store::open(&self.place.database).await.unwrap()
    }

    /// Closes the database and opens it again.
    pub(crate) async fn reopened(self) -> Self {
        let Self { store, place, another } = self;
        drop(store);
        Self { store: Store::open(&place.database).await.unwrap(), place, another }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.store.read(look).await.unwrap()
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.store.write(change).await.unwrap()
    }

    /// What a transaction that must fail failed with.
    pub(crate) async fn refused<T: Send + std::fmt::Debug + 'static>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Error {
        self.store.write(change).await.unwrap_err()
    }

    /// Registers one member for each element, below the member at that index.
    pub(crate) async fn members<const N: usize>(&self, referrers: [Option<usize>; N]) -> [UserId; N] {
        let ids: Vec<UserId> = self
            .write(async move |tx| {
                let mut ids = Vec::with_capacity(N);
                for (number, referrer) in (1..).zip(referrers) {
                    let mut user = values::user(number);
                    user.referrer = referrer.map(|index| ids[index]);
                    ids.push(tx.insert_user(&user).await?);
                }
                Ok(ids)
            })
            .await;
        ids.try_into().expect("one id for each")
    }
}
