//! What a client can influence is bounded.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{HeaderName, Method, Request, Response, StatusCode};
use http_body_util::Empty;
use tower::Layer;
use tower_service::Service;
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::{Observe, ObserveLayer};
use tower_watch_layers::red::{Label, RedConfig, RedObserver, TenantMetrics};
use tower_watch_layers::route::Routes;

use crate::harness::{Bench, get_with, poll_once, request, send};

const FLOOD: usize = 100_000;
const TENANT: &str = "x-tenant-id";

/// Answers at once and without a body: 401 where the request asks for it, else 200.
#[derive(Clone)]
struct Instant;

type NoBody = Empty<bytes::Bytes>;

impl Service<Request<NoBody>> for Instant {
    type Response = Response<NoBody>;
    type Error = Infallible;
    type Future = Ready<Result<Response<NoBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<NoBody>) -> Self::Future {
        let mut response = Response::new(NoBody::new());
        if request.headers().contains_key("x-stranger") {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
        }
        if let Some(status) = request.headers().get("x-grpc-status") {
            response.headers_mut().insert("grpc-status", status.clone());
        }
        ready(Ok(response))
    }
}

/// [`Instant`] under observation, without what no test here looks at.
struct Flooded {
    service: Observe<Instant, (ContextObserver, RedObserver)>,
}

fn flooded(bench: &Bench, policy: TenantPolicy, red: &RedConfig, routes: Routes) -> Flooded {
    let context = ContextObserver::new().without_request_id().with_tenant(policy);
    let layer = ObserveLayer::with_settings((context, RedObserver::new(red)), bench.settings(routes));
    Flooded { service: layer.layer(Instant) }
}

impl Flooded {
    fn send(&mut self, method: Method, path: &str, headers: &[(&'static str, &str)]) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let future = self.service.call(request.body(NoBody::new()).unwrap());
        assert!(poll_once(pin!(future)).is_ready());
    }

    fn send_as(&mut self, tenant: &str) {
        self.send(Method::GET, "/", &[(TENANT, tenant)]);
    }

    fn send_as_stranger(&mut self, tenant: &str) {
        self.send(Method::GET, "/", &[(TENANT, tenant), ("x-stranger", "1")]);
    }
}

fn with_tenants(tenants: TenantMetrics) -> RedConfig {
    RedConfig::new().with_tenants(tenants)
}

fn overflow(bench: &Bench, label: &str) -> u64 {
    bench.numbers.counter(&format!("tower_watch_label_overflow_total{{label={label}}}"))
}

fn tenant_requests(bench: &Bench, status: u16, tenant: &str) -> u64 {
    bench.numbers.counter(&format!("tenant_http_requests_total{{status={status},tenant={tenant}}}"))
}

#[test]
fn a_flood_of_paths_methods_and_tenants_leaves_a_bounded_number_of_series() {
    let bench = Bench::new();
    let red = with_tenants(TenantMetrics::new());
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    flooded.send_as("acme");
    let before = bench.numbers.all().len();
    for index in 0..FLOOD {
        let method = Method::from_bytes(format!("M{index}").as_bytes()).unwrap();
        flooded.send(method, &format!("/{index}/x"), &[(TENANT, &format!("t{index}"))]);
    }
    flooded.send_as("acme");
    flooded.send_as("globex");

    assert_eq!(
        bench.numbers.counter("http_requests_total{endpoint=unmatched,method=_OTHER,status=200}"),
        FLOOD as u64
    );
    // One more method; 999 more tenants and `_other`, each with a counter and a histogram; the overflow.
    assert_eq!(bench.numbers.all().len(), before + 6 + 2 * 1_000 + 1);
    // Who was there first keeps its series, and nothing is lost.
    assert_eq!(tenant_requests(&bench, 200, "acme"), 2);
    assert_eq!(tenant_requests(&bench, 200, "globex"), 0);
    let late = FLOOD as u64 - 999 + 1;
    assert_eq!(tenant_requests(&bench, 200, "_other"), late);
    assert_eq!(overflow(&bench, "tenant"), late);
    bench.numbers.assert_in_flight(0.0);
}

#[test]
fn a_flood_of_endpoints_leaves_a_bounded_number_of_series() {
    let bench = Bench::new();
    // What the docs say not to do.
    let raw = Routes::new().with_route(|head| Some(head.uri.path().into()));
    let mut flooded = flooded(&bench, TenantPolicy::default(), &RedConfig::new(), raw);
    flooded.send(Method::GET, "/home", &[]);
    for index in 0..FLOOD {
        flooded.send(Method::GET, &format!("/{index}"), &[]);
    }
    flooded.send(Method::GET, "/home", &[]);
    let series = bench.numbers.series("http_requests_total");
    assert_eq!(series.len(), 2_000 + 1);
    assert_eq!(bench.numbers.all().len(), 2_001 * 6 + 1);
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/home,method=GET,status=200}"), 2);
    let late = FLOOD as u64 - 1_999;
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=_other,method=GET,status=200}"), late);
    assert_eq!(overflow(&bench, "endpoint"), late);
    bench.numbers.assert_in_flight(0.0);
}

