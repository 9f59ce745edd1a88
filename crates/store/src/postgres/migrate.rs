//! Brings the schema to this release, once, however many nodes start together.
//!
//! Whoever migrates holds a row lock meanwhile. It goes with her connection, so
//! nobody waits for somebody who died.

use deadpool_postgres::ClientWrapper;
use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;

use super::connect::{self, Object, Pool};
use super::fault::{self, Fault};
use crate::{Error, Result};

const LOCK_TABLE: &str = "\
create table if not exists migration_lock (id bigint primary key);
insert into migration_lock (id) values (1) on conflict (id) do nothing";
const LOCK: &str = "begin; select id from migration_lock where id = 1 for update";

/// A migration takes as long as it takes.
const NO_LIMITS: &str = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0";

pub(super) const SCHEMA_VERSION: &str = "select max(version) from refinery_schema_history";
pub(super) const DURABILITY: &str = "\
select coalesce(current_setting('fsync', true), 'on'), coalesce(current_setting('synchronous_commit', true), 'on')";
pub(super) const FINISHED: &str = "\
select version from plans
where not exists (select 1 from compared_addresses where compared is null and taken_by is null) limit 1";

mod embedded {
    refinery::embed_migrations!("src/postgres/migrations");
}

/// The version of the newest migration that this release knows.
pub(super) fn newest_migration() -> Option<i32> {
    embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max()
}

/// The version of the newest migration that was run; nothing before the first.
pub(super) async fn applied(client: &ClientWrapper) -> Result<Option<i32>> {
    match client.query_one(SCHEMA_VERSION, &[]).await {
        Ok(found) => Ok(found.get(0)),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

/// Whether there is nothing to do.
pub(super) async fn is_current(client: &ClientWrapper) -> Result<bool> {
    let current = applied(client).await? == newest_migration();
    Ok(current && client.query_opt(FINISHED, &[]).await.map_err(told)?.is_some())
}

/// Says so when the database forgets what it has confirmed.
pub(super) async fn check_durability(client: &ClientWrapper) -> Result<()> {
    let settings = client.query_one(DURABILITY, &[]).await.map_err(told)?;
    for (column, name) in ["fsync", "synchronous_commit"].into_iter().enumerate() {
        if settings.get::<_, &str>(column) == "off" {
            tracing::warn!("{name} is off: what was answered can be lost when the database is switched off");
        }
    }
    Ok(())
}

/// The right to migrate, until it is dropped.
pub(super) struct Lock(#[expect(dead_code, reason = "its transaction holds the row")] ClientWrapper);

impl Lock {
    /// Waits until nobody else migrates.
    pub(super) async fn take(pool: &Pool) -> Result<Self> {
        let client = without_limits(pool).await?;
        // Two that make the same table or row at once may both be told it is not there. A
        // table is a relation and a type of the same name: either may be found taken.
        while let Err(error) = client.batch_execute(LOCK_TABLE).await {
            let taken = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
            let raced = error.code().is_some_and(|code| taken.contains(code));
            match fault::of(error) {
                (Fault::Crossed | Fault::Taken, _) => {}
                (_, error) if !raced => return Err(error),
                _ => {}
            }
            sleep(connect::TRY_AGAIN_AFTER).await;
        }
        client.batch_execute(LOCK).await.map_err(told)?;
        Ok(Self(client))
    }
}

/// Runs every migration that has not run yet; a newer database is refused.
pub(super) async fn run(pool: &Pool, _held: &Lock) -> Result<()> {
    let mut client = without_limits(pool).await?;
    embedded::migrations::runner().run_async(&mut *client).await.map(drop).map_err(|error| {
        match error.kind() {
            refinery::error::Kind::MissingVersion(migration) => Error::Newer(migration.to_string()),
            _ => Error::Engine(fault::words(&error).into()),
        }
    })
}

/// A connection that does not go back to the pool.
async fn without_limits(pool: &Pool) -> Result<ClientWrapper> {
    let deadline = Instant::now() + connect::BEGIN_WITHIN;
    let client = Object::take(connect::connection(pool, deadline).await?);
    client.batch_execute(NO_LIMITS).await.map_err(told)?;
    Ok(client)
}

fn told(error: tokio_postgres::Error) -> Error {
    fault::of(error).1
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::PostgresUrl;

    /// A database of an earlier release, with these rows.
    pub(in super::super) async fn to(url: &PostgresUrl, version: u32, rows: &str) {
        let pool = connect::pool(url, &Arc::default()).unwrap();
        let mut client = without_limits(&pool).await.unwrap();
        let target = refinery::Target::Version(version.cast_signed());
        embedded::migrations::runner().set_target(target).run_async(&mut *client).await.unwrap();
        client.batch_execute(rows).await.unwrap();
    }
}
