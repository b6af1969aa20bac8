//! The tenant: where it comes from, what it may be, and what becomes of a request that has none.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderName, HeaderValue, StatusCode};
use tower_watch_layers::context::{
    ContextLayer, ContextObserver, RequestContext, RequireTenantLayer, TenantPolicy,
};
use tower_watch_layers::observe::RouteLayer;
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::red::{RedConfig, TenantMetrics};
use tower_watch_layers::route::Routes;

use crate::harness::{Bench, BenchLayer, get as request, get_with, grpc, send};

const HEADER: &str = "x-tenant-id";

/// What the handler says: its tenant.
async fn tenant(context: RequestContext) -> String {
    let current = RequestContext::current().unwrap();
    assert_eq!(current.tenant(), context.tenant());
    context.tenant().map_or("none".to_owned(), |tenant| tenant.to_string())
}

fn context(policy: TenantPolicy) -> ContextLayer {
    ContextLayer::new(ContextObserver::new().with_tenant(policy))
}

/// A layer that gives tenants metrics of their own.
fn layer(bench: &Bench, policy: TenantPolicy, routes: Routes) -> BenchLayer {
    let red = RedConfig::new().with_tenants(TenantMetrics::new());
    bench.layer_of(ContextObserver::new().with_tenant(policy), &red, routes)
}

#[tokio::test]
async fn comes_from_a_header() {
    let router = Router::new().route("/", get(tenant)).layer(context(TenantPolicy::default()));
    assert_eq!(send(&router, get_with("/", HEADER, "acme")).await.body, "acme");
    assert_eq!(send(&router, request("/")).await.body, "none");
    let own = TenantPolicy::header(HeaderName::from_static("x-org"));
    let router = Router::new().route("/", get(tenant)).layer(context(own));
    assert_eq!(send(&router, get_with("/", "x-org", "acme")).await.body, "acme");
    assert_eq!(send(&router, get_with("/", HEADER, "acme")).await.body, "none");
}

#[tokio::test]
async fn comes_from_the_subdomain() {
    let router =
        Router::new().route("/", get(tenant)).layer(context(TenantPolicy::subdomain_of("Shop.example.")));
    let of = async |host: &str| send(&router, get_with("/", "host", host)).await.body;
    assert_eq!(of("acme.shop.example").await, "acme");
    assert_eq!(of("ACME.SHOP.EXAMPLE:8080").await, "acme");
    for none in ["shop.example", "www.acme.shop.example", "acmeshop.example", ".shop.example", "[::1]:80"] {
        assert_eq!(of(none).await, "none", "{none}");
    }
    assert_eq!(send(&router, request("http://globex.shop.example/")).await.body, "globex");
    assert_eq!(send(&router, request("/")).await.body, "none");
}

#[tokio::test]
async fn comes_from_a_path_parameter() {
    let policy = || context(TenantPolicy::path_parameter("tenant"));
    let routes = || {
        Router::new()
            .route("/t/{tenant}/orders/{id}", get(tenant))
            .route("/files/{tenant}/{*rest}", get(tenant))
            .route("/none/{id}", get(tenant))
    };
    let nested_outside = Router::new().nest("/api/{version}", routes()).layer(policy());
    let nested_inside = Router::new().nest("/api/{version}", routes().layer(policy()));
    let flat = routes().layer(policy());
    let expected = [
        ("/t/acme/orders/7", "acme"),
        ("/files/acme/a/b/c", "acme"),
        ("/files/acme/t/x/orders/y", "acme"),
        ("/none/7", "none"),
        // Never an escape: what a tenant may be needs none.
        ("/t/ac%6de/orders/7", "none"),
    ];
    for (path, expected) in expected {
        assert_eq!(send(&flat, request(path)).await.body, expected, "{path}");
        let nested = format!("/api/v1{path}");
        assert_eq!(send(&nested_outside, request(&nested)).await.body, expected, "{nested}, layer outside");
        // There the length of a wildcard cannot be told from that of the prefix, and a wrong tenant is worse than none.
        let inside = if path.starts_with("/files") { "none" } else { expected };
        assert_eq!(send(&nested_inside, request(&nested)).await.body, inside, "{nested}, layer inside");
    }
}

