//! Which lines there are.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::ServiceExt;
use tower_layer::Layer;
use tower_watch_layers::access::AccessLog;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::ratio::Ratio;
use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};

use crate::kept::{Kept, block_on, exchange, layer};

const SOON: Duration = Duration::from_millis(1);

fn levels(config: AccessLog, status: u16, after: Duration) -> Vec<Level> {
    exchange(config, Request::get("/"), status, after).lines().iter().map(|line| line.level).collect()
}

#[test]
fn errors_have_a_level_of_their_own() {
    for (status, expected) in [(200, Level::INFO), (404, Level::INFO), (500, Level::WARN), (503, Level::WARN)]
    {
        assert_eq!(levels(AccessLog::new(), status, SOON), [expected], "{status}");
    }
    assert_eq!(levels(AccessLog::new().with_error_level(Level::ERROR), 500, SOON), [Level::ERROR]);
    assert_eq!(levels(AccessLog::new().with_error_level(Level::TRACE), 500, SOON), [Level::INFO]);
}

#[test]
fn only_successes_are_sampled() {
    let none = || AccessLog::new().with_successes(Ratio::NONE).with_slow(Duration::from_millis(100));
    assert!(levels(none(), 200, SOON).is_empty(), "200");
    assert!(levels(none(), 302, SOON).is_empty(), "302");
    assert_eq!(levels(none(), 404, SOON), [Level::INFO]);
    assert_eq!(levels(none(), 500, SOON), [Level::WARN]);
    assert_eq!(levels(none(), 200, Duration::from_millis(100)), [Level::INFO], "slow");
}

#[test]
fn a_share_is_chosen_by_the_request_id() {
    let count = |share: f64| {
        let is_written = |number: u32| {
            let config = AccessLog::new().with_successes(Ratio::new(share).unwrap());
            let request = Request::get("/").header("x-request-id", format!("request-{number}"));
            exchange(config, request, 200, SOON).lines().len()
        };
        (0..400).map(is_written).collect::<Vec<_>>()
    };
    let (first, again, more) = (count(0.25), count(0.25), count(0.5));
    assert_eq!(first, again, "the same requests each time");
    assert!(first.iter().zip(&more).all(|(few, more)| few <= more), "a larger share includes a smaller one");
    let written: usize = first.iter().sum();
    assert!((60..140).contains(&written), "{written} of 400");
}

#[test]
fn a_handler_can_do_without() {
    let kept = Kept::default();
    kept.within(|| {
        let (layer, _) = layer(AccessLog::new());
        let service = layer.layer(tower::service_fn(async |request: Request<Full<Bytes>>| {
            let context = RequestContext::of(request.extensions()).unwrap();
            context.override_policy(|policy: RoutePolicy| policy.access_line(false));
            Response::builder().status(500).body(Full::<Bytes>::default())
        }));
        block_on(service.oneshot(Request::new(Full::default()))).unwrap();
    });
    assert!(kept.lines().is_empty(), "{:#?}", kept.lines());
}

#[test]
fn where_only_warnings_are_seen_there_are_only_errors() {
    let kept = Kept::default();
    let subscriber = tracing_subscriber::registry().with(kept.clone().with_filter(LevelFilter::WARN));
    tracing::subscriber::with_default(subscriber, || {
        for status in [200, 500] {
            let (layer, _) = layer(AccessLog::new());
            let service = layer.layer(tower::service_fn(async |_: Request<Full<Bytes>>| {
                Response::builder().status(status).body(Full::<Bytes>::default())
            }));
            block_on(service.oneshot(Request::new(Full::default()))).unwrap();
        }
    });
    assert_eq!(kept.only().level, Level::WARN);
}
