//! How a database stands to this release, found out without a change to it.

use std::cmp::Ordering;

use crate::{Database, Result, postgres, sqlite};

/// The schema of a database, beside that of this release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// There is none: whoever opens the database makes it.
    Missing,
    /// Of an earlier release: whoever opens the database migrates it.
    Older,
    /// Of this release.
    Current,
    /// Of a later release: nobody can open it with this one.
    Newer,
}

impl Database {
    /// Looks at the schema, and leaves it as it is.
    pub async fn schema(&self) -> Result<Schema> {
        let (applied, newest) = match self {
            Self::Sqlite(directory) => sqlite::schema(directory)?,
            Self::Postgres(url) => postgres::schema(url).await?,
        };
        Ok(match applied.map(|applied| applied.cmp(&newest)) {
            None => Schema::Missing,
            Some(Ordering::Less) => Schema::Older,
            Some(Ordering::Equal) => Schema::Current,
            Some(Ordering::Greater) => Schema::Newer,
        })
    }
}