#[tokio::test]
async fn a_path_parameter_before_the_nested_router_is_seen_from_outside_only() {
    let policy = || context(TenantPolicy::path_parameter("tenant"));
    let routes = || Router::new().route("/orders/{id}", get(tenant)).route("/files/{*rest}", get(tenant));
    let outside = Router::new().nest("/t/{tenant}", routes()).layer(policy());
    let inside = Router::new().nest("/t/{tenant}", routes().layer(policy()));
    for path in ["/t/acme/orders/7", "/t/acme/files/a/b/c"] {
        assert_eq!(send(&outside, request(path)).await.body, "acme", "{path}, layer outside");
        assert_eq!(send(&inside, request(path)).await.body, "none", "{path}, layer inside");
    }
}

#[tokio::test]
async fn comes_from_a_function() {
    let policy = TenantPolicy::from_fn(|head| head.uri.query()?.strip_prefix("org=").map(str::to_owned));
    let router = Router::new().route("/", get(tenant)).layer(context(policy));
    assert_eq!(send(&router, request("/?org=acme")).await.body, "acme");
    assert_eq!(send(&router, request("/?org=a%20b")).await.body, "none");
    assert_eq!(send(&router, request("/")).await.body, "none");
}

/// Every way in which a claim cannot be, under a policy that knows acme, globex and `x` times 64.
fn bad_claims() -> Vec<(Vec<&'static [u8]>, &'static str)> {
    vec![
        (vec![], "is missing"),
        (vec![b""], "must not be empty"),
        (vec![b"acme", b"acme"], "must be sent once"),
        (vec![b"acme", b"globex"], "must be sent once"),
        (vec![b"a b"], "must consist of"),
        (vec![b"<acme>"], "must consist of"),
        (vec![b"\xff\xfe"], "must consist of"),
        (vec!["größe".as_bytes()], "must consist of"),
        (vec![&[b'x'; 65]], "at most 64 characters"),
        (vec![&[b'x'; 129]], "at most 128 characters"),
        (vec![&[b'x'; 10_000]], "at most 128 characters"),
        (vec![b"initech"], "names no known tenant"),
        (vec![b"ACME"], "names no known tenant"),
        // In the allowlist, but the validator says no.
        (vec![b"globex"], "names no known tenant"),
    ]
}

fn picky() -> TenantPolicy {
    let longest = "x".repeat(64);
    TenantPolicy::default()
        .allow(["acme".to_owned(), "globex".to_owned(), longest])
        .validate(|tenant| tenant != "globex")
}

fn claim(values: &[&[u8]]) -> Request {
    let mut request = request("/");
    for value in values {
        request.headers_mut().append(HEADER, HeaderValue::from_bytes(value).unwrap());
    }
    request
}

#[tokio::test]
async fn that_cannot_be_is_dropped_where_it_is_optional() {
    let bench = Bench::new();
    let router = Router::new().route("/", get(tenant)).layer(layer(&bench, picky(), Routes::new()));
    for (claims, problem) in bad_claims() {
        let answer = send(&router, claim(&claims)).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, "none"), "{problem}");
    }
    assert!(bench.seen.ended().iter().all(|ended| ended.tenant.is_none()));
    assert!(bench.numbers.series("tenant_http_requests_total").is_empty());
    let longest = "x".repeat(64);
    for good in ["acme", &longest] {
        assert_eq!(send(&router, get_with("/", HEADER, good)).await.body, *good);
    }
}

