//! What goes to whom.

use http::{HeaderMap, HeaderName, Request};
use http_body_util::Full;
use tower_layer::Layer;
use tower_watch_layers::client::{ClientConfig, ClientLayer, HostPattern};
use tower_watch_layers::context::{ContextObserver, RequestContext, TenantPolicy};
use tower_watch_layers::observe::{ObserveLayer, Observer, Start};
use tower_watch_layers::red::RedExchange;
use tower_watch_layers::trace::{TraceConfig, TraceObserver};
use tower_watch_layers::w3c::{Carried, parse_traceparent};

use crate::harness::{Fake, get, handler, send};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Takes what came along with the trace.
#[derive(Clone)]
struct Carry;

impl Observer for Carry {
    type Exchange = RedExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<RedExchange> {
        if let Some(carried) = Carried::of(&start.head().headers) {
            start.slot().set_carried(carried);
        }
        None
    }
}

/// What a client sends on, within a request with ids, a tenant, a trace and baggage.
async fn sent(config: ClientConfig, uri: &'static str, own: &'static [(&str, &str)]) -> HeaderMap {
    let fake = Fake::ok();
    let client = ClientLayer::new(config).layer(fake.clone());
    let observers = (
        ContextObserver::new().with_tenant(TenantPolicy::default()),
        TraceObserver::new(TraceConfig::new()),
        Carry,
    );
    let server = ObserveLayer::new(observers).layer(handler(move || {
        let client = client.clone();
        async move {
            let mut request = get(uri);
            for (name, value) in own {
                request.headers_mut().insert(HeaderName::from_static(name), value.parse().unwrap());
            }
            send(client, request).await;
            assert!(
                RequestContext::current().unwrap().request_id().is_some(),
                "the context is the server's again"
            );
        }
    }));
    let request = Request::get("/")
        .header("x-request-id", "abc-123")
        .header("x-tenant-id", "acme")
        .header("traceparent", PARENT)
        .header("tracestate", "vendor=1")
        .header("baggage", "plan=gold")
        .header("authorization", "Bearer secret")
        .body(Full::default())
        .unwrap();
    send(server, request).await;
    fake.only()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_trace_goes_to_every_host_and_nothing_else_does() {
    let sent = sent(ClientConfig::new(), "http://stranger.example/", &[]).await;
    let names: Vec<_> = sent.keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["traceparent", "tracestate"]);
    let parent = parse_traceparent(sent["traceparent"].as_bytes()).unwrap();
    assert_eq!(parent.trace_id.to_string(), &PARENT[3..35]);
    assert_ne!(parent.span_id.to_string(), &PARENT[36..52], "the client's own span, not the caller's");
    assert!(parent.sampled);
    assert_eq!(text(&sent, "tracestate"), Some("vendor=1"));
}

#[tokio::test]
async fn who_asks_goes_to_listed_hosts_only() {
    let config = || {
        ClientConfig::new()
            .with_trusted_host("orders.internal")
            .unwrap()
            .with_trusted_host("*.shop.example")
            .unwrap()
    };
    for (uri, trusted) in [
        ("http://orders.internal/", true),
        ("http://ORDERS.internal:8080/", true),
        ("http://orders.internal./", true),
        ("http://a.shop.example/", true),
        ("http://a.b.shop.example/", true),
        ("http://shop.example/", false),
        ("http://evilshop.example/", false),
        ("http://orders.internal.evil.example/", false),
        ("http://orders.internal@evil.example/", false),
        ("http://evil.example/orders.internal", false),
    ] {
        let sent = sent(config(), uri, &[]).await;
        let expected = [("x-request-id", "abc-123"), ("x-tenant-id", "acme"), ("baggage", "plan=gold")];
        for (name, value) in expected {
            assert_eq!(text(&sent, name), trusted.then_some(value), "{name} to {uri}");
        }
        assert!(sent.contains_key("traceparent"));
        assert!(!sent.contains_key("authorization"));
    }
}

#[tokio::test]
async fn what_the_caller_has_set_stays() {
    let own =
        &[("traceparent", PARENT), ("x-request-id", "mine"), ("x-tenant-id", "other"), ("baggage", "own=1")];
    let config = ClientConfig::new().with_trusted_host("orders.internal").unwrap();
    let sent = sent(config, "http://orders.internal/", own).await;
    for (name, value) in own {
        assert_eq!(text(&sent, name), Some(*value));
        assert_eq!(sent.get_all(*name).iter().count(), 1);
    }
    assert_eq!(text(&sent, "tracestate"), None, "it belongs to the traceparent that was not sent");
}

#[tokio::test]
async fn without_traces_none_is_handed_on() {
    let sent = sent(ClientConfig::new().without_traces(), "http://a.example/", &[]).await;
    assert!(sent.is_empty(), "{sent:?}");
}

#[tokio::test]
async fn outside_of_any_exchange_a_trace_begins() {
    for sampled in [true, false] {
        let fake = Fake::ok();
        let config =
            ClientConfig::new().with_sampler(move |_| sampled).with_trusted_host("a.example").unwrap();
        send(ClientLayer::new(config).layer(fake.clone()), get("http://a.example/")).await;
        let headers = fake.only();
        assert_eq!(headers.len(), 1, "nobody asks, so nobody is named");
        assert_eq!(parse_traceparent(headers["traceparent"].as_bytes()).unwrap().sampled, sampled);
    }
}

#[test]
fn a_host_that_is_none_is_named() {
    for bad in ["", "*", "*.", "http://a.example", "a.example:80", "a..b", "*.*.a", "a b", "a*", "a,b"] {
        let error = bad.parse::<HostPattern>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("trusted host {bad:?}: write a host")), "{error}");
    }
    for good in ["a.example", "*.a.example", "localhost", "127.0.0.1", "[::1]", "a.example.", "my_service"] {
        good.parse::<HostPattern>().unwrap();
    }
}
