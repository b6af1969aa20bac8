//! What the route itself says, from inside.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::observe::Slot;
use crate::policy::RoutePolicy;

/// A layer for one route, or for a router that is mounted where its routes cannot be seen from outside
/// (`nest_service`, a fallback): it tells the exchange around it the route's policy, and its template.
///
/// It goes *inside* the observing layer, which reads at the end what this one wrote. Of two of them the one closer to
/// the handler is stronger, as the route's own word against its router's. It wraps neither the future nor
/// the body; per request it costs a lookup in the extensions and an uncontended lock.
#[derive(Clone, Debug, Default)]
pub struct RouteLayer {
    policy: Arc<RoutePolicy>,
}

impl RouteLayer {
    /// The route does this differently.
    #[must_use]
    pub fn new(policy: RoutePolicy) -> Self {
        Self { policy: Arc::new(policy) }
    }
}

impl<S> Layer<S> for RouteLayer {
    type Service = RouteService<S>;

    fn layer(&self, inner: S) -> RouteService<S> {
        RouteService { inner, policy: Arc::clone(&self.policy) }
    }
}

/// The service of [`RouteLayer`].
#[derive(Clone, Debug)]
pub struct RouteService<S> {
    inner: S,
    policy: Arc<RoutePolicy>,
}

impl<S, B> Service<Request<B>> for RouteService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        if let Some(slot) = request.extensions().get::<Arc<Slot>>() {
            slot.refine_route(|settings| settings.routes.resolve_matched(request.extensions()));
            if *self.policy != RoutePolicy::default() {
                slot.set_route_policy(&self.policy);
            }
        }
        self.inner.call(request)
    }
}
