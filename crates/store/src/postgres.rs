//! PostgreSQL, across a network, shared by as many nodes as there are.
//!
//! A read is one `repeatable read` transaction. A write runs at whatever level
//! the database has by default, and is right from `read committed` upwards:
//! whatever decides is read under a row's lock or stands in the condition of
//! the update itself, and what a stricter level refuses is run again. Locks are
//! taken in the order of their keys, accounts (the rows of `users`) last.
//!
//! Only SQL that distributed databases which speak PostgreSQL's protocol run,
//! too: no advisory locks, no cached sequences, no notifications, and code in
//! the database for the append-only triggers alone.

mod accounts;
mod addresses;
mod adjustments;
mod audit;
mod buyers;
#[cfg(test)]
#[path = "../tests/cluster/mod.rs"]
mod cluster;
mod connect;
mod engine;
mod entries;
mod fault;
mod grants;
mod hosts;
mod integrity;
mod keys;
mod members;
mod migrate;
mod months;
mod payouts;
mod plans;
mod purchases;
mod refunds;
mod row;
mod session;
mod sessions;
mod sources;
#[cfg(test)]
mod statements;
mod tls;
mod totals;
mod transaction;
mod trip;
mod url;
mod worker;
mod writers;

pub(crate) use engine::Engine;
pub use url::{InvalidUrl, PostgresUrl};

use std::sync::Arc;

use tokio::time::Instant;

use crate::Result;
use transaction::Transaction;

/// The newest migration that was run on a database, and the newest that there is.
pub(crate) async fn schema(url: &PostgresUrl) -> Result<(Option<u32>, u32)> {
    let pool = connect::pool(url, &Arc::default())?;
    let connection = connect::connection(&pool, Instant::now() + connect::BEGIN_WITHIN).await?;
    let applied = migrate::applied(&connection).await?;
    let version = |number: i32| number.unsigned_abs();
    Ok((applied.map(version), migrate::newest_migration().map(version).unwrap_or_default()))
}

/// One transaction on one connection. Its methods are spread over the files of
/// this folder, by table.
pub(crate) struct Session<'c> {
    open: &'c mut Transaction,
}

impl Session<'_> {
    pub(crate) fn history(&self) -> u64 {
        self.open.history
    }
}
