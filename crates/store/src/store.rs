//! The door: a database, opened on one engine.

use std::path::PathBuf;

use crate::{Result, Snapshot, Tx, sqlite};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file `banyan.db` in this directory.
    Sqlite(PathBuf),
}

/// An open database.
///
/// Reads see one consistent state; writes run one after another, and what they
/// answer is on disk.
#[derive(Debug)]
pub struct Store {
    engine: sqlite::Engine,
}

impl Store {
    /// Opens the database, creates it if there is none, and brings its schema
    /// to this release.
    pub fn open(database: &Database) -> Result<Self> {
        let Database::Sqlite(directory) = database;
        Ok(Self { engine: sqlite::Engine::open(directory)? })
    }

    /// Whether this call of [`Store::open`] created the database.
    pub fn is_new(&self) -> bool {
        self.engine.is_new()
    }

    /// Runs a use case that only looks. Everything it reads is of one moment.
    #[expect(clippy::unused_async, reason = "an engine across a network waits where this one does not")]
    pub async fn read<T, E>(&self, look: impl AsyncFn(&mut Snapshot<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<crate::Error>,
    {
        self.engine.read(look)
    }

    /// Runs a use case in a transaction: when this answers `Ok`, all of it is
    /// on disk; when it answers `Err`, nothing of it is.
    ///
    /// The closure may run more than once.
    pub async fn write<T, E>(
        &self,
        change: impl AsyncFn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<crate::Error> + Send + 'static,
    {
        self.engine.write(change).await
    }

    /// A number that changes when another process has written to the database.
    pub async fn outside_version(&self) -> Result<i64> {
        self.engine.outside_version().await
    }
}
