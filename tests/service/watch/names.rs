//! Under which names the numbers are found, and numbers of work that is not HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::post;
use tower_watch::layers::context::TenantPolicy;
use tower_watch::layers::red::{Collect, Label, Naming, TenantMetrics};
use tower_watch::watch::WatchBuilder;
use tower_watch::{RouterExt, Watch};

use crate::clients::ask;

async fn observe(builder: WatchBuilder) -> Watch {
    let builder = builder.tenant(TenantPolicy::default()).tenant_metrics(TenantMetrics::new());
    let watch = builder.local().start().unwrap();
    let app = Router::new().route("/orders", post(async || StatusCode::BAD_GATEWAY)).watched(&watch);
    let request = Request::post("/orders").header("x-tenant-id", "acme").body(Body::from("four"));
    ask(&app, request.unwrap()).await;
    watch
}

/// `name{label, label}`, in order.
fn names(watch: &Watch) -> BTreeSet<String> {
    let name = |series: &tower_watch::testing::Series| {
        let labels: Vec<_> = series.key.labels().map(|(name, _)| name.to_owned()).collect();
        format!("{}{{{}}}", series.key.name(), labels.join(","))
    };
    // The store and the engine of alerts speak of themselves too.
    let is_request = |series: &&tower_watch::testing::Series| {
        let own = ["series", "tick", "alert", "notification"];
        let part = series.key.name().strip_prefix("tower_watch_");
        part.is_none_or(|part| !own.iter().any(|own| part.starts_with(own)))
    };
    watch.snapshot().iter().filter(is_request).map(name).collect()
}

#[tokio::test]
async fn prometheus_convention_by_default() {
    let watch = observe(Watch::builder("shop")).await;
    let expected = [
        "http_request_duration_seconds{endpoint,method}",
        "http_request_size_bytes{endpoint,method}",
        "http_requests_errors_total{endpoint,error_type,method}",
        "http_requests_in_flight{endpoint,method}",
        "http_requests_total{endpoint,method,status}",
        "http_response_head_seconds{endpoint,method}",
        "http_response_size_bytes{endpoint,method}",
        "tenant_http_request_duration_seconds{tenant}",
        "tenant_http_requests_total{status,tenant}",
        "tower_watch_label_overflow_total{label}",
    ];
    assert_eq!(names(&watch), expected.map(String::from).into());
    let numbers = watch.snapshot();
    let labels = [("method", "POST"), ("endpoint", "/orders")];
    let error = [labels[0], labels[1], ("error_type", "502")];
    assert_eq!(numbers.counter("http_requests_errors_total", &error), 1);
    assert_eq!(numbers.histogram("http_request_size_bytes", &labels).count, 1);
    let of_tenant = [("tenant", "acme"), ("status", "502")];
    assert_eq!(
        numbers.counter("tenant_http_requests_total", &of_tenant),
        0,
        "a stranger's word, until it works"
    );
    assert_eq!(numbers.counter("tenant_http_requests_total", &[("tenant", "_other"), ("status", "502")]), 1);
}

#[tokio::test]
async fn opentelemetrys_conventions() {
    let watch = observe(Watch::builder("shop").naming(Naming::OpenTelemetry)).await;
    let numbers = watch.snapshot();
    let labels =
        [("http_request_method", "POST"), ("http_route", "/orders"), ("http_response_status_code", "502")];
    let with_error = [labels[0], labels[1], labels[2], ("error_type", "502")];
    assert_eq!(numbers.histogram("http_server_request_duration_seconds", &with_error).count, 1);
    assert_eq!(numbers.counter("http_server_requests_total", &labels), 1);
    let in_flight = numbers.series("http_server_active_requests").count();
    assert_eq!((in_flight, numbers.gauge("http_server_active_requests", &labels[..2])), (1, 0.0));
    assert!(
        names(&watch).iter().all(|name| name.contains("http_server_") || name.starts_with("tower_watch_"))
    );
}

#[tokio::test]
async fn axum_prometheus_names() {
    let watch = observe(Watch::builder("shop").naming(Naming::AxumPrometheus)).await;
    let numbers = watch.snapshot();
    let labels = [("method", "POST"), ("endpoint", "/orders"), ("status", "502")];
    assert_eq!(numbers.counter("axum_http_requests_total", &labels), 1);
    assert_eq!(numbers.histogram("axum_http_requests_duration_seconds", &labels).count, 1);
    assert_eq!(numbers.series("axum_http_requests_pending").count(), 1);
}

