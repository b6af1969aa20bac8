//! Functions of the application's own that panic: the request that they are asked about gets its answer, and counts.

use axum::Router;
use axum::routing::get;
use tower_watch_layers::context::{ContextObserver, TenantPolicy};
use tower_watch_layers::red::{Label, RedConfig};
use tower_watch_layers::route::Routes;

use crate::harness::{Answer, Bench, get_with, send};

async fn answer(bench: &Bench, context: ContextObserver, red: &RedConfig, routes: Routes) -> Answer {
    let app = Router::new().route("/", get(async || "here")).layer(bench.layer_of(context, red, routes));
    let answer = send(&app, get_with("/", "x-tenant-id", "acme")).await;
    assert_eq!(bench.seen.ended().len(), 1);
    bench.numbers.assert_in_flight(0.0);
    answer
}

#[tokio::test]
async fn a_route_function_leaves_it_to_the_matched_path() {
    let bench = Bench::new();
    let routes = Routes::new().with_route(|_| panic!("the route function panics, as it was told"));
    assert_eq!(answer(&bench, ContextObserver::new(), &RedConfig::new(), routes).await.status, 200);
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/,method=GET,status=200}"), 1);
}

#[tokio::test]
async fn a_label_has_no_value() {
    let bench = Bench::new();
    let plan = Label::new("plan").from_fn(|_| panic!("the label panics, as it was told"));
    let red = RedConfig::new().with_label(plan).unwrap();
    assert_eq!(answer(&bench, ContextObserver::new(), &red, Routes::new()).await.status, 200);
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/,method=GET,status=200}"), 1);
}

#[tokio::test]
async fn a_tenant_is_missing_or_unknown() {
    let claim = || TenantPolicy::from_fn(|_| panic!("the tenant panics, as it was told"));
    let check = || TenantPolicy::default().validate(|_| panic!("the validator panics, as it was told"));
    for (policy, status, detail) in [
        (claim(), 200, ""),
        (check(), 200, ""),
        (claim().required(), 400, "the tenant is missing"),
        (check().required(), 400, "header x-tenant-id names no known tenant"),
    ] {
        let bench = Bench::new();
        let context = ContextObserver::new().with_tenant(policy);
        let answer = answer(&bench, context, &RedConfig::new(), Routes::new()).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(detail), "{}", answer.body);
        let [exchange] = &*bench.seen.ended() else { panic!("one exchange") };
        assert_eq!(exchange.tenant, None);
    }
}
