//! axum's own request body.

use std::any::{Any, TypeId};
use std::sync::Arc;

use axum::body::Body;
use http_body::Body as _;

use crate::observe::{CountedRequestBody, Slot};

/// Whether bodies of this type are counted in place.
pub(crate) fn counts<B: 'static>() -> bool {
    TypeId::of::<B>() == TypeId::of::<Body>()
}

/// Counts what the service reads of `body`, if it is axum's own type; an empty one is zero without a wrapper.
///
/// The type stays what it was, so layers inside that insist on `Request<axum::body::Body>` (`from_fn` is one)
/// still fit. That is why the concrete type is asked for at run time.
pub(crate) fn counted<B: 'static>(body: B, slot: &Arc<Slot>) -> B {
    let mut body = Some(body);
    if let Some(known) = (&mut body as &mut dyn Any).downcast_mut::<Option<Body>>() {
        *known = known.take().map(|body| {
            if !slot.count_request_body() || body.is_end_stream() {
                body
            } else {
                Body::new(CountedRequestBody::new(body, Arc::clone(slot)))
            }
        });
    }
    body.expect("put back above")
}
