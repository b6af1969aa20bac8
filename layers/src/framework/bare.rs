//! No framework: nothing is known beyond `http`.

use http::Extensions;

/// Without a framework there is no matched route.
pub(crate) fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

/// Without a framework only the extension `PeerAddr` tells the peer.
pub(crate) fn peer(_: &Extensions) -> Option<std::net::IpAddr> {
    None
}
