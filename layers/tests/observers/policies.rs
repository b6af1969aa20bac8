//! What one route does differently, and whose word on it counts.

use std::convert::Infallible;
use std::pin::pin;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower::{Layer, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::red::{Label, RedConfig, TenantMetrics};
use tower_watch_layers::route::{Routes, UNMATCHED};

use crate::harness::{
    Bench, BenchLayer, Script, Step, get as request_to, get_with, grpc, poll_once, request, send,
};

/// A layer with the labels `plan` and `team`, and metrics for tenants.
fn layer(bench: &Bench, routes: Routes) -> BenchLayer {
    let red = RedConfig::new()
        .with_label(Label::new("plan").unwrap())
        .with_label(Label::new("team").unwrap())
        .with_tenants(TenantMetrics::new());
    bench.layer_of(ContextObserver::new().with_tenant(TenantPolicy::default()), &red, routes)
}

fn table(lines: impl IntoIterator<Item = (&'static str, RoutePolicy)>) -> Routes {
    lines
        .into_iter()
        .fold(Routes::new(), |routes, (pattern, policy)| routes.with_policy(pattern.parse().unwrap(), policy))
}

fn plan(plan: &'static str) -> RoutePolicy {
    RoutePolicy::new().label("plan", plan)
}

fn team(team: &'static str) -> RoutePolicy {
    RoutePolicy::new().label("team", team)
}

/// Whether the only series of requests has these labels, besides the plain ones.
#[track_caller]
fn assert_labels(bench: &Bench, expected: &[&str]) {
    let series = bench.numbers.moved();
    let requests: Vec<_> = series.iter().filter(|line| line.starts_with("http_requests_total{")).collect();
    let [request] = &*requests else { panic!("not one series of requests: {series:?}") };
    let (_, labels) = request.split_once('{').unwrap();
    let labels: Vec<_> = labels
        .trim_end_matches("} 1")
        .split(',')
        .filter(|label| label.starts_with("plan=") || label.starts_with("team="))
        .collect();
    assert_eq!(labels, expected);
}

/// Whether nothing at all is left of the requests so far, the gauges of requests in flight included.
#[track_caller]
fn assert_off(bench: &Bench) {
    let moved = bench.numbers.moved();
    assert!(moved.is_empty(), "{moved:?}");
}

/// A router whose handler, route layer and table say what they are given.
fn levels(
    bench: &Bench,
    handler: Option<RoutePolicy>,
    route: Option<RoutePolicy>,
    in_table: Option<RoutePolicy>,
) -> Router {
    let handle = async move |context: RequestContext| {
        if let Some(policy) = handler {
            context.override_policy(|_| policy);
        }
    };
    let router = Router::new().route("/r", get(handle));
    let router = match route {
        Some(policy) => router.layer(RouteLayer::new(policy)),
        None => router,
    };
    router.layer(layer(bench, table(in_table.map(|policy| ("/r", policy)))))
}

#[tokio::test]
async fn the_stronger_place_wins_field_by_field() {
    // The places that speak of the plan, each as its own word, and whose word counts.
    for handler in [None, Some("handler")] {
        for route in [None, Some("route")] {
            for in_table in [None, Some("table")] {
                let bench = Bench::new();
                // Each place but the strongest speaks of the team as well, the table always.
                let handler_says = handler.map(plan);
                let route_says = route.map(|word| plan(word).label("team", "by_route"));
                let table_says =
                    in_table.map_or(team("by_table"), |word| plan(word).label("team", "by_table"));
                send(&levels(&bench, handler_says, route_says, Some(table_says)), request_to("/r")).await;
                let team = if route.is_some() { "team=by_route" } else { "team=by_table" };
                match handler.or(route).or(in_table) {
                    Some(word) => assert_labels(&bench, &[&format!("plan={word}"), team]),
                    None => assert_labels(&bench, &[team]),
                }
            }
        }
    }
}

#[tokio::test]
async fn off_works_from_each_place_and_is_taken_back_by_a_stronger_one() {
    let off = || RoutePolicy::new().off();
    let on = || RoutePolicy::new().measured(true);
    let places = [None, Some(off()), Some(on())];
    for handler in &places {
        for route in &places {
            for in_table in &places {
                let bench = Bench::new();
                let router = levels(&bench, handler.clone(), route.clone(), in_table.clone());
                send(&router, get_with("/r", "x-tenant-id", "acme")).await;
                let said = handler.as_ref().or(route.as_ref()).or(in_table.as_ref());
                let case = format!("handler {handler:?}, route {route:?}, table {in_table:?}");
                let moved = bench.numbers.moved();
                if said == Some(&off()) {
                    assert!(moved.is_empty(), "{case}: {moved:?}");
                } else {
                    let requests = moved.iter().filter(|line| line.starts_with("http_requests_total{"));
                    assert_eq!(requests.count(), 1, "{case}: {moved:?}");
                    assert!(
                        !moved.iter().any(|line| line.starts_with("http_requests_in_flight")),
                        "{case}: {moved:?}"
                    );
                }
                // Context stays: ids and tenants are no metrics.
                let ended = bench.seen.only();
                assert!(ended.request_id.is_some() && ended.tenant.is_some());
            }
        }
    }
}

#[tokio::test]
async fn off_from_inside_undoes_the_gauge_once_the_head_is_out() {
    for by_handler in [true, false] {
        let bench = Bench::new();
        let events = async move |context: RequestContext| {
            if by_handler {
                context.off();
            }
            (
                [("content-type", "text/event-stream")],
                Body::new(Script::new([Step::Data("data\n\n"), Step::Pending])),
            )
        };
        let policy = if by_handler { RoutePolicy::new() } else { RoutePolicy::new().off() };
        let router =
            Router::new().route("/events", get(events)).layer(RouteLayer::new(policy)).layer(bench.layer());
        let mut response = router.oneshot(request_to("/events")).await.unwrap();
        // The stream is open, and no longer counted.
        bench.numbers.assert_in_flight(0.0);
        assert!(poll_once(pin!(response.body_mut().frame())).is_ready());
        assert!(poll_once(pin!(response.body_mut().frame())).is_pending());
        bench.numbers.assert_in_flight(0.0);
        assert_eq!(bench.seen.open(), 1);
        drop(response);
        assert_off(&bench);
    }
}

#[tokio::test]
async fn off_holds_for_an_exchange_that_is_cut_short() {
    let bench = Bench::new();
    let hang = async |context: RequestContext| {
        context.off();
        std::future::pending::<()>().await;
    };
    let router = Router::new().route("/", get(hang)).layer(bench.layer());
    let mut future = Box::pin(router.oneshot(request_to("/")));
    assert!(poll_once(future.as_mut()).is_pending());
    drop(future);
    assert_off(&bench);
}

#[tokio::test]
async fn a_method_narrows_a_pattern() {
    let bench = Bench::new();
    let routes = table([
        ("POST /orders", plan("writes")),
        ("/orders", plan("reads").label("team", "orders")),
        ("DELETE /orders", RoutePolicy::new().off()),
        ("GET /users", plan("reads")),
    ]);
    let router = Router::new()
        .route("/orders", get(async || ()).post(async || ()).delete(async || ()))
        .route("/users", get(async || ()).put(async || ()))
        .layer(layer(&bench, routes));
    // Before and after another method, as the route is one.
    for _ in 0..2 {
        send(&router, request(Method::POST, "/orders")).await;
        assert_labels(&bench, &["plan=writes", "team=orders"]);
        send(&router, request(Method::GET, "/orders")).await;
        assert_labels(&bench, &["plan=reads", "team=orders"]);
        send(&router, request(Method::DELETE, "/orders")).await;
        assert_off(&bench);
        send(&router, request(Method::GET, "/users")).await;
        assert_labels(&bench, &["plan=reads"]);
        send(&router, request(Method::PUT, "/users")).await;
        assert_labels(&bench, &[]);
    }
}

#[tokio::test]
async fn of_several_patterns_the_earlier_one_is_stronger() {
    let bench = Bench::new();
    let routes = table([
        ("/api/orders/{id}", plan("gold")),
        ("/api/*", plan("free").label("team", "api")),
        ("*", plan("none").label("team", "none")),
    ]);
    let router = Router::new()
        .route("/api/orders/{id}", get(async || ()))
        .route("/api/users", get(async || ()))
        .route("/other", get(async || ()))
        .layer(layer(&bench, routes));
    for (path, expected) in [
        ("/api/orders/1", ["plan=gold", "team=api"]),
        ("/api/users", ["plan=free", "team=api"]),
        ("/other", ["plan=none", "team=none"]),
        ("/unmatched", ["plan=none", "team=none"]),
        ("/api/unmatched", ["plan=free", "team=api"]),
    ] {
        send(&router, request_to(path)).await;
        assert_labels(&bench, &expected);
    }
}

#[tokio::test]
async fn patterns_hold_for_templates_and_not_for_paths_of_matched_requests() {
    let bench = Bench::new();
    let routes = table([("/users/7", plan("path")), ("/users/{id}", plan("template"))]);
    let router = Router::new().route("/users/{id}", get(async || ())).layer(layer(&bench, routes));
    send(&router, request_to("/users/7")).await;
    assert_labels(&bench, &["plan=template"]);
}

#[tokio::test]
async fn raw_paths_match_where_no_route_took_the_request() {
    let bench = Bench::new();
    let routes = table([
        ("GET /wp-*", RoutePolicy::new().off()),
        ("*.php", plan("scanner")),
        ("POST /x/*", team("post")),
    ]);
    let router = Router::new().route("/users", get(async || ())).layer(layer(&bench, routes));
    send(&router, request_to("/wp-admin/setup.php")).await;
    assert_off(&bench);
    send(&router, request(Method::POST, "/wp-login.php")).await;
    assert_labels(&bench, &["plan=scanner"]);
    send(&router, request(Method::POST, "/x/index.php")).await;
    assert_labels(&bench, &["plan=scanner", "team=post"]);
    send(&router, request_to("/x/nothing")).await;
    assert_labels(&bench, &[]);
    let endpoints: Vec<_> = bench.seen.ended().into_iter().map(|ended| ended.endpoint).collect();
    assert_eq!(endpoints, [UNMATCHED; 4]);
}

#[tokio::test]
async fn excluded_paths_leave_nothing() {
    let bench = Bench::new();
    let routes = Routes::new()
        .with_excluded("/favicon.ico".parse().unwrap())
        .with_excluded("/assets/*".parse().unwrap())
        .with_excluded("POST /hook/{id}".parse().unwrap());
    let echo = async |context: Option<RequestContext>, request: Request<Body>| {
        format!("{} {}", context.is_some(), request.headers().contains_key("x-request-id"))
    };
    let router = Router::new()
        .route("/favicon.ico", get(echo))
        .route("/assets/{*path}", get(echo))
        .route("/hook/{id}", get(echo).post(echo))
        .layer(layer(&bench, routes));
    for path in ["/favicon.ico", "/assets/app.js", "/assets/"] {
        let answer = send(&router, request_to(path)).await;
        assert!(!answer.headers.contains_key("x-request-id"), "{path}");
        if answer.status == 200 {
            assert_eq!(answer.body, "false false", "{path}");
        }
    }
    assert!(bench.numbers.all().is_empty());
    assert!(bench.seen.ended().is_empty());
    // A raw path, not a template, and its method counts.
    for observed in [request(Method::POST, "/hook/7"), request_to("/hook/{id}"), request_to("/favicon.ico/x")]
    {
        let path = observed.uri().path().to_owned();
        assert!(send(&router, observed).await.headers.contains_key("x-request-id"), "{path}");
    }
    assert_eq!(bench.seen.ended().len(), 3);
    assert!(!send(&router, request(Method::POST, "/hook/{id}")).await.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn hold_under_nest_nest_service_and_fallback() {
    let routes = || {
        table([("/svc/*", plan("svc")), ("/old/{id}", plan("old")), ("/hidden/*", RoutePolicy::new().off())])
    };
    let inner = || Router::new().route("/users/{id}", get(async || ()));

    let bench = Bench::new();
    let old = Router::new()
        .route("/old/{id}", get(async || ()))
        .layer(RouteLayer::new(RoutePolicy::new().label("team", "legacy")));
    let router = Router::new()
        .nest("/svc/nested", inner())
        .nest_service("/svc/service", inner().layer(RouteLayer::default()))
        .nest_service("/hidden/service", inner().layer(RouteLayer::default()))
        .fallback_service(old)
        .layer(layer(&bench, routes()));
    send(&router, request_to("/svc/nested/users/7")).await;
    assert_labels(&bench, &["plan=svc"]);
    send(&router, request_to("/svc/service/users/7")).await;
    assert_labels(&bench, &["plan=svc"]);
    // Known to be off only once the inner layer said what the route is, or by the raw path.
    send(&router, request_to("/hidden/service/users/7")).await;
    assert_off(&bench);
    send(&router, request_to("/old/7")).await;
    assert_labels(&bench, &["plan=old", "team=legacy"]);
}

#[tokio::test]
async fn a_refined_route_is_off_if_its_template_is() {
    let bench = Bench::new();
    // The raw path does not match, the template does.
    let routes = table([("/svc/{area}/*", RoutePolicy::new().off())]);
    let inner = Router::new().route("/users/{id}", get(async || ())).layer(RouteLayer::default());
    let router = Router::new().nest_service("/svc/{area}", inner).layer(layer(&bench, routes));
    send(&router, request_to("/svc/a/users/7")).await;
    assert_off(&bench);
}

#[tokio::test]
async fn of_two_route_layers_the_one_closer_to_the_handler_is_stronger() {
    let bench = Bench::new();
    let router = Router::new()
        .route("/special", get(async || ()).layer(RouteLayer::new(plan("gold"))))
        .route("/plain", get(async || ()))
        .layer(RouteLayer::new(plan("free").label("team", "web")))
        .layer(layer(&bench, Routes::new()));
    send(&router, request_to("/special")).await;
    assert_labels(&bench, &["plan=gold", "team=web"]);
    send(&router, request_to("/plain")).await;
    assert_labels(&bench, &["plan=free", "team=web"]);
}

#[tokio::test]
async fn the_table_holds_for_registered_grpc_methods() {
    let bench = Bench::new();
    let routes = table([
        ("/shop.Orders/Get", plan("gold")),
        ("/shop.Health/*", RoutePolicy::new().off()),
        ("/shop.Orders/Poll", RoutePolicy::new().streaming(false)),
    ])
    .with_grpc_methods(["shop.Orders/Get", "shop.Health/Check"])
    .with_grpc_streams(["shop.Orders/Watch", "shop.Orders/Poll"])
    // Also a line that comes after them.
    .with_policy("/shop.Orders/Watch".parse().unwrap(), team("orders"));
    let router = Router::new()
        .route("/{service}/{method}", post(async || [("grpc-status", "0")]))
        .layer(layer(&bench, routes));
    send(&router, grpc("/shop.Orders/Get")).await;
    assert_labels(&bench, &["plan=gold"]);
    send(&router, grpc("/shop.Health/Check")).await;
    assert_off(&bench);
    send(&router, grpc("/shop.Orders/Watch")).await;
    send(&router, grpc("/shop.Orders/Poll")).await;
    assert_eq!(
        bench.numbers.moved().into_iter().filter(|line| line.contains("duration")).collect::<Vec<_>>(),
        ["http_request_duration_seconds{endpoint=/shop.Orders/Poll,method=POST} [0.0]"],
        "the table takes back that a method streams"
    );
}

#[tokio::test]
async fn a_handlers_word_is_added_to_what_it_said_before() {
    let bench = Bench::new();
    let handler = async |context: RequestContext| {
        context.set_label("plan", "free");
        context.set_label("team", String::from("web"));
        context.set_label("plan", "gold");
    };
    let router = Router::new().route("/", get(handler)).layer(layer(&bench, Routes::new()));
    send(&router, request_to("/")).await;
    assert_labels(&bench, &["plan=gold", "team=web"]);
}

#[tokio::test]
async fn a_context_of_a_spawned_task_speaks_for_its_exchange() {
    use tower_watch_layers::context::ContextExt;
    let bench = Bench::new();
    let handler = async || {
        let work = async { RequestContext::current().unwrap().set_label("plan", "spawned") };
        tokio::spawn(work.in_context()).await.unwrap();
        assert!(tokio::spawn(async { RequestContext::current().is_none() }).await.unwrap());
    };
    let router = Router::new().route("/", get(handler)).layer(layer(&bench, Routes::new()));
    send(&router, request_to("/")).await;
    assert_labels(&bench, &["plan=spawned"]);
}

#[tokio::test]
async fn a_route_layer_that_nobody_observes_does_nothing() {
    let service = RouteLayer::new(RoutePolicy::new().off()).layer(service_fn(|_: Request<Body>| {
        std::future::ready(Ok::<_, Infallible>(Response::new(Body::from("served"))))
    }));
    assert_eq!(send(&service, request_to("/")).await.body, "served");
}
