//! The id of a request: adopted from whom we trust, otherwise made.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{Entry, OccupiedEntry};
use http::request::Parts;
use http::{Extensions, HeaderName, HeaderValue};
use ipnet::IpNet;

use crate::clock::{Clock, Instant};
use crate::framework;
use crate::hex;
use crate::observe::RequestId;

/// The address at the other end of the connection, as an extension of the request, for servers that are not
/// axum's. axum's own `ConnectInfo<SocketAddr>` is understood as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// Whose request ids are adopted. An id must also be 1 to 128 safe characters, and be sent once.
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
    /// Every request gets an id of our own.
    #[must_use]
    pub fn never() -> Self {
        Self(Whom::Nobody)
    }

    /// Whoever sends a well-formed id keeps it.
    #[must_use]
    pub fn always() -> Self {
        Self(Whom::Everybody)
    }

    /// Who connects from these addresses or networks keeps the ids it sends: the balancers and services before
    /// this one. The server must make the peer's address known: `into_make_service_with_connect_info` under axum,
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

    fn holds(&self, extensions: &Extensions) -> bool {
        match &self.0 {
            Whom::Nobody => false,
            Whom::Everybody => true,
            Whom::Peers(networks) => peer(extensions).is_some_and(|peer| {
                let peer = peer.to_canonical();
                networks.iter().any(|network| network.contains(&peer))
            }),
        }
    }
}

/// The address at the other end, where the server made it known.
fn peer(extensions: &Extensions) -> Option<IpAddr> {
    static UNKNOWN: AtomicBool = AtomicBool::new(false);
    let known = extensions.get::<PeerAddr>().map(|peer| peer.0.ip()).or_else(|| framework::peer(extensions));
    if known.is_none() && !UNKNOWN.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "request ids are trusted by peer, but the peer of a request is unknown, so its id was replaced; serve \
             with into_make_service_with_connect_info::<SocketAddr>(), or insert the extension PeerAddr"
        );
    }
    known
}

/// Which header carries the request id, and whose is adopted.
#[derive(Clone, Debug)]
pub struct RequestIdPolicy {
    pub(crate) header: HeaderName,
    trust: Trust,
}

impl Default for RequestIdPolicy {
    /// `x-request-id`, adopted from everybody where it is well-formed.
    fn default() -> Self {
        Self { header: HeaderName::from_static("x-request-id"), trust: Trust::always() }
    }
}

impl RequestIdPolicy {
    /// The same as the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries the id in another header.
    #[must_use]
    pub fn header(mut self, header: HeaderName) -> Self {
        self.header = header;
        self
    }

    /// Says whose ids are adopted.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// The id that the request brings, or a new one, which it then carries.
    pub(crate) fn settle(&self, head: &mut Parts, make: impl Fn() -> RequestId) -> RequestId {
        let Parts { headers, extensions, .. } = head;
        match headers.try_entry(self.header.clone()) {
            Ok(Entry::Occupied(mut sent)) => self.adopt(&sent, extensions).unwrap_or_else(|| {
                let id = make();
                sent.insert(id.to_header());
                id
            }),
            Ok(Entry::Vacant(place)) => {
                let id = make();
                place.try_insert(id.to_header()).ok();
                id
            }
            // There is no place for one more header; the request goes on without.
            Err(_) => make(),
        }
    }

    fn adopt(&self, sent: &OccupiedEntry<'_, HeaderValue>, extensions: &Extensions) -> Option<RequestId> {
        let mut values = sent.iter();
        // Of two ids neither is the request's: a log would show the one and the next service take the other.
        let (Some(id), None) = (values.next(), values.next()) else { return None };
        RequestId::from_header(id).ok().filter(|_| self.trust.holds(extensions))
    }
}

/// A UUID of version 7, made without a system call or a lock: the time and 74 bits of the thread's own generator.
///
/// Unique, and sorted by time; no secret, as it can be guessed.
pub(crate) fn make(clock: &Clock, at: Instant) -> RequestId {
    // An owner makes the text shared from the start: one allocation for the request, the slot and the response.
    let text = Bytes::from_owner(uuid(clock.unix_millis(at), fastrand::u128(..)));
    let text = HeaderValue::from_maybe_shared(text);
    RequestId::made(text.expect("hexadecimal digits and hyphens are a header's value"))
}

/// The text of a UUID of version 7: <https://www.rfc-editor.org/rfc/rfc9562#section-5.7>.
fn uuid(unix_millis: u64, random: u128) -> [u8; 36] {
    /// Where the digits of each byte begin; between the groups stand hyphens.
    const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    let number = u128::from(unix_millis) << 80 | random & ((1 << 80) - 1) & !VERSION & !VARIANT;
    let bytes = (number | 7 << 76 | 0b10 << 62).to_be_bytes();
    let mut text = [b'-'; 36];
    for (place, byte) in PLACES.into_iter().zip(bytes) {
        text[place..place + 2].copy_from_slice(&hex::PAIRS[usize::from(byte)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn ids_are_uuids_of_version_7_and_distinct() {
        let (clock, _hand) = Clock::fake();
        let ids: std::collections::HashSet<_> =
            (0..10_000).map(|_| make(&clock, clock.now()).as_str().to_owned()).collect();
        assert_eq!(ids.len(), 10_000);
        let uuid: uuid::Uuid = ids.iter().next().unwrap().parse().unwrap();
        assert_eq!(uuid.get_version_num(), 7);
        let (seconds, _) = uuid.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds, clock.wall().duration_since(UNIX_EPOCH).unwrap().as_secs());
    }

    #[test]
    fn a_network_that_is_none_is_named() {
        let error = Trust::peers(["10.0.0.0/8", "10.0.0.0/99"]).unwrap_err().to_string();
        assert!(error.contains("\"10.0.0.0/99\""), "{error}");
    }
}
