//! The span of a request that goes out.

use http::{Method, Request, Response};
use http_body_util::Full;
use tower::ServiceExt;
use tower_layer::Layer;
use tower_watch_layers::client::{ClientConfig, ClientLayer};
use tower_watch_layers::observe::ObserveLayer;
use tower_watch_layers::redact::Redaction;
use tower_watch_layers::trace::{TraceConfig, TraceObserver};
use tower_watch_layers::w3c::parse_traceparent;

use crate::harness::{Fake, Spans, get, handler, send};

#[tokio::test]
async fn it_has_the_attributes_of_a_client() {
    let (spans, _guard) = Spans::watch();
    let client = ClientLayer::default().layer(Fake::ok());
    send(client, get("http://ada:secret@shop.example:8080/orders/7?token=1")).await;
    let span = spans.only();
    assert_eq!(span.name(), "GET");
    for (name, value) in [
        ("otel.kind", "client"),
        ("http.request.method", "GET"),
        ("server.address", "shop.example"),
        ("server.port", "8080"),
        ("http.response.status_code", "200"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(span.field(name), value, "{name}");
    }
    for none in ["url.full", "error.type", "otel.status_code", "http.request.resend_count"] {
        assert!(!span.fields.contains_key(none), "{none}");
    }
}

#[tokio::test]
async fn the_url_is_shown_where_it_is_allowed_and_without_secrets() {
    let (spans, _guard) = Spans::watch();
    let client = ClientLayer::new(ClientConfig::new().with_url(Redaction::new())).layer(Fake::ok());
    send(client, get("http://ada:secret@shop.example/orders?token=1&page=2")).await;
    assert_eq!(spans.only().field("url.full"), "http://shop.example/orders?token=[redacted]&page=2");
}

#[tokio::test]
async fn an_answer_of_400_and_more_is_an_error() {
    for (status, error) in [(200, None), (304, None), (404, Some("404")), (503, Some("503"))] {
        let (spans, _guard) = Spans::watch();
        let answer: fn() -> Response<_> = match status {
            200 => || Response::new(Full::default()),
            304 => || Response::builder().status(304).body(Full::default()).unwrap(),
            404 => || Response::builder().status(404).body(Full::default()).unwrap(),
            _ => || Response::builder().status(503).body(Full::default()).unwrap(),
        };
        send(ClientLayer::default().layer(Fake::new(answer)), get("http://a.example/")).await;
        let span = spans.only();
        assert_eq!(span.fields.get("error.type").map(String::as_str), error, "{status}");
        assert_eq!(
            span.fields.get("otel.status_code").map(String::as_str),
            error.map(|_| "ERROR"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn no_answer_is_an_error() {
    let (spans, _guard) = Spans::watch();
    let broken = tower::service_fn(async |_: Request<Full<bytes::Bytes>>| {
        Err::<Response<Full<bytes::Bytes>>, _>(std::io::Error::other("refused"))
    });
    ClientLayer::default().layer(broken).oneshot(get("http://a.example/")).await.unwrap_err();
    let span = spans.only();
    assert_eq!(span.field("error.type"), "service_error");
    assert_eq!(span.field("otel.status_code"), "ERROR");
    assert!(!span.fields.contains_key("http.response.status_code"));
}

#[tokio::test]
async fn a_call_that_is_given_up_is_an_error() {
    let (spans, _guard) = Spans::watch();
    let silent = tower::service_fn(|_: Request<Full<bytes::Bytes>>| {
        std::future::pending::<Result<Response<Full<bytes::Bytes>>, std::convert::Infallible>>()
    });
    let mut call = Box::pin(ClientLayer::default().layer(silent).oneshot(get("http://a.example/")));
    assert!(call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
    assert!(spans.closed().is_empty());
    drop(call);
    assert_eq!(spans.only().field("error.type"), "cancelled");
}

#[tokio::test]
async fn it_is_a_child_of_the_span_around_and_its_ids_are_those_that_are_sent() {
    let (spans, _guard) = Spans::watch();
    let fake = Fake::ok();
    let client = ClientLayer::default().layer(fake.clone());
    let inner = fake.clone();
    let server = ObserveLayer::new(TraceObserver::new(TraceConfig::new())).layer(handler(move || {
        let client = client.clone();
        async move { send(client, get("http://a.example/")).await }
    }));
    let request = Request::get("/")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        .body(Full::default())
        .unwrap();
    send(server, request).await;
    let sent = parse_traceparent(inner.only()["traceparent"].as_bytes()).unwrap();
    let client = spans.named("GET");
    assert_eq!(client.mark.context.span_id, sent.span_id);
    assert_eq!(client.mark.context.trace_id, sent.trace_id);
    assert_eq!(sent.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(client.parent, client.mark.context.parent.map(|parent| parent.to_string()));
    assert!(client.mark.slot.is_some(), "it is recorded with the exchange that it is made in");
    assert!(!client.mark.is_exchange);
}

#[tokio::test]
async fn what_is_unsampled_stays_so_and_is_handed_on() {
    let fake = Fake::ok();
    let client = ClientLayer::default().layer(fake.clone());
    let server = ObserveLayer::new(TraceObserver::new(TraceConfig::new())).layer(handler(move || {
        let client = client.clone();
        async move { send(client, get("http://a.example/")).await }
    }));
    let request = Request::get("/")
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        .body(Full::default())
        .unwrap();
    send(server, request).await;
    let sent = parse_traceparent(fake.only()["traceparent"].as_bytes()).unwrap();
    assert!(!sent.sampled);
    assert_eq!(sent.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
}

#[tokio::test]
async fn a_method_of_ones_own_is_no_name() {
    let (spans, _guard) = Spans::watch();
    let mut request = get("http://a.example/");
    *request.method_mut() = Method::from_bytes(b"PURGE").unwrap();
    send(ClientLayer::default().layer(Fake::ok()), request).await;
    let span = spans.only();
    assert_eq!((span.name(), span.field("http.request.method")), ("HTTP", "_OTHER"));
    assert_eq!(span.field("http.request.method_original"), "PURGE");
}

#[tokio::test]
async fn a_grpc_call_has_conventions_of_its_own() {
    for (answer, status, error) in
        [("0", "OK", None), ("5", "NOT_FOUND", Some("NOT_FOUND")), ("14", "UNAVAILABLE", Some("UNAVAILABLE"))]
    {
        let (spans, _guard) = Spans::watch();
        let trailers_only = match answer {
            "0" => || grpc("0"),
            "5" => || grpc("5"),
            _ => || grpc("14"),
        };
        let request = Request::post("/shop.Orders/Create")
            .header("content-type", "application/grpc")
            .body(Full::<bytes::Bytes>::default())
            .unwrap();
        let config = ClientConfig::new().with_server("orders.internal:50051");
        send(ClientLayer::new(config).layer(Fake::new(trailers_only)), request).await;
        let span = spans.only();
        assert_eq!(span.name(), "shop.Orders/Create");
        for (name, value) in [
            ("rpc.system.name", "grpc"),
            ("rpc.method", "shop.Orders/Create"),
            ("rpc.response.status_code", status),
            ("server.address", "orders.internal"),
            ("server.port", "50051"),
        ] {
            assert_eq!(span.field(name), value, "{name}");
        }
        assert_eq!(span.fields.get("error.type").map(String::as_str), error);
    }
}

fn grpc(status: &'static str) -> Response<Full<bytes::Bytes>> {
    let answer = Response::builder().header("content-type", "application/grpc").header("grpc-status", status);
    answer.body(Full::default()).unwrap()
}
