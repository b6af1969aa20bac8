//! Two layers in one stack, fields of one's own, and the order in which things happen.

use axum::Router;
use axum::routing::get as route;
use tower_watch_layers::context::ContextObserver;
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::{TraceConfig, TraceLayer, TraceObserver};

use crate::harness::{Bench, get, get_with, send};

const WARNING: &str = "two layers trace the same requests";

#[tokio::test]
async fn the_outer_of_two_layers_makes_the_span() {
    // The same settings: both share the slot.
    let bench = Bench::new();
    let layer = bench.layer(TraceConfig::new());
    let app = Router::new().route("/", route(async || ())).layer(layer.clone()).layer(layer);
    for sent in 1..=3 {
        send(&app, get("/")).await;
        assert_eq!(bench.requests().len(), sent);
    }
    assert_eq!(bench.said(WARNING), 1);

    // Recorders of their own: two slots, and one trace all the same.
    let bench = Bench::new();
    let inner = TraceLayer::with_settings(TraceConfig::new(), bench.settings(Routes::new()));
    let outer = TraceLayer::with_settings(TraceConfig::new(), Bench::new().settings(Routes::new()));
    let tell =
        async |context: tower_watch_layers::context::RequestContext| context.span_id().unwrap().to_string();
    let app = Router::new().route("/", route(tell)).layer(inner).layer(outer);
    let answer = send(&app, get("/")).await;
    assert_eq!(bench.requests().len(), 1);
    assert_eq!(answer.body, bench.only().mark.unwrap().span_id.to_string());
    assert_eq!(bench.said(WARNING), 1);

    // Two in one tuple.
    let bench = Bench::new();
    let trace = || TraceObserver::new(TraceConfig::new());
    let layer = ObserveLayer::with_settings((trace(), trace()), Settings::new());
    send(&Router::new().route("/", route(async || ())).layer(layer), get("/")).await;
    assert_eq!((bench.requests().len(), bench.said(WARNING)), (1, 1));
}

#[tokio::test]
async fn a_request_inside_of_a_request_has_a_span_of_its_own() {
    let bench = Bench::new();
    let layer = bench.layer(TraceConfig::new());
    let inner = Router::new().route("/inner", route(async || "")).layer(layer.clone());
    let outer = async move || {
        send(&inner, get("/inner")).await;
    };
    let app = Router::new().route("/outer", route(outer)).layer(layer);
    send(&app, get("/outer")).await;
    let names: Vec<_> = bench.requests().iter().map(|span| span.get("otel.name").to_owned()).collect();
    assert_eq!(names, ["GET /outer", "GET /inner"]);
    assert_eq!(bench.said(WARNING), 0);
}

#[tokio::test]
async fn fields_of_ones_own_are_added() {
    let bench = Bench::new();
    let config = TraceConfig::new()
        .with_request_fields(&["shop.locale", "shop.agent"], |span, head| {
            span.record("shop.locale", &head.uri.path()[1..]);
            if head.headers.contains_key("x-panic") {
                panic!("as it was told");
            }
            span.record("shop.agent", "set");
        })
        .with_response_fields(&["shop.cache"], |span, head| {
            span.record("shop.cache", head.headers["x-cache"].to_str().unwrap());
        });
    let app = Router::new()
        .route("/{locale}", route(async || ([("x-cache", "hit")], "")))
        .layer(bench.layer_of(ContextObserver::new(), config, Routes::new()));
    send(&app, get("/de")).await;
    send(&app, get_with("/fr", &[("x-panic", "yes")])).await;
    let spans = bench.requests();
    assert_eq!((spans[0].get("shop.locale"), spans[0].get("shop.agent")), ("de", "set"));
    assert_eq!(spans[0].get("shop.cache"), "hit");
    // One that panics costs no request its answer.
    assert_eq!((spans[1].get("shop.locale"), spans[1].get("shop.cache")), ("fr", "hit"));
    assert!(!spans[1].has("shop.agent"));
}

/// PEERS 14: who sets another parent must do so before the span is entered.
#[tokio::test]
async fn fields_are_added_before_the_span_is_entered() {
    let bench = Bench::new();
    let config = TraceConfig::new().with_request_fields(&["early"], |span, _| {
        span.record("early", true);
    });
    let app = Router::new().route("/", route(async || ())).layer(bench.layer(config));
    send(&app, get("/")).await;
    assert_eq!(bench.only().life[..3], ["new", "record", "enter"]);
}

#[tokio::test]
async fn spans_below_are_below() {
    let bench = Bench::new();
    let work = async || {
        let _work = tracing::info_span!("work").entered();
    };
    let app = Router::new().route("/", route(work)).layer(bench.layer(TraceConfig::new()));
    send(&app, get("/")).await;
    let spans = bench.spans();
    let below = spans.iter().find(|span| span.name == "work").unwrap();
    assert_eq!(below.parent, Some(bench.only().id));
    let (own, below) = (bench.only().mark.unwrap(), below.mark.unwrap());
    assert_eq!((below.trace_id, below.parent), (own.trace_id, Some(own.span_id)));
}
