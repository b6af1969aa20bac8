//! What a request costs in allocations that is not sampled.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::pin::pin;
use std::task::{Context, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};
use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Settings, Start};
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::route::Routes;
use tower_watch_layers::spans::SpanLayer;
use tower_watch_layers::trace::{Sampling, TraceConfig, TraceObserver};
use tracing_subscriber::layer::SubscriberExt;

use crate::harness::{SAMPLED, UNSAMPLED};

/// An observer that follows each exchange and does nothing.
#[derive(Clone)]
struct Idle;

struct Idling;

impl Observer for Idle {
    type Exchange = Idling;

    fn begin(&self, _: &mut Start<'_>) -> Option<Idling> {
        Some(Idling)
    }
}

impl Exchange for Idling {
    fn end(self, _: &End<'_>) {}
}

const REQUESTS: u64 = 200;

type NoBody = Empty<Bytes>;

/// The allocations of [`REQUESTS`] requests under an observer, when 20 have gone before.
fn allocations<O: Observer>(observer: O, traceparent: Option<&'static str>) -> u64 {
    let settings = Settings::new().with_routes(Routes::new().with_route(|_| Some("/r".into())));
    let mut service = ObserveLayer::with_settings(observer, settings)
        .layer(service_fn(|_: Request<NoBody>| ready(Ok::<_, Infallible>(Response::new(NoBody::new())))));
    let request = || {
        let mut request = Request::new(NoBody::new());
        if let Some(traceparent) = traceparent {
            request.headers_mut().insert("traceparent", traceparent.parse().unwrap());
        }
        request
    };
    let mut send = |request| {
        assert!(pin!(service.call(request)).poll(&mut Context::from_waker(Waker::noop())).is_ready());
    };
    for _ in 0..20 {
        send(request());
    }
    let requests: Vec<_> = (0..REQUESTS).map(|_| request()).collect();
    allocation_counter::measure(|| requests.into_iter().for_each(&mut send)).count_total
}

fn added(sampling: Sampling, traceparent: Option<&'static str>) -> u64 {
    added_by(TraceConfig::development().with_sampling(sampling), traceparent)
}

fn added_by(config: TraceConfig, traceparent: Option<&'static str>) -> u64 {
    let bare = allocations(Idle, traceparent);
    assert!(bare > 0, "the counter counts");
    (allocations(TraceObserver::new(config), traceparent) - bare) / REQUESTS
}

#[test]
fn a_request_that_is_not_sampled_costs_no_allocation_and_its_span_one() {
    let registry = tracing_subscriber::registry().with(SpanLayer::new());
    let _subscriber = tracing::subscriber::set_default(registry);
    let none = || Sampling::parent_based(Ratio::NONE);
    assert_eq!(added(none(), None), 0);
    assert_eq!(added(none(), Some(UNSAMPLED)), 0);
    let with_span = TraceConfig::development().with_sampling(none()).with_unsampled_spans(true);
    assert_eq!(added_by(with_span, None), 1);
    // So that it is known to count: what is shown of a sampled one costs more or as much.
    assert!(added(none(), Some(SAMPLED)) >= 1);
}

#[test]
fn without_a_subscriber_it_costs_none_and_a_name_where_it_is_sampled() {
    let _subscriber = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
    assert_eq!(added(Sampling::parent_based(Ratio::NONE), None), 0);
    // The name of the span that is offered.
    assert_eq!(added(Sampling::default(), Some(SAMPLED)), 1);
}
