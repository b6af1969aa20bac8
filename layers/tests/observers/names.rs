//! What the metrics and their labels are called.

use std::pin::pin;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Method, Request, StatusCode};
use metrics::{Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tower::ServiceExt;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::red::{Collect, Label, Naming, RedConfig, RedLayer, RedObserver, TenantMetrics};
use tower_watch_layers::route::Routes;

use crate::harness::{Bench, Script, Step, get_with, grpc, grpc_trailers, poll_once, request, send};

/// Sends requests that touch every metric, and lists the series.
async fn series(config: RedConfig) -> Vec<String> {
    let bench = Bench::new();
    let config =
        config.with_label(Label::new("plan").unwrap().values(["gold"])).with_tenants(TenantMetrics::new());
    let red = RedObserver::new(&config);
    let context = ContextObserver::new().with_tenant(TenantPolicy::default());
    let routes = Routes::new().with_grpc_methods(["/shop.Orders/Create"]);
    let layer = ObserveLayer::with_settings((context, red.clone()), bench.settings(routes));
    let router = Router::new()
        .route("/users/{id}", get(async |context: RequestContext| context.set_label("plan", "gold")))
        .route("/fails", get(async || StatusCode::SERVICE_UNAVAILABLE))
        .route("/hangs", get(std::future::pending::<()>))
        .route("/overflows", get(async |context: RequestContext| context.set_label("plan", "lead")))
        .route(
            "/shop.Orders/{*rest}",
            post(async || Body::new(Script::new([Step::Trailers(grpc_trailers(14))]))),
        )
        .layer(layer);
    send(&router, get_with("/users/7", "x-tenant-id", "acme")).await;
    send(&router, request(Method::GET, "/fails")).await;
    send(&router, request("BREW".parse().unwrap(), "/nowhere")).await;
    send(&router, request(Method::GET, "/overflows")).await;
    let mut call = grpc("/shop.Orders/Create");
    call.headers_mut().insert("x-tenant-id", "acme".parse().unwrap());
    send(&router, call).await;
    assert!(poll_once(pin!(router.oneshot(request(Method::GET, "/hangs")))).is_pending());
    red.set_active_connections(&bench.settings(Routes::new()), 1);
    bench.numbers.all().into_keys().collect()
}

/// The lines of a list, with the six sets of labels that all histograms have.
fn expected(lines: &str, histograms: [&str; 4], sets: [&str; 5]) -> Vec<String> {
    let mut all: Vec<_> =
        lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    for histogram in histograms {
        all.extend(sets.iter().map(|set| format!("{histogram}{{{set}}}")));
    }
    all.sort();
    all
}

#[tokio::test]
async fn are_prometheus_by_default() {
    let list = "
        active_connections
        http_requests_aborted_total{endpoint=/hangs,method=GET,reason=cancelled}
        http_requests_errors_total{endpoint=/fails,error_type=503,method=GET}
        http_requests_errors_total{endpoint=/shop.Orders/Create,error_type=UNAVAILABLE,method=POST}
        http_requests_in_flight{endpoint=/fails,method=GET}
        http_requests_in_flight{endpoint=/hangs,method=GET}
        http_requests_in_flight{endpoint=/overflows,method=GET}
        http_requests_in_flight{endpoint=/shop.Orders/Create,method=POST}
        http_requests_in_flight{endpoint=/users/{id},method=GET}
        http_requests_in_flight{endpoint=unmatched,method=_OTHER}
        http_requests_total{endpoint=/fails,method=GET,status=503}
        http_requests_total{endpoint=/overflows,method=GET,plan=_other,status=200}
        http_requests_total{endpoint=/shop.Orders/Create,grpc_status=14,method=POST,status=200}
        http_requests_total{endpoint=/users/{id},method=GET,plan=gold,status=200}
        http_requests_total{endpoint=unmatched,method=_OTHER,status=404}
        tenant_http_request_duration_seconds{tenant=acme}
        tenant_http_requests_total{grpc_status=14,status=200,tenant=acme}
        tenant_http_requests_total{status=200,tenant=acme}
        tower_watch_label_overflow_total{label=plan}
    ";
    let histograms = [
        "http_request_duration_seconds",
        "http_response_head_seconds",
        "http_request_size_bytes",
        "http_response_size_bytes",
    ];
    let sets = [
        "endpoint=/users/{id},method=GET,plan=gold",
        "endpoint=/fails,method=GET",
        "endpoint=unmatched,method=_OTHER",
        "endpoint=/overflows,method=GET,plan=_other",
        "endpoint=/shop.Orders/Create,method=POST",
    ];
    assert_eq!(series(RedConfig::new()).await, expected(list, histograms, sets));
    assert_eq!(
        series(RedConfig::new().with_naming(Naming::Prometheus)).await,
        expected(list, histograms, sets)
    );
}

#[tokio::test]
async fn are_open_telemetrys_where_asked() {
    let list = "
        active_connections
        http_server_requests_aborted_total{http_request_method=GET,http_route=/hangs,reason=cancelled}
        http_server_requests_errors_total{error_type=503,http_request_method=GET,http_route=/fails}
        http_server_requests_errors_total{error_type=UNAVAILABLE,http_request_method=POST,http_route=/shop.Orders/Create}
        http_server_active_requests{http_request_method=GET,http_route=/fails}
        http_server_active_requests{http_request_method=GET,http_route=/hangs}
        http_server_active_requests{http_request_method=GET,http_route=/overflows}
        http_server_active_requests{http_request_method=POST,http_route=/shop.Orders/Create}
        http_server_active_requests{http_request_method=GET,http_route=/users/{id}}
        http_server_active_requests{http_request_method=_OTHER,http_route=unmatched}
        http_server_requests_total{http_request_method=GET,http_response_status_code=503,http_route=/fails}
        http_server_requests_total{http_request_method=GET,http_response_status_code=200,http_route=/overflows,plan=_other}
        http_server_requests_total{http_request_method=POST,http_response_status_code=200,http_route=/shop.Orders/Create,rpc_grpc_status_code=14}
        http_server_requests_total{http_request_method=GET,http_response_status_code=200,http_route=/users/{id},plan=gold}
        http_server_requests_total{http_request_method=_OTHER,http_response_status_code=404,http_route=unmatched}
        tenant_http_server_request_duration_seconds{tenant=acme}
        tenant_http_server_requests_total{http_response_status_code=200,rpc_grpc_status_code=14,tenant=acme}
        tenant_http_server_requests_total{http_response_status_code=200,tenant=acme}
        tower_watch_label_overflow_total{label=plan}
    ";
    let histograms = [
        "http_server_request_duration_seconds",
        "http_server_response_head_seconds",
        "http_server_request_body_size_bytes",
        "http_server_response_body_size_bytes",
    ];
    let sets = [
        "http_request_method=GET,http_response_status_code=200,http_route=/users/{id},plan=gold",
        "error_type=503,http_request_method=GET,http_response_status_code=503,http_route=/fails",
        "http_request_method=_OTHER,http_response_status_code=404,http_route=unmatched",
        "http_request_method=GET,http_response_status_code=200,http_route=/overflows,plan=_other",
        "error_type=UNAVAILABLE,http_request_method=POST,http_response_status_code=200,\
         http_route=/shop.Orders/Create,rpc_grpc_status_code=14",
    ];
    assert_eq!(
        series(RedConfig::new().with_naming(Naming::OpenTelemetry)).await,
        expected(list, histograms, sets)
    );
}

const AXUM_PROMETHEUS: &str = "
    PREFIX_active_connections
    PREFIX_http_requests_aborted_total{endpoint=/hangs,method=GET,reason=cancelled}
    PREFIX_http_requests_errors_total{endpoint=/fails,error_type=503,method=GET}
    PREFIX_http_requests_errors_total{endpoint=/shop.Orders/Create,error_type=UNAVAILABLE,method=POST}
    PREFIX_http_requests_pending{endpoint=/fails,method=GET}
    PREFIX_http_requests_pending{endpoint=/hangs,method=GET}
    PREFIX_http_requests_pending{endpoint=/overflows,method=GET}
    PREFIX_http_requests_pending{endpoint=/shop.Orders/Create,method=POST}
    PREFIX_http_requests_pending{endpoint=/users/{id},method=GET}
    PREFIX_http_requests_pending{endpoint=unmatched,method=_OTHER}
    PREFIX_http_requests_total{endpoint=/fails,method=GET,status=503}
    PREFIX_http_requests_total{endpoint=/overflows,method=GET,plan=_other,status=200}
    PREFIX_http_requests_total{endpoint=/shop.Orders/Create,grpc_status=14,method=POST,status=200}
    PREFIX_http_requests_total{endpoint=/users/{id},method=GET,plan=gold,status=200}
    PREFIX_http_requests_total{endpoint=unmatched,method=_OTHER,status=404}
    PREFIX_tenant_http_request_duration_seconds{tenant=acme}
    PREFIX_tenant_http_requests_total{grpc_status=14,status=200,tenant=acme}
    PREFIX_tenant_http_requests_total{status=200,tenant=acme}
    tower_watch_label_overflow_total{label=plan}
";

#[tokio::test]
async fn are_axum_prometheus_where_asked() {
    let histograms = [
        "PREFIX_http_requests_duration_seconds",
        "PREFIX_http_response_head_seconds",
        "PREFIX_http_request_body_size",
        "PREFIX_http_response_body_size",
    ];
    let sets = [
        "endpoint=/users/{id},method=GET,plan=gold,status=200",
        "endpoint=/fails,method=GET,status=503",
        "endpoint=unmatched,method=_OTHER,status=404",
        "endpoint=/overflows,method=GET,plan=_other,status=200",
        "endpoint=/shop.Orders/Create,grpc_status=14,method=POST,status=200",
    ];
    let config = || RedConfig::new().with_naming(Naming::AxumPrometheus);
    for (prefix, config) in [("axum", config()), ("shop", config().with_prefix("shop").unwrap())] {
        let mut named: Vec<_> = expected(AXUM_PROMETHEUS, histograms, sets)
            .into_iter()
            .map(|line| line.replace("PREFIX", prefix))
            .collect();
        named.sort();
        assert_eq!(series(config).await, named);
    }
}

#[tokio::test]
async fn carry_a_prefix() {
    let plain = series(RedConfig::new()).await;
    let prefixed = series(RedConfig::new().with_prefix("shop_").unwrap()).await;
    let mut by_hand: Vec<_> = plain
        .into_iter()
        .map(|series| if series.starts_with("tower_watch_") { series } else { format!("shop_{series}") })
        .collect();
    by_hand.sort();
    assert_eq!(prefixed, by_hand);
    for bad in ["", "_", "1shop", "a-b", "a b", "größe"] {
        let result = RedConfig::new().with_prefix(bad);
        assert!(result.is_err_and(|error| error.to_string().contains(&format!("{bad:?}"))), "{bad:?}");
    }
}

#[tokio::test]
async fn are_only_those_that_are_collected() {
    let metrics = async |collect: Collect| {
        let mut names: Vec<_> = series(RedConfig::new().with_collect(collect))
            .await
            .into_iter()
            .map(|series| series.split('{').next().unwrap().to_owned())
            // These were asked for elsewhere, and stay.
            .filter(|name| !(name.starts_with("tenant_") || name.starts_with("tower_watch_")))
            .filter(|name| name != "active_connections")
            .collect();
        names.dedup();
        names
    };
    let groups: [(Collect, &[&str]); 7] = [
        (Collect { requests: true, ..Collect::NONE }, &["http_requests_total"]),
        (Collect { duration: true, ..Collect::NONE }, &["http_request_duration_seconds"]),
        (Collect { head: true, ..Collect::NONE }, &["http_response_head_seconds"]),
        (Collect { in_flight: true, ..Collect::NONE }, &["http_requests_in_flight"]),
        (Collect { sizes: true, ..Collect::NONE }, &["http_request_size_bytes", "http_response_size_bytes"]),
        (Collect { errors: true, ..Collect::NONE }, &["http_requests_errors_total"]),
        (Collect { aborted: true, ..Collect::NONE }, &["http_requests_aborted_total"]),
    ];
    let mut every: Vec<String> = Vec::new();
    for (collect, names) in groups {
        assert_eq!(metrics(collect).await, names);
        every.extend(names.iter().map(|name| (*name).to_owned()));
    }
    every.sort();
    assert_eq!(metrics(Collect::ALL).await, every);
    assert_eq!(metrics(Collect::default()).await, every);
    assert!(metrics(Collect::NONE).await.is_empty());
}

/// A recorder that lists what it is told about metrics.
#[derive(Clone, Default)]
struct Described(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Described {
    fn note(&self, kind: &str, name: &KeyName, unit: Option<Unit>, help: &SharedString) {
        assert!(help.ends_with('.'), "{help}");
        self.0.lock().unwrap().push(format!("{kind} {} {}", name.as_str(), unit.unwrap().as_str()));
    }
}

impl Recorder for Described {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.note("counter", &name, unit, &help);
    }
    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.note("gauge", &name, unit, &help);
    }
    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.note("histogram", &name, unit, &help);
    }
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> metrics::Counter {
        metrics::Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> metrics::Gauge {
        metrics::Gauge::noop()
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::noop()
    }
}

#[tokio::test]
async fn are_described_once_with_their_units() {
    let described = Described::default();
    let settings = Settings::new().with_recorder(SharedRecorder::new(described.clone()));
    let config = RedConfig::new().with_collect(Collect { sizes: false, ..Collect::ALL });
    let router = Router::new().route("/", get(async || ())).layer(RedLayer::with_settings(&config, settings));
    for _ in 0..3 {
        send(&router, Request::get("/").body(Body::empty()).unwrap()).await;
    }
    let mut told = described.0.lock().unwrap().clone();
    told.sort();
    let expected = [
        "counter http_requests_aborted_total count",
        "counter http_requests_errors_total count",
        "counter http_requests_total count",
        "counter tenant_http_requests_total count",
        "counter tower_watch_label_overflow_total count",
        "gauge active_connections count",
        "gauge http_requests_in_flight count",
        "histogram http_request_duration_seconds seconds",
        "histogram http_response_head_seconds seconds",
        "histogram tenant_http_request_duration_seconds seconds",
    ];
    assert_eq!(told, expected);
}
