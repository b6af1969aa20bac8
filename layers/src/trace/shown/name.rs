//! The span's name.

use std::fmt;

use crate::classify::Protocol;
use crate::method;
use crate::observe::Slot;

/// `GET /users/{id}`, `GET` where no route was matched, `HTTP /users/{id}` for a method that HTTP does not know, and
/// `shop.Orders/Create` for gRPC. Written only when somebody looks.
#[derive(Debug)]
pub(crate) struct SpanName<'a>(pub(crate) &'a Slot);

impl fmt::Display for SpanName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.0;
        let route = slot.route();
        let has_route = route.is_matched() && !route.is_overflow();
        if slot.protocol() == Protocol::Grpc {
            let method = route.endpoint().trim_start_matches('/');
            return f.write_str(if has_route { method } else { "grpc" });
        }
        f.write_str(method::known(slot.method()).unwrap_or("HTTP"))?;
        if has_route { write!(f, " {}", route.endpoint()) } else { Ok(()) }
    }
}
