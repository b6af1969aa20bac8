//! Who is at the other end of the connection, whether it is believed, and how much of it is shown.
//!
//! Request ids, trace headers and the like come from whoever connects. [`Trust`] says from whom they are taken over;
//! every observer that is handed such a claim asks the same type. [`ClientAddress`] says how much of the peer's address may
//! be seen in a span or a log line.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use http::Extensions;
use ipnet::IpNet;

use crate::framework;

/// The address at the other end of the connection, as an extension of the request, for servers that are not
/// axum's. axum's own `ConnectInfo<SocketAddr>` is understood as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// Who is believed: whose request ids are adopted, whose traces are continued.
#[derive(Clone, Debug)]
pub struct Trust(Whom);

#[derive(Clone, Debug)]
enum Whom {
    Nobody,
    Everybody,
    Peers(Vec<IpNet>),
}

/// A network that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustError {
    network: String,
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "trusted peer {:?}: write an address or a network, as in \"10.0.0.0/8\" or \"::1\"",
            self.network
        )
    }
}

impl std::error::Error for TrustError {}

impl Trust {
    /// Nobody: every request gets an id, and a trace, of our own.
    #[must_use]
    pub fn never() -> Self {
        Self(Whom::Nobody)
    }

    /// Everybody who sends what is well-formed.
    #[must_use]
    pub fn always() -> Self {
        Self(Whom::Everybody)
    }

    /// Who connects from these addresses or networks: the balancers and services before this one. The server must make the peer's address known: `into_make_service_with_connect_info` under axum,
    /// the extension [`PeerAddr`] elsewhere.
    ///
    /// # Errors
    ///
    /// Names the text that is neither an address nor a network.
    pub fn peers<N: AsRef<str>>(networks: impl IntoIterator<Item = N>) -> Result<Self, TrustError> {
        networks
            .into_iter()
            .map(|network| {
                let text = network.as_ref().trim();
                text.parse::<IpNet>()
                    .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| TrustError { network: text.to_owned() })
            })
            .collect::<Result<_, _>>()
            .map(|networks| Self(Whom::Peers(networks)))
    }

    /// Loopback and the private networks (RFC 1918, RFC 4193): where balancers and sidecars live.
    #[must_use]
    pub fn private_networks() -> Self {
        Self::peers(["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"])
            .expect("these are networks")
    }

    /// Whether the peer of a request with these extensions is believed.
    pub(crate) fn holds(&self, extensions: &Extensions) -> bool {
        match &self.0 {
            Whom::Nobody => false,
            Whom::Everybody => true,
            Whom::Peers(networks) => {
                peer(extensions).is_some_and(|peer| networks.iter().any(|network| network.contains(&peer)))
            }
        }
    }
}

/// How much of the address at the other end is shown. Headers that claim another one are not believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// Nothing.
    #[default]
    Hidden,
    /// Its network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
    Truncated,
    /// The whole address.
    Full,
}

impl ClientAddress {
    /// What is shown of the peer of a request with these extensions.
    pub(crate) fn of(self, extensions: &Extensions) -> Option<IpAddr> {
        match self {
            Self::Hidden => None,
            Self::Truncated => peer_address(extensions).map(network),
            Self::Full => peer_address(extensions),
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() & u32::MAX << 8).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & u128::MAX << 80).into(),
    }
}

/// The address at the other end, where the server made it known. One that stands for an address of version 4 is that.
fn peer_address(extensions: &Extensions) -> Option<IpAddr> {
    let known = extensions.get::<PeerAddr>().map(|peer| peer.0.ip()).or_else(|| framework::peer(extensions));
    known.map(|address| address.to_canonical())
}

/// The same for a decision that hangs on it, which is warned about once where it cannot be made.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    static UNKNOWN: AtomicBool = AtomicBool::new(false);
    let known = peer_address(extensions);
    if known.is_none() && !UNKNOWN.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "request ids and traces are trusted by peer, but the peer of a request is unknown, so what it sent was not \
             believed; serve with into_make_service_with_connect_info::<SocketAddr>(), or insert the extension PeerAddr"
        );
    }
    known
}

#[cfg(test)]
mod tests {
    use http::Extensions;

    use super::{ClientAddress, PeerAddr, Trust};

    #[test]
    fn an_address_is_cut_to_its_network() {
        let shown = |how: ClientAddress, address: &str| {
            let mut extensions = Extensions::new();
            extensions.insert(PeerAddr((address.parse::<std::net::IpAddr>().unwrap(), 4711).into()));
            how.of(&extensions).map(|address| address.to_string())
        };
        assert_eq!(shown(ClientAddress::Truncated, "203.0.113.77").unwrap(), "203.0.113.0");
        assert_eq!(shown(ClientAddress::Truncated, "::ffff:203.0.113.77").unwrap(), "203.0.113.0");
        assert_eq!(shown(ClientAddress::Truncated, "2001:db8:1:2:3::4").unwrap(), "2001:db8:1::");
        assert_eq!(shown(ClientAddress::Full, "203.0.113.77").unwrap(), "203.0.113.77");
        assert_eq!(shown(ClientAddress::Hidden, "203.0.113.77"), None);
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        let error = Trust::peers(["10.0.0.0/8", "10.0.0.0/99"]).unwrap_err().to_string();
        assert!(error.contains("\"10.0.0.0/99\""), "{error}");
    }
}
