//! What a span shows, by what came in and went out.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::{any, get as route};
use http::{Method, Request, Response, Version};
use tower::{Layer, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::TraceConfig;
use tracing::Level;

use crate::harness::{Bench, Script, Step, get, get_with, grpc, grpc_trailers, send};

#[tokio::test]
async fn a_request_has_the_attributes_of_the_conventions() {
    let bench = Bench::new();
    let app =
        Router::new().route("/users/{id}", route(async || "Ada")).layer(bench.layer(TraceConfig::new()));
    let request = get_with("/users/42?token=s3cr3t", &[("x-request-id", "abc"), ("user-agent", "curl")]);
    send(&app, request).await;
    let span = bench.only();
    assert_eq!((span.name, span.target, span.level), ("request", "tower_watch::request", Level::INFO));
    let fields: Vec<_> = span.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        fields,
        [
            ("http.request.body.size", "0"),
            ("http.request.method", "GET"),
            ("http.response.body.size", "3"),
            ("http.response.status_code", "200"),
            ("http.route", "/users/{id}"),
            ("network.protocol.version", "1.1"),
            ("otel.kind", "server"),
            ("otel.name", "GET /users/{id}"),
            ("request.id", "abc"),
            ("url.path", "/users/{id}"),
            ("url.scheme", "http"),
        ]
    );
    // What is known when it is made is there when a sampler looks; the rest comes in one go.
    assert_eq!(span.records, 1);
    for early in ["http.request.method", "http.route", "url.path", "url.scheme", "otel.name", "otel.kind"] {
        assert!(span.at_start.contains(&early), "{early}");
    }
}

