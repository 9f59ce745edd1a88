//! The connections of this process, and how long anybody waits for one. That nobody
//! waits for a database that is away rests on the figures of this file.

use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{self, Hook, PoolError};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::buyers::Buyers;
use super::hosts::Connections;
use super::url::PostgresUrl;
use crate::{Error, Result};

/// Connections of this process.
const CONNECTIONS: usize = 16;

/// Until when somebody waits for a connection, or begins once more.
pub(super) const BEGIN_WITHIN: Duration = Duration::from_millis(1_500);

/// How soon a connection that could not be made is tried again.
pub(super) const TRY_AGAIN_AFTER: Duration = Duration::from_millis(100);

pub(super) type Pool = managed::Pool<Connections>;

/// A connection of the pool, which goes back to it when it is dropped.
pub(super) type Object = managed::Object<Connections>;

/// The connections to a database. None is made yet.
pub(super) fn pool(url: &PostgresUrl, buyers: &Arc<Buyers>) -> Result<Pool> {
    // What answers may be a copy that lacks the newest members.
    let buyers = Arc::clone(buyers);
    let forget = Hook::sync_fn(move |_, _| {
        buyers.forget();
        Ok(())
    });
    let pool = Pool::builder(Connections::to(url)?).max_size(CONNECTIONS).post_create(forget);
    pool.build().map_err(|error| Error::Engine(error.into()))
}

/// A connection. A database that is away is tried again until the deadline.
pub(super) async fn connection(pool: &Pool, deadline: Instant) -> Result<Object> {
    loop {
        let Ok(made) = timeout_at(deadline, pool.get()).await else {
            // Unless something is known to be wrong, others have them all.
            return Err(pool.manager().trouble().map_or(Error::Busy, Error::Away));
        };
        let why = match made.map_err(told) {
            Err(Error::Away(why)) => why,
            made => return made,
        };
        // A refusal can come faster than a deadline is noticed.
        let next = Instant::now() + TRY_AGAIN_AFTER;
        if next >= deadline {
            return Err(Error::Away(why));
        }
        sleep_until(next).await;
    }
}

/// The first connection of all: every host has its turn, however many there are.
pub(super) async fn first_connection(pool: &Pool, deadline: Instant) -> Result<Object> {
    match pool.get().await.map_err(told) {
        Err(Error::Away(_)) => connection(pool, deadline).await,
        made => made,
    }
}

fn told(error: PoolError<Error>) -> Error {
    match error {
        PoolError::Backend(error) => error,
        error => Error::Engine(error.to_string().into()),
    }
}
