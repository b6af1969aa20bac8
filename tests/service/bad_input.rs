//! What strangers send. Nothing of it fails, blocks, or grows without bound.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use axum::routing::get;
use tower::Service as _;
use tower_watch::layers::context::TenantPolicy;
use tower_watch::layers::red::{Label, TenantMetrics};
use tower_watch::{RequestContext, RouterExt, Watch};

use crate::clients::exchange;
use crate::support::{Service, until};

/// Echoes the tenant that it was told of.
fn app() -> Router {
    let tenant = async |context: RequestContext| match context.tenant() {
        Some(tenant) => tenant.to_string(),
        None => "no tenant".to_owned(),
    };
    Router::new().route("/users/{id}", get(tenant))
}

/// The head's values of this header, and the body, of an answer over HTTP/1.1.
fn parse<'a>(answer: &'a str, header: &str) -> (Vec<&'a str>, &'a str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect(answer);
    let values = head.lines().filter_map(|line| line.split_once(": "));
    (values.filter(|(name, _)| *name == header).map(|(_, value)| value).collect(), body)
}

fn with_headers(headers: &[&[u8]]) -> Vec<u8> {
    let mut request = b"GET /users/7 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n".to_vec();
    for header in headers {
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

fn header(name: &str, value: &[u8]) -> Vec<u8> {
    [name.as_bytes(), b": ", value].concat()
}

/// Values that can be no id: each would harm a log, a label or a page, or is no text at all.
fn garbage() -> Vec<Vec<u8>> {
    let long = b"a".repeat(129);
    let huge = b"a".repeat(8_000);
    let short: [&[u8]; 9] = [
        b"",
        b"<script>alert(1)</script>",
        b"a b",
        b"\"quoted\"",
        b"{x=\"y\"}",
        b"%0d%0aset-cookie:x",
        b"\xff\xfe\x80",
        "größe".as_bytes(),
        b"a\tb",
    ];
    short.iter().map(|value| value.to_vec()).chain([long, huge]).collect()
}

#[tokio::test]
async fn ids_that_cannot_be_are_replaced() {
    let watch = Watch::builder("ids").local().start().unwrap();
    let service = Service::start(app().watched(&watch)).await;
    let sent: Vec<Vec<Vec<u8>>> = garbage()
        .into_iter()
        .map(|value| vec![header("x-request-id", &value)])
        .chain([vec![header("x-request-id", b"one"), header("x-request-id", b"two")]])
        .collect();
    let requests = sent.len() as u64;
    for headers in sent {
        let lines: Vec<&[u8]> = headers.iter().map(Vec::as_slice).collect();
        let answer = exchange(service.addr, with_headers(&lines)).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{lines:?}: {answer}");
        let (ids, _) = parse(&answer, "x-request-id");
        let [id] = ids[..] else { panic!("one id: {answer}") };
        let is_uuid = id.len() == 36 && id.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-');
        assert!(is_uuid && id.as_bytes()[14] == b'7', "{lines:?}: {id}");
    }
    let kept = with_headers(&[b"x-request-id: aZ09-_.:/+=@~"]);
    let answer = exchange(service.addr, kept).await;
    assert_eq!(parse(&answer, "x-request-id").0, ["aZ09-_.:/+=@~"]);
    until("all are counted", || watch.snapshot().counter("http_requests_total", &[]) == requests + 1).await;
}

#[tokio::test]
async fn tenants_that_cannot_be_are_dropped_where_none_is_needed() {
    let watch = Watch::builder("tenants")
        .tenant(TenantPolicy::default())
        .tenant_metrics(TenantMetrics::new())
        .local()
        .start()
        .unwrap();
    let service = Service::start(app().watched(&watch)).await;
    for value in garbage() {
        let answer = exchange(service.addr, with_headers(&[&header("x-tenant-id", &value)])).await;
        assert_eq!(parse(&answer, "").1, "no tenant", "{answer}");
    }
    let twice = with_headers(&[b"x-tenant-id: acme", b"x-tenant-id: globex"]);
    assert_eq!(parse(&exchange(service.addr, twice).await, "").1, "no tenant");
    let one = with_headers(&[b"x-tenant-id: acme"]);
    assert_eq!(parse(&exchange(service.addr, one).await, "").1, "acme");
    until("acme is counted", || watch.snapshot().counter("tenant_http_requests_total", &[]) > 0).await;
    let numbers = watch.snapshot();
    let tenants: Vec<_> =
        numbers.series("tenant_http_requests_total").map(|series| series.key.label("tenant")).collect();
    assert_eq!(tenants, ["acme"]);
}

#[tokio::test]
async fn tenants_that_cannot_be_are_refused_where_one_is_needed() {
    let tenants = TenantPolicy::default().required().allow(["acme"]);
    let watch = Watch::builder("tenants").tenant(tenants).local().start().unwrap();
    let service = Service::start(app().watched(&watch)).await;
    for value in garbage().into_iter().chain([b"globex".to_vec()]) {
        let answer = exchange(service.addr, with_headers(&[&header("x-tenant-id", &value)])).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
        assert_eq!(parse(&answer, "content-type").0, ["application/problem+json"]);
        let (_, body) = parse(&answer, "");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("header x-tenant-id "), "{detail}");
        let sent = String::from_utf8_lossy(&value);
        assert!(sent.is_empty() || !body.contains(&*sent), "nothing of what was sent is repeated: {body}");
    }
    let accepted = exchange(service.addr, with_headers(&[b"x-tenant-id: acme"])).await;
    assert!(accepted.starts_with("HTTP/1.1 200 OK"), "{accepted}");
}

#[tokio::test]
async fn methods_and_paths_that_nobody_knows() {
    let watch = Watch::builder("methods").local().start().unwrap();
    let service = Service::start(app().watched(&watch)).await;
    let long = "M".repeat(300);
    let methods = ["FOO", "get", "PROPFIND", "!#$%&'*+-.^_`|~", &long];
    for method in methods {
        let answer = exchange(
            service.addr,
            format!("{method} /users/7 HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n"),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{method}: {answer}");
    }
    let paths =
        ["/users/%00%ff%2e%2e%2f", "/users/7?a=b&a=b", "//", "/../../etc/passwd", "/users/\u{e9}", "*"];
    for path in paths {
        exchange(service.addr, format!("GET {path} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")).await;
    }
    exchange(service.addr, with_headers(&[])).await;
    let of_endpoint = |endpoint| {
        watch.snapshot().counter("http_requests_total", &[("endpoint", endpoint), ("method", "GET")])
    };
    until("the last is counted", || of_endpoint("/users/{id}") >= 2).await;
    let numbers = watch.snapshot();
    let other = [("method", "_OTHER"), ("endpoint", "/users/{id}"), ("status", "405")];
    assert_eq!(numbers.counter("http_requests_total", &other), methods.len() as u64);
    let endpoints: std::collections::BTreeSet<_> =
        numbers.series("http_requests_total").map(|series| series.key.label("endpoint").to_owned()).collect();
    assert_eq!(endpoints, ["/users/{id}", "unmatched"].map(String::from).into());
}

/// The answer of a router whose handlers do not wait.
fn answer(app: &mut Router, request: Request<Body>) -> Response {
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(answer) = pin!(app.call(request)).poll(&mut context) else { panic!("it waits") };
    answer.unwrap()
}

#[test]
fn a_flood_of_distinct_words_adds_no_series() {
    const STRANGERS: usize = 100_000;
    let watch = Watch::builder("flood")
        .tenant(TenantPolicy::default())
        .tenant_metrics(TenantMetrics::new().cap(10).pin(["pinned"]))
        .label(Label::new("plan").cap(3).from_fn(|head| Some(head.uri.path().to_owned())))
        .local()
        .start()
        .unwrap();
    // As `axum::serve` does; a router without it makes its endpoints, and with them the layers, for each request.
    let mut app = app().layer(watch.layer()).with_state(());
    let mut send = |method: &str, path: &str, tenant: &str| {
        let request = Request::builder().method(method).uri(path).header("x-tenant-id", tenant);
        answer(&mut app, request.body(Body::empty()).unwrap()).status()
    };
    // Strangers that come first and get no answer take no tenant's place.
    const EARLY: u64 = 20;
    for early in 0..EARLY {
        assert_eq!(send("GET", "/nowhere", &format!("early-{early}")), StatusCode::NOT_FOUND);
    }
    let real = ["pinned", "acme", "globex"];
    for tenant in real {
        assert_eq!(send("GET", "/users/7", tenant), StatusCode::OK);
    }
    let mut answered = 0;
    let mut flood = |strangers: std::ops::Range<usize>| {
        for stranger in strangers {
            let (method, path) = (format!("METHOD{stranger}"), format!("/nowhere/{stranger}"));
            assert_eq!(send(&method, &path, &format!("unmatched-{stranger}")), StatusCode::NOT_FOUND);
            if stranger % 10 == 0 {
                // Answered with 200, so the tenant might be real.
                assert_eq!(send("GET", "/users/7", &format!("stranger-{stranger}")), StatusCode::OK);
                answered += 1;
            }
        }
    };
    // The caps are full after a few.
    flood(0..100);
    let few = watch.snapshot().series_count();
    flood(100..STRANGERS);
    for tenant in real {
        assert_eq!(send("GET", "/users/7", tenant), StatusCode::OK);
    }
    let numbers = watch.snapshot();
    assert_eq!(numbers.series_count(), few);
    assert!(few < 100, "{few}");

    let strangers = STRANGERS as u64;
    let requests = |labels: &[(&str, &str)]| numbers.counter("http_requests_total", labels);
    assert_eq!(requests(&[("method", "_OTHER"), ("endpoint", "unmatched")]), strangers);
    assert_eq!(requests(&[("method", "GET"), ("endpoint", "/users/{id}")]), answered + 6);
    for tenant in real {
        let of_tenant = [("tenant", tenant), ("status", "200")];
        assert_eq!(numbers.counter("tenant_http_requests_total", &of_tenant), 2, "{tenant}");
    }
    // Ten places beside the pinned one: two for the real tenants, eight for the first strangers that were answered.
    let overflow = |label| numbers.counter("tower_watch_label_overflow_total", &[("label", label)]);
    assert_eq!(overflow("tenant"), EARLY + strangers + answered - 8);
    let other = numbers.counter("tenant_http_requests_total", &[("tenant", "_other")]);
    assert_eq!(other, overflow("tenant"), "each is counted somewhere");
    // Of the paths, "/nowhere", "/users/7" and one of the others have a place.
    assert_eq!(overflow("plan"), strangers - 1);
}

/// A route function that returns raw paths, against the advice: the endpoints are capped.
#[test]
fn a_flood_of_distinct_endpoints_is_capped() {
    const FLOOD: u64 = 4_000;
    let watch = Watch::builder("flood").route(|head| Some(head.uri.path().into())).local().start().unwrap();
    let mut app = app().fallback(async || "").layer(watch.layer()).with_state(());
    for stranger in 0..FLOOD {
        answer(&mut app, Request::get(format!("/{stranger}")).body(Body::empty()).unwrap());
    }
    let numbers = watch.snapshot();
    assert_eq!(numbers.series("http_requests_total").count(), 2_001);
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "_other")]), FLOOD - 2_000);
    assert_eq!(numbers.counter("http_requests_total", &[("endpoint", "/0"), ("method", "GET")]), 1);
    let manual = Method::GET;
    watch.record_error(&manual, "/one-more", "late");
    let late = [("endpoint", "_other"), ("error_type", "late")];
    assert_eq!(watch.snapshot().counter("http_requests_errors_total", &late), 1);
}

/// Nor can a few endpoints as long as a URI may be: each is in every one of its series, and on every page.
#[test]
fn an_endpoint_too_long_to_be_a_template_is_none() {
    let watch = Watch::builder("long").route(|head| Some(head.uri.path().into())).local().start().unwrap();
    let mut app = app().fallback(async || "").layer(watch.layer()).with_state(());
    answer(&mut app, Request::get(format!("/{}", "long".repeat(10_000))).body(Body::empty()).unwrap());
    assert_eq!(watch.snapshot().counter("http_requests_total", &[("endpoint", "_other")]), 1);
}
