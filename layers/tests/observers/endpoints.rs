//! Which endpoint a request is counted under.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Method, Request, Response};
use tower::{Layer, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::red::{RedConfig, RedLayer};
use tower_watch_layers::route::{Routes, UNMATCHED};

use crate::harness::{Bench, BenchLayer, get as request_to, grpc, request, send};

/// The endpoints that were counted, each with how often.
#[track_caller]
fn assert_counted(bench: &Bench, expected: &[(&str, u64)]) {
    let mut counted = std::collections::BTreeMap::new();
    for series in bench.numbers.series("http_requests_total") {
        let endpoint =
            series.split(',').find_map(|label| label.strip_prefix("endpoint=")).unwrap().to_owned();
        let count = bench.numbers.counter(&format!("http_requests_total{{{series}}}"));
        *counted.entry(endpoint).or_insert(0) += count;
    }
    let expected: std::collections::BTreeMap<_, _> =
        expected.iter().map(|(endpoint, count)| ((*endpoint).to_owned(), *count)).collect();
    assert_eq!(counted, expected);
    bench.numbers.assert_in_flight(0.0);
}

fn routes(bench: &Bench, routes: Routes) -> BenchLayer {
    bench.layer_of(ContextObserver::new(), &RedConfig::new(), routes)
}

async fn handler() {}

#[tokio::test]
async fn is_the_template_under_router_layer() {
    let bench = Bench::new();
    let router = Router::new()
        .route("/", get(handler))
        .route("/users/{id}", get(handler))
        .route("/files/{*path}", get(handler))
        .nest("/api/{version}", Router::new().route("/orders/{id}", post(handler)))
        .layer(bench.layer());
    for path in ["/", "/users/1", "/users/2", "/files/a/b/c", "/api/v1/orders/1", "/api/v2/orders/2"] {
        send(&router, request_to(path)).await;
    }
    send(&router, request(Method::POST, "/api/v1/orders/1")).await;
    assert_counted(
        &bench,
        &[("/", 1), ("/users/{id}", 2), ("/files/{*path}", 1), ("/api/{version}/orders/{id}", 3)],
    );
    // Two of those were 405, and are the route's.
    let not_allowed = "http_requests_total{endpoint=/api/{version}/orders/{id},method=GET,status=405}";
    assert_eq!(bench.numbers.counter(not_allowed), 2);
}

#[tokio::test]
async fn is_unmatched_where_no_route_took_the_request() {
    let bench = Bench::new();
    let router = Router::new()
        .route("/users", get(handler))
        .fallback(async |context: RequestContext| context.endpoint().to_owned())
        .layer(bench.layer());
    for path in ["/wp-login.php", "/users/1", "/%2e%2e/etc/passwd", "/unmatched"] {
        assert_eq!(send(&router, request_to(path)).await.body, UNMATCHED, "{path}");
    }
    assert_counted(&bench, &[(UNMATCHED, 4)]);
}

#[tokio::test]
async fn is_refined_by_a_route_layer_inside_a_nested_service() {
    let bench = Bench::new();
    let inner = Router::new()
        .route("/users/{id}", get(async |context: RequestContext| context.endpoint().to_owned()))
        .layer(RouteLayer::default());
    let router = Router::new().nest_service("/svc/{area}", inner).layer(bench.layer());
    assert_eq!(send(&router, request_to("/svc/a/users/7")).await.body, "/svc/{area}/users/{id}");
    send(&router, request_to("/svc/a/nothing")).await;
    send(&router, request_to("/other")).await;
    assert_counted(&bench, &[("/svc/{area}/users/{id}", 1), (UNMATCHED, 2)]);
    let endpoints: Vec<_> = bench.seen.ended().into_iter().map(|ended| ended.endpoint).collect();
    assert_eq!(endpoints, ["/svc/{area}/users/{id}", UNMATCHED, UNMATCHED]);
}

#[tokio::test]
async fn is_refined_by_a_route_layer_inside_a_fallback_router() {
    let bench = Bench::new();
    let old = Router::new().route("/old/{id}", get(handler)).layer(RouteLayer::default());
    let router = Router::new().route("/new/{id}", get(handler)).fallback_service(old).layer(bench.layer());
    for path in ["/new/1", "/old/1", "/none"] {
        send(&router, request_to(path)).await;
    }
    assert_counted(&bench, &[("/new/{id}", 1), ("/old/{id}", 1), (UNMATCHED, 1)]);
}

#[tokio::test]
async fn is_refined_by_an_observing_layer_inside() {
    let bench = Bench::new();
    let inner = Router::new()
        .route("/users/{id}", get(handler))
        .layer(RedLayer::with_settings(&RedConfig::new(), bench.settings(Routes::new())));
    let router = Router::new().nest_service("/svc", inner).layer(bench.layer());
    send(&router, request_to("/svc/users/7")).await;
    assert_counted(&bench, &[("/svc/users/{id}", 1)]);
}

#[tokio::test]
async fn in_flight_goes_down_where_it_went_up() {
    let bench = Bench::new();
    let inner = Router::new().route("/users/{id}", get(handler)).layer(RouteLayer::default());
    let router = Router::new().nest_service("/svc", inner).layer(bench.layer());
    for _ in 0..3 {
        send(&router, request_to("/svc/users/7")).await;
    }
    bench.numbers.assert_in_flight(0.0);
    // It went up before anybody knew the route.
    assert!(
        bench.numbers.series("http_requests_in_flight").contains(&format!("endpoint={UNMATCHED},method=GET"))
    );
}

#[tokio::test]
async fn does_not_change_after_the_head() {
    use tower_watch_layers::observe::ObserveLayer;
    // The service inside is called, and its head there; only then a layer inside would know a route.
    let bench = Bench::new();
    let slot = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = std::sync::Arc::clone(&slot);
    let service = ObserveLayer::with_settings(bench.seen.clone(), bench.settings(Routes::new())).layer(
        service_fn(move |request: Request<Body>| {
            *keep.lock().unwrap() = Some(request);
            async { Ok::<_, Infallible>(Response::new(Body::from("x"))) }
        }),
    );
    send(&service, request_to("/late/1")).await;
    assert_eq!(bench.seen.only().endpoint, UNMATCHED);
    // The kept request goes to a router whose RouteLayer knows the template.
    let request = slot.lock().unwrap().take().unwrap();
    let router: Router = Router::new()
        .route("/late/{id}", get(async |context: RequestContext| context.endpoint().to_owned()))
        .layer(RouteLayer::default());
    assert_eq!(send(&router, request).await.body, UNMATCHED);
}

/// `/users/7` is `/users/{id}`, `/about` itself.
fn by_hand(head: &http::request::Parts) -> Option<Cow<'_, str>> {
    match head.uri.path() {
        path if path.starts_with("/users/") => Some("/users/{id}".into()),
        "/about" => Some(head.uri.path().into()),
        _ => None,
    }
}

