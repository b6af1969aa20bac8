//! The stacks that are measured: each takes the bare router and gives back the observed one.
//!
//! To add one: a function, and its line in [`STACKS`].

use axum::Router;
use axum_otel_metrics::HttpMetricsLayerBuilder;
use axum_prometheus::PrometheusMetricLayer;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use opentelemetry::global;
use opentelemetry_instrumentation_tower::http::server as instrumentation_tower;
use tower::layer::util::Identity;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tower_watch::layers::context::TenantPolicy;
use tower_watch::registers::Registers;
use tower_watch::telemetry::logs::{Logs, Sink};
use tower_watch::{ContextLayer, RedLayer, Watch, WatchBuilder};
use tracing::Level;

use crate::{app, telemetry};

/// The name of the stack that the others are measured over.
pub const BARE: &str = "bare";

/// The name of the stack that the others are compared with.
pub const YARDSTICK: &str = "axum-prometheus";

/// A name for the tables, and what the user writes around the router.
type Stack = (&'static str, fn(Router) -> Router);

/// Every stack, cheapest idea first.
pub const STACKS: &[Stack] = &[
    (BARE, bare),
    ("layer-that-does-nothing", layer_that_does_nothing),
    ("tower-http-trace", tower_http_trace),
    ("tower-http-request-id", tower_http_request_id),
    ("tower-watch-context", tower_watch_context),
    ("tower-watch-red", tower_watch_red),
    ("tower-watch-trace", tower_watch_trace),
    ("tracing-opentelemetry", tracing_opentelemetry),
    ("tower-watch", tower_watch),
    ("tower-watch-preset", tower_watch_preset),
    ("tower-watch-json", tower_watch_json),
    (YARDSTICK, axum_prometheus),
    ("axum-otel-metrics", axum_otel_metrics),
    ("opentelemetry-instrumentation-tower", opentelemetry_instrumentation_tower),
    ("axum-tracing-opentelemetry", axum_tracing_opentelemetry),
    ("tower-otel", tower_otel),
    ("assembled", assembled),
    ("assembled-json", assembled_json),
];

/// The application inside the stack of that name; `None` when there is no such stack.
///
/// Installs whatever the stack needs process-wide: call it once in a process, inside a tokio runtime.
pub fn build(name: &str) -> Option<Router> {
    let (_, wrap) = STACKS.iter().find(|(stack, _)| *stack == name)?;
    // As `axum::serve` does: without it, axum would build the layers anew for each request.
    Some(wrap(app::router()).with_state(()))
}

/// The names of all stacks, in the table's order.
pub fn names() -> impl Iterator<Item = &'static str> {
    STACKS.iter().map(|(name, _)| *name)
}

fn bare(app: Router) -> Router {
    app
}

/// What `Router::layer` alone costs: axum boxes the service and the body again.
fn layer_that_does_nothing(app: Router) -> Router {
    app.layer(Identity::new())
}

fn tower_http_trace(app: Router) -> Router {
    telemetry::install_bare_registry();
    app.layer(TraceLayer::new_for_http())
}

fn tower_http_request_id(app: Router) -> Router {
    app.layer((SetRequestIdLayer::x_request_id(MakeRequestUuid), PropagateRequestIdLayer::x_request_id()))
}

/// Ours: request ids only.
fn tower_watch_context(app: Router) -> Router {
    app.layer(ContextLayer::default())
}

/// Ours: RED metrics only, into our registers.
fn tower_watch_red(app: Router) -> Router {
    Registers::new().install_global().expect("the first recorder of the process");
    app.layer(RedLayer::default())
}

/// Ours: traces only, of which 10 % are sampled.
fn tower_watch_trace(app: Router) -> Router {
    telemetry::install_tower_watch(None);
    app.layer(tower_watch::layers::trace::TraceLayer::default())
}

/// A span for each request, as every other layer makes one, and tracing-opentelemetry sees them all; 10 % are sampled.
fn tracing_opentelemetry(app: Router) -> Router {
    use tower_watch::layers::trace::{TraceConfig, TraceLayer};
    telemetry::install_tracing_bridge();
    app.layer(TraceLayer::new(TraceConfig::new().with_unsampled_spans(true)))
}

/// Ours: request ids, tenants, traces of which 10 % are sampled, and RED metrics, in one layer.
fn tower_watch(app: Router) -> Router {
    telemetry::install_tower_watch(None);
    app.layer(watch().without_access_log().start().expect(VALID).layer())
}

/// Ours: the same, with panics caught and sensitive headers marked.
fn tower_watch_preset(app: Router) -> Router {
    telemetry::install_tower_watch(None);
    app.layer(watch().without_access_log().start().expect(VALID).service_builder())
}

/// Ours: ids, tenants, traces and metrics in one layer, and a JSON line for each request.
fn tower_watch_json(app: Router) -> Router {
    let lines = Logs::json().to(Sink::stderr());
    telemetry::install_tower_watch(Some(lines));
    app.layer(watch().start().expect(VALID).layer())
}

fn watch() -> WatchBuilder {
    Watch::builder("peers").tenant(TenantPolicy::default())
}

const VALID: &str = "a valid configuration";

fn axum_prometheus(app: Router) -> Router {
    let (layer, _handle) = PrometheusMetricLayer::pair();
    app.layer(layer)
}

fn axum_otel_metrics(app: Router) -> Router {
    use opentelemetry_sdk_0_32::metrics::{ManualReader, SdkMeterProvider};
    let meters = SdkMeterProvider::builder().with_reader(ManualReader::builder().build()).build();
    app.layer(HttpMetricsLayerBuilder::new().with_provider(meters).build())
}

/// Metrics, and traces of which 10 % are sampled.
fn opentelemetry_instrumentation_tower(app: Router) -> Router {
    telemetry::install_meter();
    telemetry::install_tracer();
    app.layer(instrumentation_tower::Layer::new())
}

/// Traces, 10 % sampled.
fn axum_tracing_opentelemetry(app: Router) -> Router {
    telemetry::install_tracing_bridge();
    app.layer(OtelAxumLayer::default())
}

/// Metrics, and traces of which 10 % are sampled.
fn tower_otel(app: Router) -> Router {
    telemetry::install_meter();
    telemetry::install_tracing_bridge();
    app.layer(tower_otel::metrics::HttpLayer::server(&global::meter("peers")))
        .layer(tower_otel::trace::HttpLayer::server(Level::INFO))
}

/// What users put together today: request id, RED metrics, and traces of which 10 % are sampled.
fn assembled(app: Router) -> Router {
    tower_http_request_id(axum_prometheus(axum_tracing_opentelemetry(app)))
}

/// The same, with a JSON line for each request, as tower-http writes it inside of the span.
fn assembled_json(app: Router) -> Router {
    telemetry::install_tracing_bridge_and_json();
    let line = DefaultOnResponse::new().level(Level::INFO);
    let app = app.layer(TraceLayer::new_for_http().on_response(line)).layer(OtelAxumLayer::default());
    tower_http_request_id(axum_prometheus(app))
}