#[tokio::test]
async fn that_cannot_be_is_refused_where_it_is_required() {
    let bench = Bench::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let handler = {
        let calls = Arc::clone(&calls);
        async move |context: RequestContext| {
            calls.fetch_add(1, Ordering::SeqCst);
            tenant(context).await
        }
    };
    let router =
        Router::new().route("/", get(handler)).layer(layer(&bench, picky().required(), Routes::new()));
    for (claims, problem) in bad_claims() {
        let answer = send(&router, claim(&claims)).await;
        assert_eq!(answer.status, 400, "{problem}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let id = answer.header("x-request-id");
        assert!(answer.body.contains(&format!(r#""request_id":"{id}""#)), "{}", answer.body);
        assert!(answer.body.contains(r#""status":400,"detail":"header x-tenant-id "#), "{}", answer.body);
        assert!(answer.body.contains(problem), "{}", answer.body);
        // Nothing of what the caller sent is repeated.
        for claim in claims.iter().filter(|claim| claim.len() > 2) {
            let claim = String::from_utf8_lossy(claim);
            assert!(!answer.body.contains(&*claim), "{}", answer.body);
        }
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    let refused = bad_claims().len() as u64;
    assert_eq!(
        bench.numbers.counter("http_requests_total{endpoint=/,method=GET,status=400}"),
        refused,
        "refusals are counted as what they are"
    );
    assert!(
        bench.seen.ended().iter().all(|ended| ended.outcome.as_str() == "refused" && ended.error.is_none())
    );
    bench.numbers.assert_in_flight(0.0);

    assert_eq!(send(&router, get_with("/", HEADER, "acme")).await.body, "acme");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn refusals_name_the_place_of_the_claim() {
    let cases = [
        (TenantPolicy::header(HeaderName::from_static("x-org")), "header x-org is missing"),
        (TenantPolicy::subdomain_of("shop.example"), "the subdomain of shop.example is missing"),
        (TenantPolicy::path_parameter("tenant"), "path parameter tenant is missing"),
        (TenantPolicy::from_fn(|_| None), "the tenant is missing"),
    ];
    for (policy, detail) in cases {
        let router = Router::new().route("/", get(tenant)).layer(context(policy.required()));
        let answer = send(&router, request("/")).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(detail), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_grpc_call_is_refused_in_grpcs_own_way() {
    let bench = Bench::new();
    let policy = TenantPolicy::default().required();
    let router: Router = Router::new()
        .route("/shop.Orders/Create", post(async || -> () { panic!("not to be called") }))
        .layer(layer(&bench, policy, Routes::new().with_grpc_methods(["shop.Orders/Create"])));
    let answer = send(&router, grpc("/shop.Orders/Create")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/grpc");
    assert_eq!(answer.header("grpc-status"), "3");
    assert_eq!(answer.header("grpc-message"), "header x-tenant-id is missing");
    assert!(answer.body.is_empty());
    assert!(answer.headers.contains_key("x-request-id"));
    let series = "http_requests_total{endpoint=/shop.Orders/Create,grpc_status=3,method=POST,status=200}";
    assert_eq!(bench.numbers.counter(series), 1);
    assert_eq!(bench.seen.only().error, None, "it is the caller's fault");
}

#[tokio::test]
async fn the_policy_table_lets_a_route_off() {
    let bench = Bench::new();
    let routes = Routes::new()
        .with_policy("/status".parse().unwrap(), RoutePolicy::new().tenant_optional())
        .with_policy("POST /*".parse().unwrap(), RoutePolicy::new().tenant_optional());
    let router = Router::new()
        .route("/status", get(tenant))
        .route("/orders", get(tenant).post(tenant))
        .layer(layer(&bench, TenantPolicy::default().required(), routes));
    assert_eq!(send(&router, request("/status")).await.body, "none");
    // Also a wrong one is let in there, and dropped.
    assert_eq!(send(&router, get_with("/status", HEADER, "a b")).await.body, "none");
    assert_eq!(send(&router, get_with("/status", HEADER, "acme")).await.body, "acme");
    assert_eq!(send(&router, request("/orders")).await.status, 400);
    let post = Request::post("/orders").body(axum::body::Body::empty()).unwrap();
    assert_eq!(send(&router, post).await.body, "none");
}

/// What an auth layer knows: `authorization: acme/ann` is ann of acme.
async fn authenticate(context: RequestContext, request: Request, next: Next) -> Response {
    let Some(token) = request.headers().get("authorization") else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let (tenant, user) = token.to_str().unwrap().split_once('/').unwrap();
    if !tenant.is_empty() {
        context.set_tenant(tenant).unwrap();
    }
    context.set_user(user).unwrap();
    next.run(request).await
}

fn late_router(outer: BenchLayer, policy: TenantPolicy) -> Router {
    Router::new()
        .route("/", get(tenant))
        .layer(RequireTenantLayer::new(policy))
        .layer(from_fn(authenticate))
        .layer(outer)
}

#[tokio::test]
async fn that_is_known_late_is_checked_inside_the_layer_that_authenticates() {
    let bench = Bench::new();
    let policy = TenantPolicy::late().allow(["acme", "globex"]);
    let router = late_router(layer(&bench, policy.clone().required(), Routes::new()), policy);
    let with = async |token: &str| send(&router, get_with("/", "authorization", token)).await;

    assert_eq!(with("acme/ann").await.body, "acme");
    for (token, problem) in [("/ann", "the tenant is missing"), ("initech/bob", "names no known tenant")] {
        let answer = with(token).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains(problem), "{}", answer.body);
        assert!(answer.body.contains(answer.header("x-request-id")), "{}", answer.body);
    }
    assert_eq!(send(&router, request("/")).await.status, 401);

    let seen: Vec<_> = bench
        .seen
        .ended()
        .into_iter()
        .map(|ended| {
            let text = |text: Option<String>| text.unwrap_or_default();
            let tenant = text(ended.tenant.map(|tenant| tenant.to_string()));
            let user = text(ended.user.map(|user| user.to_string()));
            (ended.status.unwrap().as_u16(), tenant, user)
        })
        .collect();
    let expected = [(200, "acme", "ann"), (400, "", "ann"), (400, "initech", "bob"), (401, "", "")];
    assert_eq!(seen, expected.map(|(status, tenant, user)| (status, tenant.to_owned(), user.to_owned())));
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/,method=GET,status=400}"), 2);
    assert_eq!(bench.numbers.counter("tenant_http_requests_total{status=200,tenant=acme}"), 1);
}

#[tokio::test]
async fn the_second_look_works_under_the_facades_recorder_as_well() {
    let policy = TenantPolicy::late();
    let router = Router::new()
        .route("/", get(tenant))
        .layer(RequireTenantLayer::new(policy.clone()))
        .layer(from_fn(authenticate))
        .layer(context(policy));
    assert_eq!(send(&router, get_with("/", "authorization", "acme/ann")).await.body, "acme");
    assert_eq!(send(&router, get_with("/", "authorization", "/ann")).await.status, 400);
}

#[tokio::test]
async fn that_the_handler_sets_is_in_everything_that_is_decided_at_the_end() {
    let bench = Bench::new();
    let handler = async |context: RequestContext| {
        context.set_tenant("globex").unwrap();
        context.set_user("gina").unwrap();
        assert!(context.set_tenant("a b").is_err());
        assert!(context.set_user("").is_err());
        tenant(context).await
    };
    let router =
        Router::new().route("/", get(handler)).layer(layer(&bench, TenantPolicy::default(), Routes::new()));
    assert_eq!(send(&router, get_with("/", HEADER, "acme")).await.body, "globex");
    let ended = bench.seen.only();
    assert_eq!(ended.tenant.unwrap().as_str(), "globex");
    assert_eq!(ended.user.unwrap().as_str(), "gina");
    assert_eq!(bench.numbers.series("tenant_http_requests_total"), ["status=200,tenant=globex"]);
    assert_eq!(bench.numbers.samples("tenant_http_request_duration_seconds{tenant=globex}").len(), 1);
}

#[tokio::test]
async fn a_route_layer_is_too_late_to_let_a_route_off() {
    // The tenant is settled before the handler's router is asked; the docs say so.
    let bench = Bench::new();
    let router = Router::new()
        .route("/", get(tenant))
        .layer(RouteLayer::new(RoutePolicy::new().tenant_optional()))
        .layer(layer(&bench, TenantPolicy::default().required(), Routes::new()));
    assert_eq!(send(&router, request("/")).await.status, 400);
}