#[tokio::test]
async fn comes_from_a_function_where_the_layer_stands_outside() {
    let bench = Bench::new();
    let router: Router = Router::new().route("/users/{id}", get(handler)).route("/about", get(handler));
    let service = routes(&bench, Routes::new().with_route(by_hand)).layer(router.into_service::<Body>());
    for path in ["/users/1", "/about", "/users/2", "/nothing"] {
        send(&service, request_to(path)).await;
    }
    assert_counted(&bench, &[("/users/{id}", 2), ("/about", 1), (UNMATCHED, 1)]);
}

#[tokio::test]
async fn comes_from_a_function_without_axum() {
    let bench = Bench::new();
    let service = routes(&bench, Routes::new().with_route(by_hand)).layer(service_fn(|_: Request<Body>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::empty())))
    }));
    for path in ["/users/1", "/users/2", "/nothing", "/about"] {
        send(&service, request_to(path)).await;
    }
    assert_counted(&bench, &[("/users/{id}", 2), ("/about", 1), (UNMATCHED, 1)]);
}

#[tokio::test]
async fn without_a_function_outside_a_router_is_refined_from_inside() {
    let bench = Bench::new();
    let router: Router = Router::new().route("/users/{id}", get(handler)).layer(RouteLayer::default());
    let service = bench.layer().layer(router.into_service::<Body>());
    send(&service, request_to("/users/1")).await;
    send(&service, request_to("/nothing")).await;
    assert_counted(&bench, &[("/users/{id}", 1), (UNMATCHED, 1)]);
}

#[tokio::test]
async fn a_function_goes_before_the_matched_path() {
    let bench = Bench::new();
    let router = Router::new().route("/users/{id}", get(handler)).layer(routes(
        &bench,
        Routes::new().with_route(|head| (head.uri.path() == "/users/me").then(|| "/users/me".into())),
    ));
    send(&router, request_to("/users/me")).await;
    send(&router, request_to("/users/1")).await;
    assert_counted(&bench, &[("/users/me", 1), ("/users/{id}", 1)]);
}

#[tokio::test]
async fn is_the_grpc_method_where_it_is_registered() {
    let bench = Bench::new();
    let methods = Routes::new()
        .with_grpc_methods(["shop.Orders/Create", "/shop.Orders/Get"])
        .with_grpc_streams(["/shop.Orders/Watch"]);
    let router = Router::new()
        .route("/shop.Orders/{*rest}", post(async || [("grpc-status", "0")]))
        .layer(routes(&bench, methods));
    for path in ["/shop.Orders/Create", "/shop.Orders/Get", "/shop.Orders/Watch"] {
        send(&router, grpc(path)).await;
    }
    // Its name is the client's word.
    send(&router, grpc("/shop.Orders/Invented")).await;
    send(&router, grpc("/shop.Invented/Create")).await;
    // No gRPC.
    send(&router, request(Method::POST, "/shop.Orders/Create")).await;
    assert_counted(
        &bench,
        &[
            ("/shop.Orders/Create", 1),
            ("/shop.Orders/Get", 1),
            ("/shop.Orders/Watch", 1),
            ("/shop.Orders/{*rest}", 2),
            (UNMATCHED, 1),
        ],
    );
}

#[tokio::test]
async fn methods_beyond_the_standard_are_one() {
    let bench = Bench::new();
    let router = Router::new().route("/", axum::routing::any(handler)).layer(bench.layer());
    let standard = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    let others = ["BREW", "PROPFIND", "get", "_OTHER"];
    for method in standard.iter().chain(&others) {
        send(&router, request(method.parse().unwrap(), "/")).await;
    }
    let mut expected: Vec<_> =
        standard.iter().map(|method| format!("endpoint=/,method={method},status=200")).collect();
    expected.push("endpoint=/,method=_OTHER,status=200".to_owned());
    expected.sort();
    assert_eq!(bench.numbers.series("http_requests_total"), expected);
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/,method=_OTHER,status=200}"), 4);
    bench.numbers.assert_in_flight(0.0);
}
