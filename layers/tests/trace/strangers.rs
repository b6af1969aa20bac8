//! Whose trace is continued.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use http::{HeaderValue, Request};
use tower_watch_layers::context::{PeerAddr, RequestContext, Trust};
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::trace::{Sampling, StrangerPolicy, Strangers, TraceConfig};
use tower_watch_layers::w3c::{RemoteParent, TraceContext, parse_traceparent};

use crate::harness::{Bench, SAMPLED, UNSAMPLED, get, get_with, send};

/// Where the exchange of a request is, and the link to its caller.
async fn settled(
    bench: &Bench,
    config: TraceConfig,
    request: Request<Body>,
) -> (TraceContext, Option<RemoteParent>) {
    let (tell, told) = std::sync::mpsc::channel();
    let handler = async move |context: RequestContext| {
        tell.send((*context.slot().trace().unwrap(), context.slot().link().copied())).unwrap();
    };
    let app = Router::new().route("/", route(handler)).layer(bench.layer(config));
    send(&app, request).await;
    told.recv().unwrap()
}

fn caller() -> RemoteParent {
    parse_traceparent(SAMPLED.as_bytes()).unwrap()
}

fn config(strangers: impl Into<StrangerPolicy>) -> TraceConfig {
    TraceConfig::new().with_sampling(Sampling::parent_based(Ratio::NONE)).with_strangers(strangers)
}

#[track_caller]
fn assert_continued((context, link): (TraceContext, Option<RemoteParent>)) {
    assert_eq!((context.trace_id, context.parent), (caller().trace_id, Some(caller().span_id)));
    assert!(context.sampled, "the caller's decision is followed");
    assert_ne!(context.span_id, caller().span_id);
    assert_eq!(link, None);
}

#[track_caller]
fn assert_root((context, link): (TraceContext, Option<RemoteParent>), linked: bool) {
    assert_ne!(context.trace_id, caller().trace_id);
    assert_eq!(context.parent, None);
    assert!(!context.sampled, "the caller decides nothing");
    assert_eq!(link, linked.then(caller));
}

#[tokio::test]
async fn one_answer_for_all() {
    let bench = Bench::new();
    let request = || get_with("/", &[("traceparent", SAMPLED)]);
    assert_continued(settled(&bench, config(Strangers::Continue), request()).await);
    assert_root(settled(&bench, config(Strangers::Link), request()).await, true);
    assert_root(settled(&bench, config(Strangers::Ignore), request()).await, false);
    // Who sends nothing is asked nothing.
    assert_root(settled(&bench, config(Strangers::Link), get("/")).await, false);
}

#[tokio::test]
async fn a_caller_that_does_not_sample_is_followed_too() {
    let bench = Bench::new();
    let request = get_with("/", &[("traceparent", UNSAMPLED)]);
    let (context, _) = settled(&bench, TraceConfig::new(), request).await;
    assert_eq!(context.trace_id, caller().trace_id);
    assert!(!context.sampled);
}

#[tokio::test]
async fn by_the_peer() {
    let bench = Bench::new();
    let policy = StrangerPolicy::trusting(Trust::peers(["10.0.0.0/8"]).unwrap(), Strangers::Link);
    let from = |peer: &str| {
        let mut request = get_with("/", &[("traceparent", SAMPLED)]);
        request.extensions_mut().insert(PeerAddr(SocketAddr::new(peer.parse().unwrap(), 1)));
        request
    };
    assert_continued(settled(&bench, config(policy.clone()), from("10.1.2.3")).await);
    assert_root(settled(&bench, config(policy.clone()), from("203.0.113.7")).await, true);
    // A peer that nobody knows is a stranger.
    assert_root(settled(&bench, config(policy), get_with("/", &[("traceparent", SAMPLED)])).await, true);
}

#[tokio::test]
async fn by_a_function_of_the_request() {
    let bench = Bench::new();
    let policy = StrangerPolicy::by(|head| match head.headers.get("x-from").map(HeaderValue::as_bytes) {
        Some(b"mesh") => Strangers::Continue,
        Some(b"partner") => Strangers::Link,
        Some(_) => panic!("as it was told"),
        None => Strangers::Ignore,
    });
    let from = |from| get_with("/", &[("traceparent", SAMPLED), ("x-from", from)]);
    assert_continued(settled(&bench, config(policy.clone()), from("mesh")).await);
    assert_root(settled(&bench, config(policy.clone()), from("partner")).await, true);
    // One that panics costs no request its answer, and nobody is believed.
    assert_root(settled(&bench, config(policy.clone()), from("panic")).await, false);
    assert_root(settled(&bench, config(policy), get_with("/", &[("traceparent", SAMPLED)])).await, false);
}

#[tokio::test]
async fn what_is_no_traceparent_is_none() {
    let bench = Bench::new();
    for wrong in
        ["", "00", &SAMPLED.to_uppercase(), &SAMPLED.replace("00-0af", "ff-0af"), &format!("{SAMPLED}-")]
    {
        let request = get_with("/", &[("traceparent", wrong)]);
        assert_root(settled(&bench, config(Strangers::Link), request).await, false);
    }
    // Of two neither is the caller's, be they the same.
    let twice = get_with("/", &[("traceparent", SAMPLED), ("traceparent", SAMPLED)]);
    assert_root(settled(&bench, config(Strangers::Continue), twice).await, false);
}

#[tokio::test]
async fn production_believes_its_neighbours_only() {
    let bench = Bench::new();
    let from = |peer: [u8; 4]| {
        let mut request = get_with("/", &[("traceparent", SAMPLED)]);
        request.extensions_mut().insert(PeerAddr(SocketAddr::from((peer, 1))));
        request
    };
    assert_continued(settled(&bench, TraceConfig::production(), from([192, 168, 1, 1])).await);
    let (context, link) = settled(&bench, TraceConfig::production(), from([203, 0, 113, 7])).await;
    assert_ne!(context.trace_id, caller().trace_id);
    assert_eq!(link, Some(caller()));
}
