//! A request comes in.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response, header};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::caught;
use crate::classify::Protocol;
use crate::facade;
use crate::observe::guard::Guard;
use crate::observe::in_place;
use crate::observe::{ObserveBody, ObserveFuture, Observer, Settings, Slot, Start};

/// Puts an observer around a service.
///
/// Under axum, `Router::layer` is the place: there the matched route is known. Cost per request beyond what the
/// observer does: one allocation for the shared slot and one for its place in the extensions, and three readings
/// of the clock, at the start, the head and the end.
#[derive(Debug)]
pub struct ObserveLayer<O> {
    core: Arc<Core<O>>,
}

/// What all services of a layer share. axum calls `Layer::layer` for each endpoint, under `axum::serve` for each endpoint
/// and connection, and for a router whose state is still to be given for each request: it only counts this up.
#[derive(Debug)]
struct Core<O> {
    observer: O,
    settings: Arc<Settings>,
}

impl<O> Clone for ObserveLayer<O> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core) }
    }
}

impl<O> ObserveLayer<O> {
    /// Observes with the system's clock and axum's matched path.
    pub fn new(observer: O) -> Self {
        Self::with_settings(observer, Settings::new())
    }

    /// Observes with settings of one's own.
    pub fn with_settings(observer: O, settings: impl Into<Arc<Settings>>) -> Self {
        Self { core: Arc::new(Core { observer, settings: settings.into() }) }
    }
}

impl<S, O> Layer<S> for ObserveLayer<O> {
    type Service = Observe<S, O>;

    fn layer(&self, inner: S) -> Observe<S, O> {
        Observe { inner, core: Arc::clone(&self.core) }
    }
}

/// A service under observation. A clone costs one count, beside the clone of the service inside.
///
/// It takes any request body, and hands it on as it is. Errors of the service pass through untouched.
#[derive(Debug)]
pub struct Observe<S, O> {
    inner: S,
    core: Arc<Core<O>>,
}

impl<S: Clone, O> Clone for Observe<S, O> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), core: Arc::clone(&self.core) }
    }
}

impl<S, O, B, R> Service<Request<B>> for Observe<S, O>
where
    S: Service<Request<B>, Response = Response<R>>,
    O: Observer,
    R: Body,
    // To find out whether it is a framework's body that can be counted in place.
    B: 'static,
{
    type Response = Response<ObserveBody<R, O::Exchange>>;
    type Error = S::Error;
    type Future = ObserveFuture<S::Future, O::Exchange>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Core { observer, settings } = &*self.core;
        if settings.routes.is_excluded(request.method(), request.uri().path()) {
            return ObserveFuture::unobserved(self.inner.call(request));
        }
        let started = settings.clock.now();
        let (mut head, body) = request.into_parts();
        let protocol = Protocol::of(&head.method, &head.headers);
        // What is forwarded still has the route and the slot of the request that came in.
        let is_outgoing = settings.is_outgoing;
        let route = match is_outgoing {
            false => settings.routes.resolve(&head, protocol),
            true => settings.routes.none(),
        };
        let outer = head
            .extensions
            .get::<Arc<Slot>>()
            .filter(|slot| !is_outgoing && slot.is_shared_with(settings))
            .cloned();
        let is_new = outer.is_none();
        let mut slot = match outer {
            Some(slot) => {
                slot.refine_route(|outer| route.is_matched().then(|| outer.routes.intern(route.endpoint())));
                slot
            }
            None => {
                let declared =
                    if in_place::counts::<B>() && !is_outgoing { None } else { declared_bytes(&head) };
                Arc::new(Slot::new(Arc::clone(settings), protocol, head.method.clone(), route, declared))
            }
        };
        // One clock for the whole exchange: where it is shared, that of the layer around.
        let started = if is_new { started } else { slot.clock().now() };
        let mut start = Start::new(&mut head, &mut slot, started);
        let begin = || facade::within(settings.recorder.as_ref(), || observer.begin(&mut start));
        let exchange = caught::ask("observer", begin).flatten();
        if let Some(refusal) = start.into_refusal() {
            return ObserveFuture::refused(refusal, Guard::new(exchange, slot, started, true));
        }
        let body = if is_new && !is_outgoing {
            head.extensions.insert(Arc::clone(&slot));
            in_place::counted(body, &slot)
        } else {
            body
        };
        let mut guard = Guard::new(exchange, slot, started, false);
        // Handed over by reference: a closure that owns it would be moved once per layer of the scope.
        let mut request = Some(Request::from_parts(head, body));
        let future = guard.scope(|| self.inner.call(request.take().expect("a scope runs once")));
        ObserveFuture::observed(future, guard)
    }
}

/// A longer length that nobody counted is not believed: one such request would drown the sum of all sizes for good.
const LONGEST_DECLARED: u64 = 1 << 40;

/// The length that the head declares; zero for a method that has no body and declares none.
fn declared_bytes(head: &Parts) -> Option<u64> {
    match head.headers.get(header::CONTENT_LENGTH) {
        Some(length) => length.to_str().ok()?.parse().ok().filter(|length| *length <= LONGEST_DECLARED),
        None if head.method.is_safe() && !head.headers.contains_key(header::TRANSFER_ENCODING) => Some(0),
        None => None,
    }
}
