//! A watch and an axum router.

use axum::Router;

use crate::http;
use crate::watch::Watch;

impl Watch {
    /// The watch's own routes: `/metrics` and `/health/liveness`, where [`Endpoints`](crate::Endpoints) puts them.
    /// They are not observed, wherever they are merged or nested.
    ///
    /// Merge an observed router *into* it, `watch.router().merge(app.layer(watch.layer()))`, or merge before the
    /// layer goes around: of two routers without a fallback of their own, axum keeps the 404 of the one that is
    /// merged in, and the other way round that would be the one that is not observed.
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
        // In this order: of two routers that both answer 404 by default, axum keeps the one that is merged in.
        watch.router().merge(self.layer(watch.service_builder()))
    }
}
