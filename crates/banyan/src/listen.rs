//! Where a server listens, as people write it: `127.0.0.1:3000`, `localhost:3000`,
//! or `:3000` for all addresses of this machine.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;
use tokio::net::{TcpListener, lookup_host};

use crate::Failure;

/// An address, or the name of a host, with a port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Listen {
    At(SocketAddr),
    Named(String),
}

impl Default for Listen {
    fn default() -> Self {
        Self::At((Ipv4Addr::LOCALHOST, 3000).into())
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        if let Ok(address) = text.parse() {
            return Ok(Self::At(address));
        }
        let (host, port) = text.rsplit_once(':').ok_or(InvalidListen)?;
        let port: u16 = port.parse().map_err(|_| InvalidListen)?;
        if host.is_empty() {
            return Ok(Self::At((Ipv4Addr::UNSPECIFIED, port).into()));
        }
        let is_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
        if host.chars().all(is_name) { Ok(Self::Named(text.to_owned())) } else { Err(InvalidListen) }
    }
}

impl TryFrom<String> for Listen {
    type Error = InvalidListen;

    fn try_from(text: String) -> Result<Self, InvalidListen> {
        text.parse()
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Named(name) => name.fmt(f),
        }
    }
}

/// The text is no place to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an address or a host with a port, such as \"127.0.0.1:3000\", \"[::1]:3000\", \"localhost:3000\", \
     or \":3000\" for all addresses of this machine"
)]
pub(crate) struct InvalidListen;

impl Listen {
    /// Listens there.
    pub(crate) async fn bind(&self) -> Result<TcpListener, Failure> {
        let listener = match self {
            Self::At(address) => TcpListener::bind(address).await,
            Self::Named(name) => bind_named(name).await,
        };
        Ok(listener
            .map_err(|error| format!("cannot listen on {self}: {error}; choose another with --listen"))?)
    }
}

/// A name may have several addresses. Most who say `localhost` mean 127.0.0.1.
async fn bind_named(name: &str) -> io::Result<TcpListener> {
    let mut addresses: Vec<_> = lookup_host(name).await?.collect();
    addresses.sort_by_key(SocketAddr::is_ipv6);
    TcpListener::bind(&*addresses).await
}

/// How whoever is on this machine reaches a server that listens here.
pub(crate) fn local_url(listener: &TcpListener) -> io::Result<String> {
    let address = listener.local_addr()?;
    Ok(match address.ip().is_unspecified() {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_listen_is_an_address_or_a_host_with_a_port_or_a_port_alone() {
        for (text, place) in [
            ("127.0.0.1:3000", "127.0.0.1:3000"),
            ("[::1]:0", "[::1]:0"),
            (":4320", "0.0.0.0:4320"),
            ("localhost:4333", "localhost:4333"),
            ("db-1.internal:80", "db-1.internal:80"),
        ] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), place);
        }
        for text in
            ["", "3000", "localhost", "localhost:", ":65536", "::1:3000", "http://localhost:3000", "a b:1"]
        {
            assert_eq!(text.parse::<Listen>(), Err(InvalidListen), "{text}");
        }
    }

    #[tokio::test]
    async fn a_host_is_looked_up_and_its_older_kind_of_address_is_taken_first() {
        let listener = "localhost:0".parse::<Listen>().unwrap().bind().await.unwrap();
        assert!(local_url(&listener).unwrap().starts_with("http://127.0.0.1:"));
        let refused = "nowhere.invalid:0".parse::<Listen>().unwrap().bind().await.unwrap_err().to_string();
        assert!(refused.starts_with("cannot listen on nowhere.invalid:0"), "{refused}");
    }
}
