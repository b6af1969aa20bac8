//! One request on its way.

use std::sync::Arc;

use http::response::Parts;
use tracing::Span;

use crate::client::numbers::{HostNumbers, InFlight};
use crate::client::span;
use crate::method::MethodIndex;
use crate::observe::{End, Exchange, Slot};
use crate::spans;
use crate::w3c::TraceContext;

/// One exchange of [`ClientObserver`](crate::client::ClientObserver).
#[derive(Debug)]
pub struct ClientExchange {
    pub(crate) traced: Option<(TraceContext, Span)>,
    pub(crate) counted: Option<(Arc<HostNumbers>, InFlight)>,
    pub(crate) method: MethodIndex,
}

impl Exchange for ClientExchange {
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        match &self.traced {
            Some((context, span)) => spans::enter(Some(*context), || span.in_scope(poll)),
            None => poll(),
        }
    }

    fn response(&mut self, head: &mut Parts, _: &Slot) {
        if let Some((_, span)) = &self.traced {
            span::answered(span, head.version);
        }
    }

    fn end(self, end: &End<'_>) {
        let error = span::error_of(end);
        if let Some((_, span)) = &self.traced {
            span::ended(span, end, error);
        }
        if let Some((numbers, _in_flight)) = &self.counted {
            numbers.record(self.method, end, error);
        }
    }
}
