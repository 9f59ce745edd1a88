//! The hosts of the address, and how one of them becomes a connection.
//!
//! Each address of each host has a limit of its own, as with libpq, so one that says
//! nothing costs that much and no more. Whichever answered last is asked first.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::fault;
use super::tls;
use super::url::PostgresUrl;
use crate::{Error, Result};

/// How long one address of one host may take until it can be worked with.
const CONNECT_WITHIN: Duration = Duration::from_millis(1_200);

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

/// A host of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its name, or the directory of its socket.
    pub(super) host: Option<Host>,
    /// Its IP address, where it is given beside the name or instead of it.
    pub(super) address: Option<IpAddr>,
    pub(super) port: u16,
}

/// Makes connections for the pool.
pub(super) struct Connections(Arc<Hosts>);

struct Hosts {
    config: Config,
    places: Vec<Place>,
    tls: MakeRustlsConnect,
    known: Mutex<Known>,
}

/// What is known of the hosts.
#[derive(Default)]
struct Known {
    /// Which place answered last, and at which address.
    answered: Option<(usize, Option<IpAddr>)>,
    /// What was wrong with each that was asked since.
    troubles: BTreeMap<usize, String>,
}

impl Connections {
    pub(super) fn to(url: &PostgresUrl) -> Result<Self> {
        let mut config = Config::clone(&url.config);
        if config.get_application_name().is_none() {
            config.application_name("banyan");
        }
        config.tcp_user_timeout(UNCONFIRMED_WITHIN).keepalives_idle(KEEP_ALIVE_AFTER);
        let (places, tls) = (url.places.clone(), tls::connector(&url.trust)?);
        Ok(Self(Arc::new(Hosts { config, places, tls, known: Mutex::default() })))
    }

    /// Why there is no connection, as far as anybody has found out since there was one.
    pub(super) fn trouble(&self) -> Option<String> {
        self.0.known().trouble()
    }
}

impl managed::Manager for Connections {
    type Type = ClientWrapper;
    type Error = Error;

    /// It goes on when nobody waits for it any more: whoever comes next begins where
    /// somebody answered.
    async fn create(&self) -> Result<ClientWrapper> {
        let hosts = Arc::clone(&self.0);
        let made = tokio::spawn(async move { hosts.connect().await });
        made.await.map_err(|panic| Error::Engine(panic.into()))?
    }

    async fn recycle(&self, client: &mut ClientWrapper, _: &Metrics) -> RecycleResult<Error> {
        match client.is_closed() {
            true => Err(RecycleError::message("it was closed")),
            false => Ok(()),
        }
    }
}

impl Hosts {
    /// A connection to the first that answers.
    async fn connect(&self) -> Result<ClientWrapper> {
        let (first, answered) = self.known().answered.unwrap_or_default();
        for index in (first..self.places.len()).chain(0..first) {
            let place = &self.places[index];
            let mut addresses = match place.addresses().await {
                Ok(addresses) => addresses,
                Err(error) => {
                    self.note(index, format!("{place}: {error}"));
                    continue;
                }
            };
            addresses.sort_by_key(|address| *address != answered);
            for address in addresses {
                let made = timeout(CONNECT_WITHIN, self.connect_to(place, address)).await;
                match made.unwrap_or_else(|_| Err(Error::Away("it says nothing".into()))) {
                    Ok(client) => {
                        *self.known() = Known { answered: Some((index, address)), troubles: BTreeMap::new() };
                        return Ok(client);
                    }
                    Err(Error::Away(why)) => self.note(index, format!("{place}: {why}")),
                    // It is there, and its answer is no: that of another would be no other.
                    Err(error) => return Err(error),
                }
            }
        }
        // Another attempt may have had more luck meanwhile.
        Err(Error::Away(self.known().trouble().unwrap_or_else(|| "no host answered in time".into())))
    }

    async fn connect_to(&self, place: &Place, address: Option<IpAddr>) -> Result<ClientWrapper> {
        let mut config = self.config.clone();
        match &place.host {
            Some(Host::Tcp(name)) => _ = config.host(name),
            Some(Host::Unix(directory)) => _ = config.host_path(directory),
            None => {}
        }
        if let Some(address) = address {
            config.hostaddr(address);
        }
        config.port(place.port);
        let told = |error| fault::of(error).1;
        let (client, connection) = config.connect(self.tls.clone()).await.map_err(told)?;
        let served = tokio::spawn(async move {
            if let Err(error) = connection.await {
                let error = fault::words(&error);
                metrics::counter!("banyan_database_lost_total").increment(1);
                tracing::warn!(error, "a connection to the database was lost");
            }
        });
        let client = ClientWrapper::new(client, served);
        client.batch_execute(SETTINGS).await.map_err(told)?;
        client.batch_execute(PLANS).await.map_err(told)?;
        Ok(client)
    }

    fn note(&self, index: usize, trouble: String) {
        metrics::counter!("banyan_database_unreached_total").increment(1);
        self.known().troubles.insert(index, trouble);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn trouble(&self) -> Option<String> {
        let troubles: Vec<_> = self.troubles.values().map(String::as_str).collect();
        (!troubles.is_empty()).then(|| troubles.join("; "))
    }
}

impl Place {
    /// Where it is reached; a socket of this machine has no address.
    async fn addresses(&self) -> std::io::Result<Vec<Option<IpAddr>>> {
        let Some(Host::Tcp(name)) = &self.host else { return Ok(vec![self.address]) };
        if self.address.is_some() {
            return Ok(vec![self.address]);
        }
        let found = timeout(CONNECT_WITHIN, lookup_host((name.as_str(), self.port))).await??;
        Ok(found.map(|address| Some(address.ip())).collect())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.address) {
            (Some(Host::Tcp(name)), _) => write!(f, "{name}:{}", self.port),
            (Some(Host::Unix(directory)), _) => write!(f, "{}:{}", directory.display(), self.port),
            (None, address) => {
                write!(f, "{}:{}", address.map_or_else(String::new, |ip| ip.to_string()), self.port)
            }
        }
    }
}
