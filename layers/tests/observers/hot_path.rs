//! What a request costs in allocations, once its route, method, status and tenant have been met.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::Empty;
use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tower::{Layer, service_fn};
use tower_service::Service;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::context::{ContextObserver, RequestIdPolicy, TenantPolicy, Trust};
use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Settings, Start};
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::red::{Label, RedConfig, RedObserver, TenantMetrics};
use tower_watch_layers::route::Routes;

use crate::harness::poll_once;

/// A recorder whose handles only add.
struct Adds;

struct Sum(AtomicU64);

impl HistogramFn for Sum {
    fn record(&self, value: f64) {
        self.0.fetch_add(value.to_bits() >> 32, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Recorder for Adds {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(AtomicU64::new(0)))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Arc::new(AtomicU64::new(0)))
    }
    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Sum(AtomicU64::new(0))))
    }
}

/// An observer that follows each exchange and does nothing.
#[derive(Clone)]
struct Idle;

struct Idling;

impl Observer for Idle {
    type Exchange = Idling;

    fn begin(&self, _: &mut Start<'_>) -> Option<Idling> {
        Some(Idling)
    }
}

impl Exchange for Idling {
    fn end(self, _: &End<'_>) {}
}

const REQUESTS: u64 = 200;

type NoBody = Empty<bytes::Bytes>;

/// The allocations of [`REQUESTS`] requests with these headers under an observer, when 20 have gone before.
fn allocations<O: Observer>(observer: O, headers: &HeaderMap) -> u64 {
    let routes = Routes::new()
        .with_route(|_| Some("/r".into()))
        .with_policy("/r".parse().unwrap(), RoutePolicy::new().label("plan", "gold"));
    let settings = Settings::new().with_recorder(SharedRecorder::new(Adds)).with_routes(routes);
    let mut service =
        ObserveLayer::with_settings(observer, settings).layer(service_fn(|_: Request<NoBody>| {
            let mut response = Response::new(NoBody::new());
            // Room for what an observer adds; else the map's growth would be counted, on both sides or on one.
            *response.headers_mut() = HeaderMap::with_capacity(8);
            ready(Ok::<_, Infallible>(response))
        }));
    let request = || {
        let mut request = Request::new(NoBody::new());
        *request.headers_mut() = HeaderMap::with_capacity(8);
        request.headers_mut().extend(headers.clone());
        request
    };
    let mut send = |request| assert!(poll_once(pin!(service.call(request))).is_ready());
    for _ in 0..20 {
        send(request());
    }
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    allocation_counter::measure(|| requests.into_iter().for_each(&mut send)).count_total
}

/// The allocations per request that an observer adds to a bare [`ObserveLayer`].
#[track_caller]
fn added<O: Observer>(observer: O, headers: &HeaderMap) -> f64 {
    let bare = allocations(Idle, headers);
    assert!(bare > 0, "the counter counts");
    let with = allocations(observer, headers);
    let added = with.checked_sub(bare).expect("an observer saves no allocation");
    f64::from(u32::try_from(added).unwrap()) / f64::from(u32::try_from(REQUESTS).unwrap())
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
}

#[test]
fn a_bare_layer_costs_its_slot_and_the_slots_place() {
    // The slot, the extensions' map and its table, the box in it; and the headers of the response.
    let bare = allocations(Idle, &HeaderMap::new()) / REQUESTS;
    assert!(bare <= 6, "{bare} allocations");
}

#[test]
fn red_adds_no_allocation() {
    assert_eq!(added(RedObserver::new(&RedConfig::new()), &HeaderMap::new()), 0.0);
}

#[test]
fn red_adds_no_allocation_for_tenants() {
    let headers = headers(&[("x-tenant-id", "acme")]);
    let context = ContextObserver::new().without_request_id().with_tenant(TenantPolicy::default());
    assert_eq!(added(context.clone(), &headers), 0.0);
    let red = RedObserver::new(&RedConfig::new().with_tenants(TenantMetrics::new()));
    assert_eq!(added((context, red), &headers), 0.0);
}

/// A flood of tenants that have no place must not cost more than those that have one.
#[test]
fn red_adds_no_allocation_for_what_has_no_place() {
    let headers = headers(&[("x-tenant-id", "acme")]);
    let context = ContextObserver::new().without_request_id().with_tenant(TenantPolicy::default());
    let red = RedObserver::new(&RedConfig::new().with_tenants(TenantMetrics::new().cap(0)));
    assert_eq!(added((context, red), &headers), 0.0);
}

#[test]
fn an_id_that_is_made_costs_one_allocation() {
    assert_eq!(added(ContextObserver::new(), &HeaderMap::new()), 1.0);
    let never = ContextObserver::new().with_request_id(RequestIdPolicy::new().trust(Trust::never()));
    assert_eq!(added(never, &headers(&[("x-request-id", "theirs")])), 1.0);
}

#[test]
fn an_id_that_is_adopted_costs_none() {
    assert_eq!(added(ContextObserver::new(), &headers(&[("x-request-id", "theirs")])), 0.0);
}

#[test]
fn declared_labels_cost_two_allocations_at_most() {
    let headers = headers(&[("x-client", "ios"), ("x-os", "beos"), ("x-tenant-id", "acme")]);
    let label = |name| Label::new(name);
    let from_header = |name, header: &'static str| label(name).from_header(header.parse().unwrap(), ["ios"]);
    let red = |labels: &[Label]| {
        let config = labels.iter().cloned().try_fold(RedConfig::new(), RedConfig::with_label).unwrap();
        RedObserver::new(&config)
    };
    let set_by_the_table = red(&[label("plan"), label("never_set")]);
    assert!(added(set_by_the_table, &headers) <= 1.0);
    let from_headers = red(&[from_header("client", "x-client"), label("plan"), from_header("os", "x-none")]);
    assert!(added(from_headers, &headers) <= 2.0);
    let context = ContextObserver::new().without_request_id().with_tenant(TenantPolicy::default());
    let from_tenant = red(&[label("org").from_tenant()]);
    assert!(added((context, from_tenant), &headers) <= 1.0);
}
