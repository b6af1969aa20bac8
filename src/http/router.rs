//! All routes of a watch as one router.

use axum::Router;
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;

use crate::Endpoints;
use crate::http::{liveness_route, metrics_route};
use crate::registers::Registers;

/// The routes that `endpoints` has. None of them is observed, also where a watch's layer goes around them.
pub fn router<S>(registers: &Registers, endpoints: &Endpoints) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let off = RouteLayer::new(RoutePolicy::new().off());
    let mut router = Router::new();
    // Around each route and not around the router: the fallback of a router that is merged can become everybody's.
    if let Some(path) = &endpoints.metrics {
        router = router.route(path, metrics_route(registers.clone()).layer(off.clone()));
    }
    if let Some(path) = &endpoints.liveness {
        router = router.route(path, liveness_route().layer(off));
    }
    router
}
