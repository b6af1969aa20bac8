//! No framework: nothing is known beyond `http`.

use std::sync::Arc;

use http::Extensions;

use crate::observe::Slot;

/// Without a framework there is no matched route.
pub(crate) fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

/// No body type is known that could be counted in place.
#[allow(clippy::extra_unused_type_parameters, reason = "the same signature as with a framework")]
pub(crate) fn counts<B: 'static>() -> bool {
    false
}

/// No body type is known that could be counted in place.
pub(crate) fn counted<B: 'static>(body: B, _: &Arc<Slot>) -> B {
    body
}

/// Without a framework only the extension `PeerAddr` tells the peer.
pub(crate) fn peer(_: &Extensions) -> Option<std::net::IpAddr> {
    None
}
