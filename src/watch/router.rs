//! A watch and an axum router.

use axum::Router;

use crate::http;
use crate::watch::Watch;

impl Watch {
    /// The watch's own routes: `/metrics` and `/health/liveness`, where [`Endpoints`](crate::Endpoints) puts them.
    /// They are not observed, wherever they are merged or nested.
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        http::router(self.registers(), self.endpoints())
    }
}

/// What a watch adds to a router.
pub trait RouterExt {
    /// Observes all routes and the fallback with the preset's stack ([`Watch::service_builder`]), and adds the
    /// watch's own routes. Call it last: routes that are added later are not observed.
    #[must_use]
    fn watched(self, watch: &Watch) -> Self;
}

impl<S> RouterExt for Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    fn watched(self, watch: &Watch) -> Self {
        self.layer(watch.service_builder()).merge(watch.router())
    }
}
