//! The span's name.

use std::fmt;

use crate::classify::Protocol;
use crate::method;
use crate::observe::Slot;

/// `GET /users/{id}`, `GET` where no route was matched, `HTTP /users/{id}` for a method that HTTP does not know, and
/// `shop.Orders/Create` for gRPC. Written only when somebody looks.
#[derive(Debug)]
pub(crate) struct SpanName<'a>(pub(crate) &'a Slot);

impl SpanName<'_> {
    /// What stands before the space, if there is one, and what stands after it.
    fn parts(&self) -> (&str, Option<&str>) {
        let slot = self.0;
        let route = slot.route();
        let has_route = route.is_matched() && !route.is_overflow();
        if slot.protocol() == Protocol::Grpc {
            let method = route.endpoint().trim_start_matches('/');
            return (if has_route { method } else { "grpc" }, None);
        }
        let method = method::known(slot.method()).unwrap_or("HTTP");
        (method, has_route.then(|| route.endpoint()))
    }

    /// The name. One allocation.
    pub(crate) fn text(&self) -> String {
        match self.parts() {
            (name, None) => name.to_owned(),
            (method, Some(route)) => [method, route].join(" "),
        }
    }
}

impl fmt::Display for SpanName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, route) = self.parts();
        f.write_str(name)?;
        route.map_or(Ok(()), |route| write!(f, " {route}"))
    }
}
