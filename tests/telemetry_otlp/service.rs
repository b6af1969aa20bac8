//! A watched service whose telemetry goes to a receiver.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use axum::{Router, routing::get};
use tower::ServiceExt;
use tower_watch::telemetry::otlp::OtlpConfig;
use tower_watch::telemetry::{Telemetry, TelemetryBuilder};
use tower_watch::{Ratio, Sampling, TraceConfig, Watch};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::SubscriberExt;

/// What is started for one test, on its thread.
pub(crate) struct Service {
    pub(crate) watch: Watch,
    pub(crate) telemetry: Telemetry,
    router: Router,
    _subscriber: DefaultGuard,
}

pub(crate) const ENOUGH: Duration = Duration::from_secs(20);

impl Service {
    pub(crate) fn start(builder: TelemetryBuilder, sampled: Ratio, router: Router) -> Self {
        let (layers, telemetry) = builder.service("shop").start().unwrap();
        let subscriber = tracing::subscriber::set_default(tracing_subscriber::registry().with(layers));
        let sampling = Sampling::parent_based(sampled);
        let config = TraceConfig::new().with_sampling(sampling);
        let watch =
            Watch::builder("shop").local().traces(config).telemetry(telemetry.clone()).start().unwrap();
        let router = router.layer(watch.layer());
        Self { watch, telemetry, router, _subscriber: subscriber }
    }

    /// One with a route `/`, which answers with nothing.
    pub(crate) fn simple(config: OtlpConfig) -> Self {
        let router = Router::new().route("/", get(async || {}));
        Self::start(TelemetryBuilder::new().otlp(config), Ratio::ALL, router)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn flush(&self) -> bool {
        self.telemetry.flush(ENOUGH).await
    }

    pub(crate) fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.watch.snapshot().counter(name, labels)
    }
}
