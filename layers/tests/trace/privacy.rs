//! What a span never shows, and what only on request.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_watch_layers::context::{ContextObserver, PeerAddr};
use tower_watch_layers::peer::ClientAddress;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::redact::Redaction;
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::{Sampling, TraceConfig};

use crate::harness::{Bench, Seen, get, get_with, send};

/// The span of a request under these settings.
async fn span_of(config: TraceConfig, request: http::Request<Body>) -> Seen {
    let bench = Bench::new();
    let app = Router::new().route("/users/{id}", route(async || "Ada")).layer(bench.layer(config));
    send(&app, request).await;
    bench.only()
}

fn from(peer: &str, mut request: http::Request<Body>) -> http::Request<Body> {
    request.extensions_mut().insert(PeerAddr(SocketAddr::new(peer.parse().unwrap(), 4711)));
    request
}

#[tokio::test]
async fn production_shows_nobody() {
    let request = get_with(
        "/users/ada@example.com?q=ada",
        &[("user-agent", "ada's browser"), ("host", "ada.example.com"), ("x-forwarded-for", "203.0.113.77")],
    );
    let config = TraceConfig::production().with_sampling(Sampling::default());
    let span = span_of(config, from("203.0.113.77", request)).await;
    assert!(!format!("{:?}", span.fields).contains("ada"), "{:?}", span.fields);
    assert!(!format!("{:?}", span.fields).contains("203"), "{:?}", span.fields);
    assert_eq!(span.get("url.path"), "/users/{id}");
}

