//! A watch and an axum router.

use axum::Router;

use crate::http;
use crate::watch::Watch;

impl Watch {
    /// The watch's own routes: `/metrics` and `/health/liveness`, where [`Endpoints`](crate::Endpoints) puts them,
    /// and what [`nest_admin`](crate::WatchBuilder::nest_admin) nests.
    /// They are not observed, wherever they are merged or nested. Merge them *before* the watch's layer is put
    /// around the router, or what no route takes is not observed either (axum's fallback of the router that is
    /// merged last wins).
    pub fn router<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        self.inner.admin.nest(http::router(self.registers(), self.endpoints()))
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
        // Of two routers without a fallback of their own, axum keeps that of the one that is merged in: ours is
        // not observed, so it must not be that.
        watch.router().merge(self.layer(watch.service_builder()))
    }
}
