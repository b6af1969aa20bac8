//! The access line of a watched service.

use axum::Router;
use axum::routing::get;
use serde_json::Value;
use tower_watch::telemetry::logs::JsonLayer;
use tower_watch::{AccessLog, Preset, RoutePolicy, RouterExt, Watch, WatchBuilder};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Layer;

use crate::support::{Kept, ask, block_on, get as request, with_layer};

fn lines(configure: impl FnOnce(WatchBuilder) -> WatchBuilder, path: &str) -> Vec<Value> {
    let kept = Kept::default();
    with_layer(JsonLayer::new(kept.clone()), || {
        let watch = configure(Watch::builder("orders").local()).start().unwrap();
        let app = Router::new()
            .route("/orders/{id}", get(|| async { "an order" }))
            .route("/quiet", get(|| async { "" }).layer(watch.route(RoutePolicy::new().access_line(false))))
            .watched(&watch);
        block_on(ask(&app, request(path)));
    });
    // What else is said at the start (in production: that nobody is told of alerts) is not about the request.
    kept.lines().into_iter().filter(|line| line["target"] == "tower_watch::access").collect()
}

#[test]
fn it_is_there_by_default() {
    let [line] = &lines(|watch| watch, "/orders/7")[..] else { panic!("one line") };
    assert_eq!((&line["route"], &line["path"]), (&"/orders/{id}".into(), &"/orders/7".into()));
    let [line] = &lines(|watch| watch.preset(Preset::Production), "/orders/7")[..] else {
        panic!("one line")
    };
    assert_eq!((&line["route"], line.get("path")), (&"/orders/{id}".into(), None));
    let [line] = &lines(|watch| watch, "/nowhere")[..] else { panic!("one line") };
    assert_eq!((&line["route"], &line["status"]), (&"unmatched".into(), &404.into()));
}

#[test]
fn it_can_be_left_out() {
    assert_eq!(lines(WatchBuilder::without_access_log, "/orders/7"), [] as [Value; 0]);
    assert_eq!(lines(|watch| watch, "/quiet"), [] as [Value; 0]);
    let [line] = &lines(|watch| watch.access_log(AccessLog::new()), "/orders/7")[..] else {
        panic!("one line")
    };
    assert_eq!(line.get("path"), None);
}

#[test]
fn it_needs_no_span() {
    let kept = Kept::default();
    // Spans are off for every layer; the line is an event that stands alone.
    let layer = JsonLayer::new(kept.clone()).with_filter(LevelFilter::INFO);
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
    tracing::subscriber::with_default(subscriber, || {
        let watch = Watch::builder("orders").local().start().unwrap();
        let app = Router::new().route("/orders/{id}", get(|| async { "an order" })).watched(&watch);
        block_on(ask(&app, request("/orders/7")));
    });
    let line = kept.only();
    assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(line["span_id"].as_str().unwrap().len(), 16);
    assert!(line["request_id"].is_string());
}
