//! The handle to everything that was started.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use tower_watch_layers::observe::{ObserveLayer, Observer, RouteLayer, Settings};
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::trace::Sampling;

use crate::registers::{Registers, Snapshot};
use crate::watch::admin::AdminHandle;
use crate::watch::alerts::Alerting;
use crate::watch::past::Past;
use crate::watch::telemetry::Attached;
use crate::watch::{Endpoints, Preset, PresetBuilder, WatchBuilder, WatchLayer, WatchObserver};

/// One observed service: its layers, its numbers, its routes. Cheap to clone.
///
/// # Life
///
/// Starting needs no async runtime and works inside of one too. Dropping the last handle stops nothing: layers made
/// from it go on observing, and the numbers live as long as they do. Where the past is kept (feature `series`), a
/// thread reads all numbers every few seconds as long as anybody holds them; right after that, without a last
/// snapshot, it ends and leaves the data directory to others.
///
/// The first watch of a process is the facade's global recorder, and its numbers live as long as the process. A later
/// one is local: its layers enter it around each poll, so the `counter!` of a handler reaches the watch that observes
/// the handler.
#[derive(Clone, Debug)]
pub struct Watch {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) service: String,
    pub(crate) preset: Preset,
    pub(crate) registers: Registers,
    pub(crate) settings: Arc<Settings>,
    pub(crate) observer: WatchObserver,
    pub(crate) sampling: Sampling,
    pub(crate) endpoints: Endpoints,
    pub(crate) past: Past,
    pub(crate) alerting: Alerting,
    pub(crate) admin: AdminHandle,
    pub(crate) telemetry: Attached,
}

impl Watch {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Begins to describe the watch of a service; the name says which, in logs and to operators.
    pub fn builder(service: impl Into<String>) -> WatchBuilder {
        WatchBuilder::new(service.into())
    }

    /// The name of the service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.inner.service
    }

    /// All that is observed, as one layer.
    #[must_use]
    pub fn layer(&self) -> WatchLayer {
        WatchLayer::new(self.inner.observer.clone(), Arc::clone(&self.inner.settings))
    }

    /// The whole stack of the preset, in the right order: sensitive headers are marked, [`layer`](Self::layer)
    /// observes, and inside it a panic is caught and answered with a 500 as problem+json that carries the request
    /// id. What is added to the builder goes inside.
    #[must_use]
    pub fn service_builder(&self) -> PresetBuilder {
        self.inner.preset.service_builder(self.layer())
    }

    /// All that is observed, and an observer of one's own, as one layer: the future and the body are still wrapped
    /// once.
    #[must_use]
    pub fn layer_with<O: Observer>(&self, observer: O) -> ObserveLayer<(WatchObserver, O)> {
        ObserveLayer::with_settings((self.inner.observer.clone(), observer), Arc::clone(&self.inner.settings))
    }

    /// A layer for a router that is mounted by `nest_service` or as a fallback, where its routes cannot be seen from
    /// outside: it tells the exchange around it which of them was matched.
    #[must_use]
    pub fn mounted(&self) -> RouteLayer {
        RouteLayer::default()
    }

    /// A layer for one route: says what that route does differently, from inside. For what must be known before the
    /// service is called, use [`WatchBuilder::policy`].
    #[must_use]
    pub fn route(&self, policy: RoutePolicy) -> RouteLayer {
        RouteLayer::new(policy)
    }

    /// Where the admin listener listens, if it does.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.inner.admin.address()
    }

    /// Where the watch's own routes are.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }

    /// The numbers, to render or to visit.
    #[must_use]
    pub fn registers(&self) -> &Registers {
        &self.inner.registers
    }

    /// All numbers as they are now. Costs a copy of them.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.inner.registers.snapshot()
    }

    /// Counts work that is not HTTP as a request: `http_requests_total` and `http_request_duration_seconds`, and
    /// for a 5xx `http_requests_errors_total`. A method that is none of HTTP's counts as `_OTHER`; the endpoint
    /// falls under the cap of endpoints.
    pub fn record_request(&self, method: &Method, endpoint: &str, status: StatusCode, duration: Duration) {
        let Inner { observer, settings, .. } = &*self.inner;
        observer.red.record_request(settings, method, endpoint, status, duration);
    }

    /// Counts an error of work that is not HTTP: `http_requests_errors_total{error_type}`.
    pub fn record_error(&self, method: &Method, endpoint: &str, error_type: &'static str) {
        let Inner { observer, settings, .. } = &*self.inner;
        observer.red.record_error(settings, method, endpoint, error_type);
    }

    /// Says how many connections are open: `active_connections`.
    pub fn set_active_connections(&self, connections: u32) {
        let Inner { observer, settings, .. } = &*self.inner;
        observer.red.set_active_connections(settings, connections);
    }

    /// Ends what the watch does by itself, in order: the collectors, the last tick, the last snapshot, the last
    /// look at alerts and at most 10 s for the notifications that are due (the data directory is free then), what telemetry has
    /// still to send, the admin listener. Call it when the server has stopped; without it, what came after
    /// the last tick or snapshot is lost to the next start.
    ///
    /// Layers go on observing. A second call does nothing but wait for the last snapshot of the first. Needs no async
    /// runtime; a future that is dropped does not keep the snapshot from being made, but the process must last so long.
    pub async fn shutdown(&self) {
        self.inner.past.finish(&self.inner.registers).await;
        self.inner.alerting.finish().await;
        self.inner.telemetry.finish().await;
        self.inner.admin.finish().await;
    }
}
