//! Who asks, as far as that may be said.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How much of the client's address is shown.
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
    /// What is shown of an address.
    pub(crate) fn of(self, address: IpAddr) -> Option<IpAddr> {
        let address = address.to_canonical();
        match (self, address) {
            (Self::Hidden, _) => None,
            (Self::Full, _) => Some(address),
            (Self::Truncated, IpAddr::V4(v4)) => {
                Some(Ipv4Addr::from_bits(v4.to_bits() & u32::MAX << 8).into())
            }
            (Self::Truncated, IpAddr::V6(v6)) => {
                Some(Ipv6Addr::from_bits(v6.to_bits() & u128::MAX << 80).into())
            }
        }
    }
}

/// The longest text of a client's that a line repeats, in characters.
const LONGEST: usize = 512;

/// A text that a client wrote, so that it cannot forge a line nor move a terminal's cursor: what is not text, a control
/// character, or one that turns the direction of writing becomes U+FFFD.
pub(crate) fn cleaned(text: &[u8]) -> String {
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    String::from_utf8_lossy(&text[..text.len().min(4 * LONGEST)])
        .chars()
        .take(LONGEST)
        .map(|c| if is_unseen(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut_to_its_network() {
        let shown = |how: ClientAddress, address: &str| {
            how.of(address.parse().unwrap()).map(|address| address.to_string())
        };
        assert_eq!(shown(ClientAddress::Truncated, "203.0.113.77").unwrap(), "203.0.113.0");
        assert_eq!(shown(ClientAddress::Truncated, "::ffff:203.0.113.77").unwrap(), "203.0.113.0");
        assert_eq!(shown(ClientAddress::Truncated, "2001:db8:1:2:3::4").unwrap(), "2001:db8:1::");
        assert_eq!(shown(ClientAddress::Full, "203.0.113.77").unwrap(), "203.0.113.77");
        assert_eq!(shown(ClientAddress::Hidden, "203.0.113.77"), None);
    }

    #[test]
    fn a_text_of_a_client_forges_nothing() {
        assert_eq!(cleaned(b"curl/8\n\x1b[31mroot\xff"), "curl/8\u{fffd}\u{fffd}[31mroot\u{fffd}");
        assert_eq!(cleaned("a\u{202e}b\u{9b}c".as_bytes()), "a\u{fffd}b\u{fffd}c");
        assert_eq!(cleaned(&[b'x'; 100_000]).len(), LONGEST);
    }
}