#[test]
fn the_cap_on_endpoints_is_ones_own_and_holds_for_work_that_is_not_http() {
    let bench = Bench::new();
    let settings = bench.settings(Routes::new().with_cap(2));
    let red = RedObserver::new(&RedConfig::new());
    for endpoint in ["mail", "sms", "fax", "mail", "telex"] {
        red.record_request(&settings, &Method::POST, endpoint, StatusCode::OK, Duration::ZERO);
    }
    red.record_error(&settings, &Method::POST, "pigeon", "lost");
    let expected = [("_other", 2), ("mail", 2), ("sms", 1)].map(|(endpoint, count)| {
        format!("http_requests_total{{endpoint={endpoint},method=POST,status=200}} {count}")
    });
    let moved = bench.numbers.moved();
    let requests: Vec<_> = moved.iter().filter(|line| line.starts_with("http_requests_total")).collect();
    assert_eq!(requests, expected.iter().collect::<Vec<_>>());
    assert!(moved.contains(&"tower_watch_label_overflow_total{label=endpoint} 3".to_owned()), "{moved:?}");
}

#[test]
fn unmatched_is_no_overflow() {
    let bench = Bench::new();
    let routes = Routes::new().with_cap(0);
    let mut flooded = flooded(&bench, TenantPolicy::default(), &RedConfig::new(), routes);
    flooded.send(Method::GET, "/nowhere", &[]);
    assert_eq!(overflow(&bench, "endpoint"), 0);
}

#[test]
fn strangers_take_no_place() {
    let bench = Bench::new();
    let red = with_tenants(TenantMetrics::new().cap(2));
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    for index in 0..1_000 {
        flooded.send_as_stranger(&format!("invented{index}"));
    }
    assert_eq!(bench.numbers.series("tenant_http_requests_total"), ["status=401,tenant=_other"]);
    flooded.send_as("acme");
    flooded.send_as("globex");
    flooded.send_as("initech");
    // Known by now, so what it is refused counts as its own.
    flooded.send_as_stranger("acme");
    assert_eq!(
        bench.numbers.series("tenant_http_requests_total"),
        [
            "status=200,tenant=_other",
            "status=200,tenant=acme",
            "status=200,tenant=globex",
            "status=401,tenant=_other",
            "status=401,tenant=acme",
        ]
    );
    assert_eq!(tenant_requests(&bench, 401, "_other"), 1_000);
    assert_eq!(overflow(&bench, "tenant"), 1_001);
}

#[test]
fn strangers_over_grpc_take_no_place_either() {
    let bench = Bench::new();
    let red = with_tenants(TenantMetrics::new()).with_label(Label::new("org").unwrap().from_tenant());
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    // UNAUTHENTICATED, PERMISSION_DENIED and OK, all with the HTTP status 200.
    for (tenant, status) in [("stranger", "16"), ("intruder", "7"), ("acme", "0")] {
        let headers = [("content-type", "application/grpc"), (TENANT, tenant), ("x-grpc-status", status)];
        flooded.send(Method::POST, "/shop.Orders/Create", &headers);
    }
    let tenants: Vec<_> = bench.numbers.series("tenant_http_request_duration_seconds");
    assert_eq!(tenants, ["tenant=_other", "tenant=acme"]);
    assert_eq!(values(&bench, "org"), expected([("_other", 2), ("acme", 1)]));
}

#[test]
fn a_tenant_that_an_allowlist_vouches_for_takes_a_place_whatever_its_answer() {
    for policy in
        [TenantPolicy::default().allow(["acme"]), TenantPolicy::default().validate(|text| text == "acme")]
    {
        let bench = Bench::new();
        let mut flooded = flooded(&bench, policy, &with_tenants(TenantMetrics::new()), Routes::new());
        flooded.send_as_stranger("acme");
        flooded.send_as_stranger("initech");
        assert_eq!(bench.numbers.series("tenant_http_requests_total"), ["status=401,tenant=acme"]);
    }
}