#[tokio::test]
async fn an_address_can_be_cut_to_its_network() {
    for (peer, network) in [
        ("203.0.113.77", "203.0.113.0"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::"),
    ] {
        let config = TraceConfig::new().with_client_address(ClientAddress::Truncated);
        let span = span_of(config, from(peer, get("/users/1"))).await;
        assert_eq!(span.get("client.address"), network, "{peer}");
    }
}

/// PEERS 26: credentials were seen in the exported spans of others.
#[tokio::test]
async fn no_credential_is_ever_shown() {
    let credentials = [
        "authorization",
        "Authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "X-Api-Key",
        "x-auth-token",
        "x-client-secret",
    ];
    for name in credentials {
        for error in [
            TraceConfig::new().with_request_headers(["accept", name]).unwrap_err(),
            TraceConfig::new().with_response_headers([name]).unwrap_err(),
        ] {
            assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
            assert!(error.to_string().contains("take it off the list"), "{error}");
        }
    }
    let error = TraceConfig::new().with_request_headers(["not a name"]).unwrap_err();
    assert!(error.to_string().contains("\"not a name\" is no name of a header"), "{error}");

    // Not by a name of one's own, not as the token of the debug header, not when somebody marked the value.
    let config = TraceConfig::development()
        .with_sampling(
            Sampling::default()
                .with_debug_header("x-debug".parse().unwrap(), "s3cr3t s3cr3t s3cr3t")
                .unwrap(),
        )
        .with_redaction(Redaction::new().with_key("session"))
        .with_request_headers(["x-debug", "x-session-id", "x-marked", "accept"])
        .unwrap();
    let mut request = get_with(
        "/users/1?session=s3cr3t&token=s3cr3t",
        &[
            ("x-debug", "s3cr3t s3cr3t s3cr3t"),
            ("x-session-id", "s3cr3t"),
            ("authorization", "Bearer s3cr3t"),
            ("proxy-authorization", "Basic s3cr3t"),
            ("cookie", "id=s3cr3t"),
            ("x-api-key", "s3cr3t"),
            ("accept", "text/plain"),
        ],
    );
    let mut marked = HeaderValue::from_static("s3cr3t");
    marked.set_sensitive(true);
    request.headers_mut().insert("x-marked", marked);
    let span = span_of(config, request).await;
    assert!(!format!("{span:?}").contains("s3cr3t"), "{span:?}");
    assert_eq!(span.get("http.request.header.accept"), "text/plain");
}

#[tokio::test]
async fn headers_are_shown_by_their_names() {
    let bench = Bench::new();
    // More than are recorded at once.
    let names: Vec<String> = (0..20).map(|number| format!("x-header-{number}")).collect();
    let config = TraceConfig::new()
        .with_request_headers(&names)
        .unwrap()
        .with_response_headers(["content-type", "x-answer", "x-none"])
        .unwrap();
    let answer = || async {
        let headers: HeaderMap =
            [(HeaderName::from_static("x-answer"), HeaderValue::from_static("42"))].into_iter().collect();
        (headers, "text")
    };
    let app = Router::new().route("/", route(answer)).layer(bench.layer(config));
    let mut request = get("/");
    for (number, name) in names.iter().enumerate().filter(|(number, _)| *number != 7) {
        request.headers_mut().insert(HeaderName::try_from(name).unwrap(), HeaderValue::from(number));
    }
    send(&app, request).await;
    let span = bench.only();
    for (number, name) in names.iter().enumerate().filter(|(number, _)| *number != 7) {
        assert_eq!(span.get(&format!("http.request.header.{name}")), number.to_string());
    }
    assert!(!span.has("http.request.header.x-header-7"));
    assert_eq!(span.get("http.response.header.x-answer"), "42");
    assert_eq!(span.get("http.response.header.content-type"), "text/plain; charset=utf-8");
    assert!(!span.has("http.response.header.x-none"));
}

/// What a header can carry at all; the rest is tried on the text itself.
#[tokio::test]
async fn nobody_forges_a_line_or_orders_a_terminal() {
    let config = TraceConfig::development().with_request_headers(["x-note"]).unwrap();
    let hostile = "evil\u{9b}31mred\u{2028}2026-01-01 ERROR forged\u{202e}\u{85}";
    let request = get_with("/users/%1b%5b31m%0d%0aERROR", &[("user-agent", hostile), ("x-note", hostile)]);
    let span = span_of(config, request).await;
    for field in ["user_agent.original", "http.request.header.x-note"] {
        assert_eq!(span.get(field), "evilred2026-01-01 ERROR forged", "{field}");
    }
    // Percent-encoding stays what it is.
    assert_eq!(span.get("url.path"), "/users/%1b%5b31m%0d%0aERROR");
}

#[tokio::test]
async fn a_value_of_a_megabyte_is_cut_and_counted() {
    let bench = Bench::new();
    let config = TraceConfig::development().with_request_headers(["x-note"]).unwrap();
    let app = Router::new().route("/", route(async || ())).layer(bench.layer(config));
    let megabyte = "x".repeat(1 << 20);
    send(&app, get_with("/", &[("user-agent", &megabyte), ("x-note", &megabyte), ("host", "example.com")]))
        .await;
    let span = bench.only();
    assert_eq!(span.get("user_agent.original").len(), 1_024);
    assert_eq!(span.get("http.request.header.x-note").len(), 1_024);
    assert_eq!(bench.counted("tower_watch_span_attributes_truncated_total"), 2);
    send(&app, get("/?q=1")).await;
    assert_eq!(bench.counted("tower_watch_span_attributes_truncated_total"), 0);
}

/// A value that is not shown is neither looked for nor cut.
#[tokio::test]
async fn an_unsampled_request_shows_hardly_anything() {
    let bench = Bench::new();
    let config = TraceConfig::development()
        .with_sampling(Sampling::parent_based(Ratio::NONE))
        .with_unsampled_spans(true);
    let app = Router::new().route("/users/{id}", route(async || "Ada")).layer(bench.layer_of(
        ContextObserver::new(),
        config,
        Routes::new(),
    ));
    let agent = "x".repeat(5_000);
    send(&app, get_with("/users/42?q=1", &[("user-agent", &agent), ("host", "example.com")])).await;
    let span = bench.only();
    assert_eq!(span.names(), ["http.request.method", "http.route", "otel.name", "request.id"]);
    assert_eq!(span.records, 0);
    assert_eq!(bench.counted("tower_watch_span_attributes_truncated_total"), 0);
}
