//! Which recorder a layer records into. For one that is installed late see `tests/late_recorder.rs`.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use metrics::counter;
use tower_watch_layers::context::{ContextExt, RequestContext};
use tower_watch_layers::observe::ObserveLayer;
use tower_watch_layers::red::{RedConfig, RedLayer, RedObserver};
use tower_watch_layers::route::Routes;

use crate::harness::{Bench, Script, Step, get as request, get_with, send};

const REQUESTS: &str = "http_requests_total{endpoint=/,method=GET,status=200}";

fn red(bench: &Bench) -> RedLayer {
    RedLayer::with_settings(&RedConfig::new(), bench.settings(Routes::new()))
}

#[tokio::test]
async fn two_layers_in_a_stack_count_once() {
    let bench = Bench::new();
    let router = Router::new()
        .route("/", get(async || ()))
        .layer(red(&bench))
        .layer(red(&bench))
        // One of another make, with the facade's recorder: inside ours that is ours.
        .layer(bench.layer());
    send(&router, request("/")).await;
    assert_eq!(bench.numbers.counter(REQUESTS), 1);
    assert_eq!(bench.numbers.samples("http_request_duration_seconds{endpoint=/,method=GET}").len(), 1);
    bench.numbers.assert_in_flight(0.0);
}

#[tokio::test]
async fn a_layer_inside_without_a_recorder_counts_no_second_time() {
    let bench = Bench::new();
    let router = Router::new().route("/", get(async || ())).layer(RedLayer::default()).layer(red(&bench));
    send(&router, request("/")).await;
    assert_eq!(bench.numbers.counter(REQUESTS), 1);
    bench.numbers.assert_in_flight(0.0);
}

#[tokio::test]
async fn the_outer_of_two_layers_counts() {
    let bench = Bench::new();
    let named = |prefix: &str| {
        let config = RedConfig::new().with_prefix(prefix).unwrap();
        RedLayer::with_settings(&config, bench.settings(Routes::new()))
    };
    let router = Router::new().route("/", get(async || ())).layer(named("inner")).layer(named("outer"));
    send(&router, request("/")).await;
    assert!(bench.numbers.all().keys().all(|series| series.starts_with("outer_")));
}

#[tokio::test]
async fn two_recorders_in_one_process_do_not_mix() {
    let (ours, theirs) = (Bench::new(), Bench::new());
    let counting = async || counter!("orders_total").increment(1);
    let our_router = Router::new().route("/", get(counting)).layer(ours.layer());
    let their_router = Router::new().route("/", get(counting)).layer(theirs.layer());
    for _ in 0..3 {
        send(&our_router, request("/")).await;
    }
    send(&their_router, request("/")).await;
    for (bench, count) in [(&ours, 3), (&theirs, 1)] {
        assert_eq!(bench.numbers.counter(REQUESTS), count);
        assert_eq!(bench.numbers.counter("orders_total"), count);
        assert_eq!(bench.seen.ended().len(), usize::try_from(count).unwrap());
    }
}

#[tokio::test]
async fn two_recorders_in_one_stack_do_not_mix() {
    let (outer, inner) = (Bench::new(), Bench::new());
    let handler = async |context: RequestContext| {
        counter!("orders_total").increment(1);
        context.set_error_type("refused");
    };
    let router = Router::new().route("/", get(handler)).layer(inner.layer()).layer(outer.layer());
    let answer = send(&router, get_with("/", "x-request-id", "abc")).await;
    assert_eq!(answer.header("x-request-id"), "abc");
    for bench in [&outer, &inner] {
        assert_eq!(bench.numbers.counter(REQUESTS), 1);
        assert_eq!(bench.seen.only().request_id.unwrap().as_str(), "abc");
        bench.numbers.assert_in_flight(0.0);
    }
    // What the handler says, it says to the layer next to it.
    assert_eq!(inner.numbers.counter("orders_total"), 1);
    assert_eq!(outer.numbers.counter("orders_total"), 0);
    assert_eq!(inner.numbers.series("http_requests_errors_total").len(), 1);
    assert_eq!(outer.numbers.series("http_requests_errors_total").len(), 0);
}

#[tokio::test]
async fn a_layer_with_a_recorder_inside_one_without_counts_into_its_own() {
    let bench = Bench::new();
    let router = Router::new().route("/", get(async || ())).layer(bench.layer()).layer(RedLayer::default());
    assert_eq!(send(&router, request("/")).await.status, 200);
    assert_eq!(bench.numbers.counter(REQUESTS), 1);
}

#[tokio::test]
async fn clones_of_a_layer_record_into_the_same_series() {
    let bench = Bench::new();
    let layer = red(&bench);
    let one = Router::new().route("/", get(async || ())).layer(layer.clone());
    let two = Router::new().route("/", get(async || ())).route("/two", get(async || ())).layer(layer);
    send(&one, request("/")).await;
    send(&two, request("/")).await;
    send(&two.clone(), request("/")).await;
    assert_eq!(bench.numbers.counter(REQUESTS), 3);
}

#[tokio::test]
async fn what_the_application_counts_reaches_the_recorder_wherever_it_is_polled() {
    let bench = Bench::new();
    let handler = async || {
        counter!("in_handler").increment(1);
        let work = async { counter!("in_task").increment(1) };
        tokio::spawn(work.in_context()).await.unwrap();
        tokio::spawn(async { counter!("elsewhere").increment(1) }).await.unwrap();
        Body::new(Counting(Script::new([Step::Data("a"), Step::Data("b")])))
    };
    let router = Router::new().route("/", get(handler)).layer(ObserveLayer::with_settings(
        RedObserver::new(&RedConfig::new()),
        bench.settings(Routes::new()),
    ));
    send(&router, request("/")).await;
    assert_eq!(bench.numbers.counter("in_handler"), 1);
    assert_eq!(bench.numbers.counter("in_task"), 1);
    assert_eq!(bench.numbers.counter("in_body"), 3);
    assert_eq!(bench.numbers.counter("elsewhere"), 0);
}

/// Counts its polls.
struct Counting(Script);

impl http_body::Body for Counting {
    type Data = bytes::Bytes;
    type Error = crate::harness::Broken;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        counter!("in_body").increment(1);
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }
}
