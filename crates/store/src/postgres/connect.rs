//! How a connection is made, and how long everything may take. That nobody
//! waits for a database that is away rests on the figures of this file.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Connect, Hook, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_postgres::{Client, Config, Error as PostgresError};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::buyers::Buyers;
use super::fault::{self, Fault};
use super::tls;
use super::url::PostgresUrl;
use crate::{Error, Result};

/// Connections of this process.
const CONNECTIONS: usize = 16;

/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_millis(1_200);

/// Until when somebody waits for a connection, or begins once more.
pub(super) const BEGIN_WITHIN: Duration = Duration::from_millis(1_500);

/// How soon a connection that could not be made is tried again.
pub(super) const TRY_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How long sent bytes may stay unconfirmed before the connection counts as lost.
const UNCONFIRMED_WITHIN: Duration = Duration::from_secs(2);

/// After how much silence the other end is asked whether it is still there.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(10);

/// The database gives up a statement that takes longer, and a transaction whose
/// node says nothing: its locks must not outlive it for long.
const SETTINGS: &str = "\
set statement_timeout = '1800ms'; set idle_in_transaction_session_timeout = '3s'";

/// Every lookup has an index, and its plan is kept for as long as the connection
/// lives: one that was made while a table was small must do when it is large.
/// What reads everything takes these back. Not every database has them.
const PLANS: &str = "\
select set_config(name, 'off', false) from pg_settings
where name in ('enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit')";

/// The connections to a database. None is made yet.
pub(super) fn pool(url: &PostgresUrl, buyers: &Arc<Buyers>) -> Result<Pool> {
    let mut config = Config::clone(&url.config);
    if config.get_application_name().is_none() {
        config.application_name("banyan");
    }
    config.connect_timeout(CONNECT_WITHIN).tcp_user_timeout(UNCONFIRMED_WITHIN);
    config.keepalives_idle(KEEP_ALIVE_AFTER);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(config, Connector { tls: tls::connector(&url.trust)? }, recycling);
    // What answers may be a copy that lacks the newest members.
    let buyers = Arc::clone(buyers);
    let forget = Hook::sync_fn(move |_, _| {
        buyers.forget();
        Ok(())
    });
    let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1).post_create(forget);
    pool.create_timeout(Some(CONNECT_WITHIN)).build().map_err(|error| Error::Engine(error.into()))
}

/// A connection. A database that is away is tried again until the deadline.
pub(super) async fn connection(pool: &Pool, deadline: Instant) -> Result<Object> {
    // Unless something else is found to be wrong, others have them all.
    let mut why = Error::Busy;
    loop {
        let Ok(made) = timeout_at(deadline, pool.get()).await else { return Err(why) };
        why = match made {
            Ok(connection) => return Ok(connection),
            Err(PoolError::Backend(error)) => match fault::of(error) {
                (Fault::Lost, error) => error,
                (_, error) => return Err(error),
            },
            Err(PoolError::Timeout(_)) => Error::Away("no connection was made in time".into()),
            Err(error) => return Err(Error::Engine(error.into())),
        };
        // A refusal can come faster than a deadline is noticed.
        let next = Instant::now() + TRY_AGAIN_AFTER;
        if next >= deadline {
            return Err(why);
        }
        sleep_until(next).await;
    }
}

/// Makes connections that are served where they were asked for.
struct Connector {
    tls: MakeRustlsConnect,
}

type Connecting<'a> =
    Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), PostgresError>> + Send + 'a>>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let (config, tls) = (config.clone(), self.tls.clone());
        Box::pin(async move {
            let (client, connection) = config.connect(tls).await?;
            let served = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection to the database was lost");
                }
            });
            client.batch_execute(SETTINGS).await?;
            client.batch_execute(PLANS).await?;
            Ok((client, served))
        })
    }
}
