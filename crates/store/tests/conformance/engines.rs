//! The engines the suite runs on, and a fresh database of each.
//!
//! To add an engine: one function here that makes a [`Fresh`], and one module
//! of the same name in [`on_every_engine`].

use domain::UserId;
use store::{Database, Error, Result, Snapshot, Store, Tx};
use tempfile::TempDir;

use crate::values;

/// Names the tests of a file; each of them takes a [`Fresh`] database and runs
/// once on every engine. Attributes such as `#[ignore = "why"]` go before the name.
macro_rules! on_every_engine {
    ($($(#[$attribute:meta])* $test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                $(#[$attribute])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test($crate::engines::sqlite()).await;
                }
            )+
        }
    };
}

/// A new, empty database, open, and gone when it is dropped.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    pub(crate) database: Database,
    directory: TempDir,
}

/// A database file in a directory of its own.
pub(crate) fn sqlite() -> Fresh {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(directory.path().join("data"));
    Fresh { store: Store::open(&database).unwrap(), database, directory }
}

impl Fresh {
    /// A second, independent look at the same database, as another process has it.
    pub(crate) fn open_again(&self) -> Store {
        Store::open(&self.database).unwrap()
    }

    /// Closes the database and opens it again.
    pub(crate) fn reopened(self) -> Self {
        let Self { store, database, directory } = self;
        drop(store);
        Self { store: Store::open(&database).unwrap(), database, directory }
    }

    pub(crate) async fn read<T>(&self, look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T>) -> T {
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
