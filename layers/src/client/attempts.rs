//! Retries of one request know each other.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::w3c::{RemoteParent, TraceContext};

/// The attempts to send one request, as an extension of it. Clones share it, so that a retry, which sends a clone of the
/// request, is linked to the attempt before it and counts as `http.request.resend_count`.
///
/// [`AttemptsLayer`] puts it there; a loop of one's own does by hand:
///
/// ```
/// use http::Request;
/// use tower_watch_layers::client::Attempts;
///
/// let attempts = Attempts::new();
/// for _ in 0..3 {
///     let request = Request::get("http://shop.example/").extension(attempts.clone()).body(())?;
///     // ... send it
/// }
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attempts {
    made: Arc<Mutex<Made>>,
}

#[derive(Debug, Default)]
struct Made {
    count: u32,
    last: Option<TraceContext>,
}

/// What came before an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Earlier {
    /// How many attempts.
    pub(crate) count: u32,
    /// The span of the last of them.
    pub(crate) last: Option<RemoteParent>,
}

impl Attempts {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there were so far.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    pub(crate) fn earlier(&self) -> Earlier {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let last = made.last.map(|last| RemoteParent {
            trace_id: last.trace_id,
            span_id: last.span_id,
            sampled: last.sampled,
            random: last.random,
        });
        Earlier { count: made.count, last }
    }

    /// Notes one more, with its span.
    pub(crate) fn note(&self, context: Option<TraceContext>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.count = made.count.saturating_add(1);
        made.last = context;
    }
}

/// Puts [`Attempts`] into each request. It goes *outside* the layer that retries, and the
/// [`ClientLayer`](crate::client::ClientLayer) inside.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttemptsLayer;

impl<S> Layer<S> for AttemptsLayer {
    type Service = CountAttempts<S>;

    fn layer(&self, inner: S) -> CountAttempts<S> {
        CountAttempts { inner }
    }
}

/// The service of [`AttemptsLayer`].
#[derive(Clone, Debug)]
pub struct CountAttempts<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for CountAttempts<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(Attempts::new());
        self.inner.call(request)
    }
}