#[tokio::test]
async fn a_prefix_goes_before_every_name_of_a_request() {
    for (naming, name) in [
        (Naming::Prometheus, "shop_http_requests_total"),
        (Naming::OpenTelemetry, "shop_http_server_requests_total"),
        (Naming::AxumPrometheus, "shop_http_requests_total"),
    ] {
        for builder in [
            Watch::builder("shop").prefix("shop").naming(naming),
            Watch::builder("shop").naming(naming).prefix("shop_"),
        ] {
            let watch = observe(builder).await;
            assert_eq!(watch.snapshot().counter(name, &[]), 1, "{naming:?}");
            let stray: Vec<_> = names(&watch).into_iter().filter(|name| !name.starts_with("shop_")).collect();
            assert_eq!(stray, ["tower_watch_label_overflow_total{label}"], "{naming:?}");
        }
    }
}

#[tokio::test]
async fn only_what_is_collected_and_labels_of_ones_own() {
    let builder = Watch::builder("shop")
        .collect(Collect { requests: true, ..Collect::NONE })
        .label(Label::new("plan").from_fn(|_| Some("gold".to_owned())))
        .registers(|registers| registers.global_label("region", "eu"));
    let watch = observe(builder).await;
    let request: Vec<_> = names(&watch).into_iter().filter(|name| name.starts_with("http_")).collect();
    assert_eq!(request, ["http_requests_total{endpoint,method,plan,region,status}"]);
    let labels = [("plan", "gold"), ("region", "eu"), ("endpoint", "/orders")];
    assert_eq!(watch.snapshot().counter("http_requests_total", &labels), 1);
}

#[tokio::test]
async fn buckets_of_ones_own() {
    let watch = observe(Watch::builder("shop").buckets([0.2, 0.4])).await;
    let numbers = watch.snapshot();
    let bounds = |name| {
        let buckets = numbers.histogram(name, &[]).buckets;
        buckets.into_iter().map(|(bound, _)| bound).collect::<Vec<_>>()
    };
    assert_eq!(bounds("http_request_duration_seconds"), [0.2, 0.4, f64::INFINITY]);
    assert_eq!(bounds("http_response_head_seconds"), [0.2, 0.4, f64::INFINITY]);
    assert_eq!(bounds("http_request_size_bytes").len(), 11, "bytes are no seconds");
}

#[test]
fn work_that_is_not_http() {
    let watch = Watch::builder("worker").local().start().unwrap();
    let quarter = Duration::from_millis(250);
    watch.record_request(&Method::POST, "mail.send", StatusCode::OK, quarter);
    watch.record_request(&Method::POST, "mail.send", StatusCode::SERVICE_UNAVAILABLE, quarter);
    let consume = Method::from_bytes(b"CONSUME").unwrap();
    watch.record_request(&consume, "queue.orders", StatusCode::OK, quarter);
    watch.record_error(&Method::POST, "mail.send", "mailbox_full");
    for connections in [7, 3] {
        watch.set_active_connections(connections);
    }
    let numbers = watch.snapshot();
    let mail = [("method", "POST"), ("endpoint", "mail.send")];
    let of_mail = |label| [mail[0], mail[1], label];
    assert_eq!(numbers.counter("http_requests_total", &of_mail(("status", "200"))), 1);
    assert_eq!(numbers.counter("http_requests_total", &of_mail(("status", "503"))), 1);
    assert_eq!(
        numbers.counter("http_requests_total", &[("method", "_OTHER"), ("endpoint", "queue.orders")]),
        1
    );
    assert_eq!(numbers.counter("http_requests_errors_total", &of_mail(("error_type", "503"))), 1);
    assert_eq!(numbers.counter("http_requests_errors_total", &of_mail(("error_type", "mailbox_full"))), 1);
    let durations = numbers.histogram("http_request_duration_seconds", &mail);
    assert_eq!((durations.count, durations.sum), (2, 0.5));
    assert_eq!(numbers.gauge("active_connections", &[]), 3.0);
    assert_eq!(numbers.gauge("http_requests_in_flight", &mail), 0.0);
}
