//! Whose word is taken for where a request came from, and what limits count by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// Names every hop that a request came by, the nearest last.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The bits of an IPv6 address that are somebody's: whoever has one such network
/// has all of the addresses in it.
const IPV6_SOMEBODYS: u8 = 64;

/// Addresses that begin with the same bits, such as `10.0.0.0/8`; one address alone
/// is a network as well.
///
/// ```
/// use server::Network;
///
/// let network: Network = "10.1.0.0/16".parse().unwrap();
/// assert!(network.holds("10.1.2.3".parse().unwrap()));
/// assert!(!network.holds("10.2.0.0".parse().unwrap()));
/// assert!("10.1.0.0/33".parse::<Network>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && first_bits(address, self.bits) == self.address
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let address = address.parse::<IpAddr>().map_err(|_| InvalidNetwork)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() { all } else { bits.parse().map_err(|_| InvalidNetwork)? };
        if bits > all || text.trim().ends_with('/') {
            return Err(InvalidNetwork);
        }
        Ok(Self { address: first_bits(address, bits), bits })
    }
}

/// The text is not a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address or a network, such as \"10.0.0.7\" or \"10.0.0.0/8\"")]
pub struct InvalidNetwork;

/// The proxies that say where a request came from.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<I: IntoIterator<Item = Network>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// What limits count by: an IPv4 address, or the network of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Client {
    /// Where requests come from that came by no connection.
    pub(crate) const NOWHERE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

impl TrustedProxies {
    /// Who has sent a request that came by a connection from this address. Each proxy
    /// is believed about the hop before it, for as long as it is a trusted one.
    pub(crate) fn client(&self, connected: IpAddr, headers: &HeaderMap) -> Client {
        let mut nearest = connected.to_canonical();
        if self.trust(nearest) {
            let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
            let hops = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
            for hop in hops {
                let Some(before) = address(hop.trim()) else { break };
                nearest = before.to_canonical();
                if !self.trust(nearest) {
                    break;
                }
            }
        }
        Client(if nearest.is_ipv6() { first_bits(nearest, IPV6_SOMEBODYS) } else { nearest })
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn first_bits(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4((address.to_bits() & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], connected: &str, forwarded: &[&str]) -> String {
        let trusted: TrustedProxies = trusted.iter().map(|network| network.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        trusted.client(connected.parse().unwrap(), &headers).0.to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_the_hop_before_it() {
        let (proxy, inner) = ("10.0.0.0/8", "127.0.0.1");
        for (trusted, connected, forwarded, told) in [
            (&[][..], "10.0.0.1", &["203.0.113.7"][..], "10.0.0.1"),
            (&[proxy], "192.0.2.1", &["203.0.113.7"], "192.0.2.1"),
            (&[proxy], "10.0.0.1", &[], "10.0.0.1"),
            (&[proxy], "10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            (&[proxy], "10.0.0.1", &["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
            (&[proxy], "10.0.0.1", &["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            (&[proxy], "10.0.0.1", &["1.1.1.1", "203.0.113.7,10.0.0.2"], "203.0.113.7"),
            (&[proxy, inner], "127.0.0.1", &["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            (&[proxy], "10.0.0.1", &["203.0.113.7, unknown"], "10.0.0.1"),
            (&[proxy], "10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            (&[proxy], "::ffff:10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            (&[proxy], "10.0.0.1", &["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::"),
        ] {
            assert_eq!(client(trusted, connected, forwarded), told, "{connected} {forwarded:?}");
        }
    }

    #[test]
    fn ipv6_counts_by_the_network() {
        assert_eq!(client(&[], "2001:db8:1:2:3:4:5:6", &[]), "2001:db8:1:2::");
        assert_eq!(client(&[], "2001:db8:1:3::1", &[]), "2001:db8:1:3::");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/x", "proxy"] {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().holds("203.0.113.7".parse().unwrap()));
    }
}