#[tokio::test]
async fn a_developer_sees_everything_but_secrets() {
    let bench = Bench::new();
    let app = Router::new()
        .route("/users/{id}", route(async || "Ada"))
        .layer(bench.layer(TraceConfig::development()));
    let headers = [
        ("host", "api.example.com:8443"),
        ("user-agent", "curl/8.5.0"),
        ("authorization", "Bearer s3cr3t"),
        ("cookie", "session=s3cr3t"),
    ];
    let mut request = get_with("/users/42?page=2&api_key=s3cr3t", &headers);
    *request.version_mut() = Version::HTTP_2;
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([203, 0, 113, 77], 4711))));
    send(&app, request).await;
    let span = bench.only();
    assert_eq!(span.get("url.path"), "/users/42");
    assert_eq!(span.get("url.query"), "page=2&api_key=[redacted]");
    assert_eq!(span.get("client.address"), "203.0.113.77");
    assert_eq!(span.get("user_agent.original"), "curl/8.5.0");
    assert_eq!((span.get("server.address"), span.get("server.port")), ("api.example.com", "8443"));
    assert_eq!(span.get("network.protocol.version"), "2");
    assert!(!format!("{span:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn the_uri_says_more_than_the_host_and_the_setting() {
    let bench = Bench::new();
    let app = Router::new().route("/", route(async || ())).layer(bench.layer(TraceConfig::development()));
    send(&app, get_with("https://user:s3cr3t@[2001:db8::1]:8443/", &[("host", "other")])).await;
    let span = bench.only();
    assert_eq!((span.get("server.address"), span.get("server.port")), ("2001:db8::1", "8443"));
    assert_eq!(span.get("url.scheme"), "https");
    assert!(!format!("{span:?}").contains("s3cr3t"));

    let bench = Bench::new();
    let config = TraceConfig::new().with_https(true);
    let app = Router::new().route("/", route(async || ())).layer(bench.layer(config));
    send(&app, get("/")).await;
    assert_eq!(bench.only().get("url.scheme"), "https");
}

#[tokio::test]
async fn names_are_as_few_as_routes() {
    let bench = Bench::new();
    let app = Router::new().route("/users/{id}", any(async || ())).layer(bench.layer(TraceConfig::new()));
    send(&app, get("/nowhere/4711")).await;
    let mut odd = get("/users/4711");
    *odd.method_mut() = Method::from_bytes(b"FROBNICATE").unwrap();
    send(&app, odd).await;
    let spans = bench.requests();
    assert_eq!(spans[0].get("otel.name"), "GET");
    assert!(!spans[0].has("http.route") && !spans[0].has("url.path"), "{:?}", spans[0]);
    assert_eq!(spans[1].get("otel.name"), "HTTP /users/{id}");
    assert_eq!(spans[1].get("http.request.method"), "_OTHER");
    assert_eq!(spans[1].get("http.request.method_original"), "FROBNICATE");
}

#[tokio::test]
async fn a_route_that_only_an_inner_layer_knows_comes_at_the_end() {
    let bench = Bench::new();
    let inner = Router::new().route("/orders/{id}", route(async || ())).layer(RouteLayer::default());
    let app = Router::new().nest_service("/shop", inner).layer(bench.layer(TraceConfig::new()));
    send(&app, get("/shop/orders/7")).await;
    let span = bench.only();
    assert_eq!(span.get("http.route"), "/shop/orders/{id}");
    assert_eq!(span.get("otel.name"), "GET /shop/orders/{id}");
}

#[tokio::test]
async fn who_asks_is_there_also_when_it_shows_late() {
    let bench = Bench::new();
    let context = ContextObserver::new().with_tenant(TenantPolicy::default());
    let app = Router::new()
        .route("/early", route(async || ()))
        .route(
            "/late",
            route(async |context: RequestContext| {
                context.set_tenant("better").unwrap();
                context.set_user("ada").unwrap();
            }),
        )
        .layer(bench.layer_of(context, TraceConfig::new(), Routes::new()));
    send(&app, get_with("/early", &[("x-tenant-id", "acme")])).await;
    send(&app, get_with("/late", &[("x-tenant-id", "acme")])).await;
    let spans = bench.requests();
    assert_eq!(spans[0].get("tenant.id"), "acme");
    assert!(spans[0].at_start.contains(&"tenant.id") && spans[0].at_start.contains(&"request.id"));
    assert!(!spans[0].has("enduser.id"));
    assert_eq!((spans[1].get("tenant.id"), spans[1].get("enduser.id")), ("better", "ada"));
}

#[tokio::test]
async fn grpc_has_conventions_of_its_own() {
    let bench = Bench::new();
    let hand = bench.hand.clone();
    let service = service_fn(move |request: Request<Body>| {
        let status = if request.uri().path().ends_with("Fail") { 14 } else { 5 };
        let body = Script::new(&hand, [Step::Data("frame"), Step::Trailers(grpc_trailers(status))]);
        let response = Response::builder().header("content-type", "application/grpc").body(body).unwrap();
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let routes = Routes::new().with_grpc_methods(["shop.Orders/Find", "shop.Orders/Fail"]);
    let app = bench.layer_of(ContextObserver::new(), TraceConfig::new(), routes).layer(service);
    for path in ["/shop.Orders/Find", "/shop.Orders/Fail", "/made.Up/Method"] {
        send(&app, grpc(path)).await;
    }
    let spans = bench.requests();
    assert_eq!(
        spans[0].names(),
        [
            "http.request.body.size",
            "http.response.body.size",
            "network.protocol.version",
            "otel.kind",
            "otel.name",
            "request.id",
            "rpc.method",
            "rpc.response.status_code",
            "rpc.system.name",
        ]
    );
    assert_eq!(spans[0].get("otel.name"), "shop.Orders/Find");
    assert_eq!(spans[0].get("rpc.system.name"), "grpc");
    assert_eq!(spans[0].get("rpc.method"), "shop.Orders/Find");
    assert_eq!(spans[0].get("rpc.response.status_code"), "NOT_FOUND");
    // UNAVAILABLE is the server's fault, NOT_FOUND is not.
    assert_eq!(spans[1].get("rpc.response.status_code"), "UNAVAILABLE");
    assert_eq!((spans[1].get("otel.status_code"), spans[1].get("error.type")), ("ERROR", "UNAVAILABLE"));
    // Whoever makes a method up makes no name.
    assert_eq!((spans[2].get("otel.name"), spans[2].get("rpc.method")), ("grpc", "_OTHER"));
}

#[tokio::test]
async fn the_span_is_as_long_as_the_body() {
    let bench = Bench::new();
    let hand = bench.hand.clone();
    let service = service_fn(move |_: Request<Body>| {
        hand.advance(Duration::from_secs(1));
        let wait = |seconds| Step::Wait(Duration::from_secs(seconds));
        let body = Script::new(&hand, [wait(2), Step::Data("one"), wait(3), Step::Data("two"), wait(4)]);
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    send(&bench.layer(TraceConfig::new()).layer(service), get("/")).await;
    let span = bench.only();
    assert_eq!(span.length(), Duration::from_secs(10));
    assert_eq!(span.get("http.response.body.size"), "6");
    // Entered for the call, the future, and each poll of the body; and closed last.
    assert!(span.life.iter().filter(|what| **what == "enter").count() >= 4, "{:?}", span.life);
    assert_eq!(span.life.last(), Some(&"close"));
    assert_eq!(span.life[span.life.len() - 2], "record");
}
