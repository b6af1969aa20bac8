//! Retries of one request know each other.

use std::future::{Ready, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::ServiceBuilder;
use tower::retry::Policy;
use tower_layer::Layer;
use tower_watch_layers::client::{Attempts, AttemptsLayer, ClientLayer};
use tower_watch_layers::w3c::parse_traceparent;

use crate::harness::{Fake, Spans, get, send};

/// Sends three times.
#[derive(Clone)]
struct Thrice(u32);

impl<R, E> Policy<Request<Full<Bytes>>, R, E> for Thrice {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut Request<Full<Bytes>>, _: &mut Result<R, E>) -> Option<Ready<()>> {
        self.0 += 1;
        (self.0 < 3).then(|| ready(()))
    }

    fn clone_request(&mut self, request: &Request<Full<Bytes>>) -> Option<Request<Full<Bytes>>> {
        Some(request.clone())
    }
}

#[tokio::test]
async fn each_attempt_is_a_span_with_a_link_to_the_one_before() {
    let (spans, _guard) = Spans::watch();
    let fake = Fake::new(|| Response::builder().status(503).body(Full::default()).unwrap());
    let client = ServiceBuilder::new()
        .layer(AttemptsLayer)
        .retry(Thrice(0))
        .layer(ClientLayer::default())
        .service(fake.clone());
    send(client, get("http://a.example/")).await;

    let closed = spans.closed();
    let resends: Vec<_> = closed.iter().map(|span| span.fields.get("http.request.resend_count")).collect();
    assert_eq!(resends, [None, Some(&"1".to_owned()), Some(&"2".to_owned())]);
    assert_eq!(closed[0].mark.link, None);
    for pair in closed.windows(2) {
        let link = pair[1].mark.link.unwrap();
        assert_eq!(link.span_id, pair[0].mark.context.span_id);
        assert_eq!(link.trace_id, pair[0].mark.context.trace_id);
    }
    let sent: Vec<_> = fake.heads.lock().unwrap().clone();
    for (headers, span) in sent.iter().zip(&closed) {
        let parent = parse_traceparent(headers["traceparent"].as_bytes()).unwrap();
        assert_eq!(parent.span_id, span.mark.context.span_id, "each attempt says which one it is");
    }
}

#[tokio::test]
async fn two_requests_are_no_retries_of_each_other() {
    let (spans, _guard) = Spans::watch();
    let client = ServiceBuilder::new().layer(AttemptsLayer).layer(ClientLayer::default()).service(Fake::ok());
    send(client.clone(), get("http://a.example/")).await;
    send(client, get("http://a.example/")).await;
    assert!(spans.closed().iter().all(|span| span.mark.link.is_none()));
}

#[tokio::test]
async fn a_loop_of_ones_own_counts_too_without_traces_as_well() {
    let attempts = Attempts::new();
    let config = tower_watch_layers::client::ClientConfig::new().without_traces();
    let client = ClientLayer::new(config).layer(Fake::ok());
    for _ in 0..2 {
        let mut request = get("http://a.example/");
        request.extensions_mut().insert(attempts.clone());
        send(client.clone(), request).await;
    }
    assert_eq!(attempts.count(), 2);
}