#[test]
fn an_idle_tenant_gives_its_place_back() {
    let bench = Bench::new();
    let tenants = TenantMetrics::new().cap(2).idle_after(Duration::from_secs(600));
    let red = with_tenants(tenants).with_clock(bench.clock.clone());
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    flooded.send_as("idle");
    flooded.send_as("busy");
    flooded.send_as("third");
    assert_eq!(tenant_requests(&bench, 200, "third"), 0);
    bench.hand.advance(Duration::from_secs(500));
    flooded.send_as("busy");
    flooded.send_as("third");
    assert_eq!(tenant_requests(&bench, 200, "third"), 0);
    bench.hand.advance(Duration::from_secs(200));
    flooded.send_as("third");
    assert_eq!(tenant_requests(&bench, 200, "third"), 1, "idle was silent for 700 seconds");
    flooded.send_as("fourth");
    assert_eq!(tenant_requests(&bench, 200, "fourth"), 0, "busy kept its own");
    flooded.send_as("busy");
    assert_eq!(tenant_requests(&bench, 200, "busy"), 3, "busy was silent for 200");
    flooded.send_as("idle");
    assert_eq!(tenant_requests(&bench, 200, "idle"), 1, "its place is gone");
    assert_eq!(overflow(&bench, "tenant"), 4);
}

#[test]
fn a_pinned_tenant_never_overflows() {
    let bench = Bench::new();
    let tenants = TenantMetrics::new().cap(1).idle_after(Duration::from_secs(60)).pin(["acme", "globex"]);
    assert_eq!(tenants.most(), 3);
    let red = with_tenants(tenants).with_clock(bench.clock.clone());
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    for index in 0..100 {
        flooded.send_as(&format!("t{index}"));
    }
    bench.hand.advance(Duration::from_secs(3_600));
    flooded.send_as("t100");
    flooded.send_as("acme");
    flooded.send_as_stranger("globex");
    assert_eq!(tenant_requests(&bench, 200, "t100"), 1);
    assert_eq!(tenant_requests(&bench, 200, "acme"), 1);
    assert_eq!(tenant_requests(&bench, 401, "globex"), 1);
    assert_eq!(overflow(&bench, "tenant"), 99);
}

/// The values of `label` on `http_requests_total`, each with how often; `-` where there is no label.
fn values(bench: &Bench, label: &str) -> Vec<(String, u64)> {
    let mut values = std::collections::BTreeMap::new();
    for series in bench.numbers.series("http_requests_total") {
        let value = series
            .split(',')
            .find_map(|pair| pair.strip_prefix(label)?.strip_prefix('='))
            .unwrap_or("-")
            .to_owned();
        *values.entry(value).or_insert(0) +=
            bench.numbers.counter(&format!("http_requests_total{{{series}}}"));
    }
    values.into_iter().collect()
}

fn expected<const N: usize>(values: [(&str, u64); N]) -> Vec<(String, u64)> {
    values.into_iter().map(|(value, count)| (value.to_owned(), count)).collect()
}

/// A router whose handler sets the label `plan` to what the query says.
fn plans(bench: &Bench, label: Label) -> Router {
    let handler = async |context: RequestContext, request: Request<Body>| {
        if let Some(plan) = request.uri().query() {
            context.set_label("plan", plan.to_owned());
        }
    };
    Router::new().route("/", get(handler)).layer(bench.layer_of(
        ContextObserver::new(),
        &RedConfig::new().with_label(label),
        Routes::new(),
    ))
}

fn plan() -> Label {
    Label::new("plan").unwrap()
}

async fn send_plans(router: &Router, plans: &[&str]) {
    for plan in plans {
        send(router, request(Method::GET, &format!("/?{plan}"))).await;
    }
    send(router, request(Method::GET, "/")).await;
}

#[tokio::test]
async fn a_label_with_known_values_takes_no_other() {
    let bench = Bench::new();
    let label = plan().values(["gold", "free"]);
    assert_eq!(label.most_values(), 2);
    send_plans(&plans(&bench, label), &["lead", "gold", "free", "tin", "gold"]).await;
    assert_eq!(values(&bench, "plan"), expected([("-", 1), ("_other", 2), ("free", 1), ("gold", 2)]));
    assert_eq!(overflow(&bench, "plan"), 2);
}

