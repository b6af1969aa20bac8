//! A request comes in.

use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use crate::classify::Protocol;
use crate::framework;
use crate::observe::guard::Guard;
use crate::observe::{ObserveBody, ObserveFuture, Observer, Settings, Slot, Start};
use crate::route::Route;

/// Puts an observer around a service.
///
/// Under axum, `Router::layer` is the place: there the matched route is known. Cost per request beyond what the
/// observer does: one allocation for the shared slot and one for its place in the extensions, and two readings
/// of the clock.
#[derive(Clone, Debug)]
pub struct ObserveLayer<O> {
    observer: O,
    settings: Arc<Settings>,
}

impl<O> ObserveLayer<O> {
    /// Observes with the system's clock and axum's matched path.
    pub fn new(observer: O) -> Self {
        Self::with_settings(observer, Settings::new())
    }

    /// Observes with settings of one's own.
    pub fn with_settings(observer: O, settings: impl Into<Arc<Settings>>) -> Self {
        Self { observer, settings: settings.into() }
    }
}

impl<S, O: Observer> Layer<S> for ObserveLayer<O> {
    type Service = Observe<S, O>;

    fn layer(&self, inner: S) -> Observe<S, O> {
        let core = Core {
            observer: self.observer.for_service(),
            settings: Arc::clone(&self.settings),
            first_route: OnceLock::new(),
        };
        Observe { inner, core: Arc::new(core) }
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

#[derive(Debug)]
struct Core<O> {
    observer: O,
    settings: Arc<Settings>,
    /// The route that this service met first; axum wraps each endpoint once, so there it is the only one.
    first_route: OnceLock<Arc<Route>>,
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
        let Core { observer, settings, first_route } = &*self.core;
        if settings.routes.is_excluded(request.method(), request.uri().path()) {
            return ObserveFuture::unobserved(self.inner.call(request));
        }
        let started = settings.clock.now();
        let (mut head, body) = request.into_parts();
        let protocol = Protocol::of(&head.method, &head.headers);
        let route = settings.routes.resolve(&head, protocol, first_route);
        let outer = head.extensions.get::<Arc<Slot>>().filter(|slot| slot.is_shared_with(settings)).cloned();
        let (slot, body) = match outer {
            Some(slot) => {
                slot.refine_route(|outer| route.is_matched().then(|| outer.routes.intern(route.endpoint())));
                (slot, body)
            }
            None => {
                let slot =
                    Slot::new(Arc::clone(settings), protocol, head.method.clone(), route, &head.headers);
                let slot = Arc::new(slot);
                head.extensions.insert(Arc::clone(&slot));
                let body = framework::counted(body, &slot);
                (slot, body)
            }
        };
        let mut start = Start::new(&mut head, &slot, started);
        let exchange = observer.begin(&mut start);
        let refusal = start.into_refusal();
        let mut guard = Guard::new(exchange, slot, started, refusal.is_some());
        match refusal {
            Some(refusal) => ObserveFuture::refused(refusal, guard),
            None => {
                let future = guard.scope(|| self.inner.call(Request::from_parts(head, body)));
                ObserveFuture::observed(future, guard)
            }
        }
    }
}
