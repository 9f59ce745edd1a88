//! The door: a database, opened on one engine.

use std::fmt;
use std::path::PathBuf;

use domain::{Month, Plan, Timestamp};

use crate::{
    Ailment, Error, Exposure, Foundation, Load, PostgresUrl, Result, Snapshot, Tx, ZoneRecord, addresses,
    postgres, sqlite,
};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file `banyan.db` in this directory.
    Sqlite(PathBuf),
    /// A database that several nodes may share.
    Postgres(PostgresUrl),
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(directory) => directory.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// An open database.
///
/// Reads see one consistent state; writes happen as if one after another, and
/// what they answer is on disk.
#[derive(Debug)]
pub struct Store {
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Store {
    /// Opens the database and brings its schema to this release; where there is
    /// none, it is created on the default foundation. Within a tokio runtime.
    pub async fn open(database: &Database) -> Result<Self> {
        Self::open_or_create(database, &Foundation::default()).await
    }

    /// The same, on another foundation where the database is created.
    pub async fn open_or_create(database: &Database, foundation: &Foundation) -> Result<Self> {
        let engine = match database {
            Database::Sqlite(directory) => Engine::Sqlite(sqlite::Engine::open(directory, foundation)?),
            Database::Postgres(url) => Engine::Postgres(postgres::Engine::open(url, foundation).await?),
        };
        let store = Self { engine };
        if let Some(given) = foundation.currency {
            let plans = store.read_beside_sales(async |view| view.plans().await).await?;
            let kept = plans.first().map_or(given, |first| first.plan.currency);
            if given != kept {
                return Err(Error::OtherCurrency { kept, given });
            }
        }
        Ok(store)
    }

    /// Whether this call of [`Store::open`] created the database.
    pub fn is_new(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(engine) => engine.is_new(),
            Engine::Postgres(engine) => engine.is_new(),
        }
    }

    /// Files of the database that others on this machine can get at, if there are any.
    pub fn exposure(&self) -> Result<Option<Exposure>> {
        match &self.engine {
            Engine::Sqlite(engine) => Exposure::of(engine.directory()),
            Engine::Postgres(_) => Ok(None),
        }
    }

    /// Runs a use case that only looks. Everything it reads is of one moment.
    pub async fn read<T, E>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.read(look).await,
            Engine::Postgres(engine) => engine.read(look).await,
        }
    }

    /// Like [`Store::read`], for a short look that is taken all the time. What
    /// another process has written may be seen ten milliseconds later.
    pub async fn glance<T, E>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.glance(look).await,
            Engine::Postgres(engine) => engine.read(look).await,
        }
    }

    /// Like [`Store::read`], for a look at nothing that a sale changes: API keys,
    /// members, plans. It does not wait until sales are entered in the books.
    pub async fn read_beside_sales<T, E>(
        &self,
        look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.look(look),
            Engine::Postgres(engine) => engine.read(look).await,
        }
    }

    /// Runs a use case in a transaction: when this answers `Ok`, all of it is
    /// on disk; when it answers `Err`, nothing of it is. The one exception is
    /// [`Error::OutcomeUnknown`], when a database across a network is lost during a
    /// commit and does not come back in time.
    ///
    /// The closure may run more than once, but is committed once at most. It
    /// does nothing to that end: every transaction leaves a mark by which the
    /// engine knows it again.
    pub async fn write<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.write(change).await,
            Engine::Postgres(engine) => engine.write(change).await,
        }
    }

    /// Like [`Store::write`], for a change that adds purchases, what they pay, and
    /// nothing else. It sees all that it needs to decide that: plans, buyers,
    /// accounts and references; of purchases that were recorded a moment ago it
    /// may see no more.
    ///
    /// Under load the embedded engine writes sales down in one place and enters
    /// them in the books soon after. Nobody can tell: whoever reads waits for it.
    pub async fn record<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite(engine) => engine.record(change).await,
            Engine::Postgres(engine) => engine.write(change).await,
        }
    }

    /// How busy it is.
    pub fn load(&self) -> Load {
        match &self.engine {
            Engine::Sqlite(engine) => engine.load(),
            Engine::Postgres(engine) => engine.load(),
        }
    }

    /// What keeps the database from doing all of its work: nothing when all is well.
    pub async fn ailments(&self) -> Result<Vec<Ailment>> {
        match &self.engine {
            Engine::Sqlite(engine) => {
                engine.read(async |view: &mut Snapshot<'_>| view.ailments().await).await
            }
            Engine::Postgres(engine) => engine.ailments().await,
        }
    }

    /// A number that changes when another process has written to the database.
    pub async fn outside_version(&self) -> Result<i64> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.outside_version(),
            Engine::Postgres(engine) => engine.outside_version().await,
        }
    }
}

/// Finishes what the migrations have begun, in the first transaction after them.
/// A new database is given its foundation, for all time until another plan or time
/// zone is set. Answers whether it had none.
pub(crate) async fn found(tx: &mut Tx<'_>, foundation: &Foundation) -> Result<bool> {
    let none = tx.plans().await?.is_empty();
    if none {
        let always = Timestamp::from_millis(0);
        let plan = Plan { currency: foundation.currency.unwrap_or_default(), ..Plan::default() };
        tx.append_plan(&plan, always, always).await?;
        let zone = ZoneRecord { from: Month::FIRST, name: foundation.time_zone.clone(), set_at: always };
        tx.set_time_zone(&zone).await?;
    }
    addresses::compare(tx).await?;
    Ok(none)
}