#[tokio::test]
async fn a_label_takes_values_up_to_its_cap() {
    let bench = Bench::new();
    let label = plan().cap(2);
    assert_eq!(label.most_values(), 2);
    send_plans(&plans(&bench, label), &["a", "b", "c", "a", "d"]).await;
    assert_eq!(values(&bench, "plan"), expected([("-", 1), ("_other", 2), ("a", 2), ("b", 1)]));
    assert_eq!(overflow(&bench, "plan"), 2);

    let bench = Bench::new();
    assert_eq!(plan().most_values(), 50);
    let router = plans(&bench, plan());
    for index in 0..60 {
        send(&router, request(Method::GET, &format!("/?p{index}"))).await;
    }
    assert_eq!(values(&bench, "plan").len(), 51);
    assert_eq!(overflow(&bench, "plan"), 10);
}

#[tokio::test]
async fn a_label_from_a_header_takes_known_values_only() {
    let bench = Bench::new();
    let header = HeaderName::from_static("x-client");
    let label = Label::new("client").unwrap().from_header(header, ["ios", "android"]);
    let red = RedConfig::new().with_label(label);
    let handler = async |context: RequestContext, request: Request<Body>| {
        if request.uri().query().is_some() {
            context.set_label("client", "android");
        }
    };
    let router = Router::new().route("/", get(handler)).layer(bench.layer_of(
        ContextObserver::new(),
        &red,
        Routes::new(),
    ));
    for client in [&b"ios"[..], b"curl/8", b"IOS", b"", b"\xff"] {
        send(&router, get_with("/", "x-client", client)).await;
    }
    send(&router, request(Method::GET, "/")).await;
    // The handler's word is stronger, and what it replaces is no overflow.
    send(&router, get_with("/?x", "x-client", "curl")).await;
    assert_eq!(values(&bench, "client"), expected([("-", 2), ("_other", 3), ("android", 1), ("ios", 1)]));
    assert_eq!(overflow(&bench, "client"), 3);
}

#[test]
fn a_label_from_a_function_is_capped() {
    let bench = Bench::new();
    let label = Label::new("shard")
        .unwrap()
        .from_fn(|head| head.headers.get("x-shard")?.to_str().ok().map(str::to_owned))
        .cap(10);
    let red = RedConfig::new().with_label(label);
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    for index in 0..1_000 {
        flooded.send(Method::GET, "/", &[("x-shard", &format!("s{index}"))]);
    }
    flooded.send(Method::GET, "/", &[("x-shard", "s3")]);
    flooded.send(Method::GET, "/", &[]);
    let values = values(&bench, "shard");
    assert_eq!(values.len(), 12);
    assert!(values.contains(&("_other".to_owned(), 990)) && values.contains(&("s3".to_owned(), 2)));
    assert_eq!(overflow(&bench, "shard"), 990);
}

#[test]
fn a_label_from_the_tenant_is_capped_and_no_strangers() {
    let bench = Bench::new();
    let red = RedConfig::new().with_label(Label::new("tenant").unwrap().from_tenant().cap(2));
    let mut flooded = flooded(&bench, TenantPolicy::default(), &red, Routes::new());
    for index in 0..100 {
        flooded.send_as_stranger(&format!("invented{index}"));
    }
    for tenant in ["acme", "globex", "initech", "acme"] {
        flooded.send_as(tenant);
    }
    flooded.send_as_stranger("acme");
    flooded.send(Method::GET, "/", &[]);
    assert_eq!(values(&bench, "tenant"), expected([("-", 1), ("_other", 101), ("acme", 3), ("globex", 1)]));
    assert_eq!(overflow(&bench, "tenant"), 101);
}

#[tokio::test]
async fn an_undeclared_label_is_ignored() {
    let bench = Bench::new();
    let router = plans(&bench, Label::new("team").unwrap());
    send_plans(&router, &["gold"]).await;
    assert_eq!(bench.numbers.series("http_requests_total"), ["endpoint=/,method=GET,status=200"]);
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/,method=GET,status=200}"), 2);
}

#[tokio::test]
async fn of_two_labels_with_one_name_the_later_counts() {
    let bench = Bench::new();
    let red = RedConfig::new().with_label(plan().values(["gold"])).with_label(plan().cap(1));
    assert_eq!(red.labels().len(), 1);
    assert_eq!(red.labels()[0].most_values(), 1);
    let handler = async |context: RequestContext| context.set_label("plan", "tin");
    let router = Router::new().route("/", get(handler)).layer(bench.layer_of(
        ContextObserver::new(),
        &red,
        Routes::new(),
    ));
    send(&router, request(Method::GET, "/")).await;
    assert_eq!(values(&bench, "plan"), expected([("tin", 1)]));
}

#[test]
fn a_name_that_is_taken_is_refused() {
    for taken in ["method", "endpoint", "status", "le", "http_route", "job", "instance", "__x", "a-b", ""] {
        assert!(Label::new(taken).is_err(), "{taken:?}");
    }
}
