//! The ids of an exchange, with and without a span.

use axum::Router;
use axum::body::Body;
use axum::routing::get as route;
use http::Request;
use tower::{Layer, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext};
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::route::Routes;
use tower_watch_layers::spans::SpanLayer;
use tower_watch_layers::trace::{Sampling, TraceConfig, TraceObserver};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};

use crate::harness::{Bench, SAMPLED, get, get_with, send};

/// The handler's trace id, and whether it is sampled.
async fn tell(context: RequestContext) -> String {
    format!("{} {}", context.trace_id().unwrap(), context.is_sampled())
}

#[tokio::test]
async fn the_span_has_the_ids_of_the_exchange() {
    let bench = Bench::new();
    let app = Router::new().route("/", route(tell)).layer(bench.layer(TraceConfig::new()));
    let answer = send(&app, get("/")).await;
    let mark = bench.only().mark.unwrap();
    assert_eq!(answer.body, format!("{} true", mark.trace_id));
}

/// PEERS 16: at a level that leaves the span out, the ids are still there.
#[tokio::test]
async fn ids_need_no_span_and_no_subscriber() {
    let config = || TraceConfig::new().with_id_header("x-trace-id".parse().unwrap());
    let benches = [
        Bench::with(|keep| {
            let registry = tracing_subscriber::registry().with(SpanLayer::new());
            tracing::subscriber::set_default(registry.with(keep).with(LevelFilter::WARN))
        }),
        Bench::with(|keep| {
            let registry = tracing_subscriber::registry().with(SpanLayer::new());
            tracing::subscriber::set_default(registry.with(keep.with_filter(LevelFilter::ERROR)))
        }),
        Bench::with(|_| tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new())),
    ];
    for bench in &benches {
        let app = Router::new().route("/", route(tell)).layer(bench.layer(config()));
        let answer = send(&app, get_with("/", &[("traceparent", SAMPLED)])).await;
        assert_eq!(answer.body, "0af7651916cd43dd8448eb211c80319c true");
        assert_eq!(answer.headers["x-trace-id"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(bench.requests().len(), 0);
    }
}

/// Without a span of its own an exchange is still whose its spans are: they are children of it, and not sampled either.
#[tokio::test]
async fn an_unsampled_exchange_has_its_spans_without_one_of_its_own() {
    let bench = Bench::new();
    let work = async |context: RequestContext| {
        let child = tracing::info_span!("work");
        let found = child.in_scope(tower_watch_layers::spans::current).unwrap();
        let slot = child.in_scope(tower_watch_layers::spans::current_slot).unwrap();
        assert_eq!(Some(found.trace_id), context.trace_id());
        assert_eq!(found.parent, context.span_id());
        assert!(!found.sampled);
        assert!(std::ptr::eq(&*slot, context.slot()));
        "done"
    };
    let config = TraceConfig::new().with_sampling(Sampling::parent_based(Ratio::NONE));
    let app = Router::new().route("/", route(work)).layer(bench.layer(config));
    assert_eq!(send(&app, get("/")).await.body, "done");
    assert_eq!(bench.requests().len(), 0);
}

#[tokio::test]
async fn the_id_can_be_sent_back() {
    let bench = Bench::new();
    let name = "traceresponse".parse().unwrap();
    let app =
        Router::new().route("/", route(tell)).layer(bench.layer(TraceConfig::new().with_id_header(name)));
    let answer = send(&app, get("/")).await;
    let mark = bench.only().mark.unwrap();
    let expected = format!("00-{}-{}-03", mark.trace_id, mark.span_id);
    assert_eq!(answer.headers["traceresponse"].to_str().unwrap(), expected);

    // Nothing is sent by default, and what the service says stays.
    let bench = Bench::new();
    let own = async || ([("x-trace-id", "own")], "");
    let app = Router::new().route("/", route(own)).layer(bench.layer(TraceConfig::new()));
    assert_eq!(send(&app, get("/")).await.headers["x-trace-id"], "own");
    let config = TraceConfig::new().with_id_header("x-trace-id".parse().unwrap());
    let app = Router::new().route("/", route(own)).layer(bench.layer(config));
    assert_eq!(send(&app, get("/")).await.headers["x-trace-id"], "own");
}

#[tokio::test]
async fn what_is_off_or_excluded_has_no_span() {
    let bench = Bench::new();
    let routes = Routes::new()
        .with_policy("/health".parse().unwrap(), RoutePolicy::new().off())
        .with_excluded("/favicon.ico".parse().unwrap());
    let told = async |context: Option<RequestContext>| match context {
        Some(context) => tell(context).await,
        None => "not observed".to_owned(),
    };
    let app = Router::new()
        .route("/health", route(told))
        .route("/favicon.ico", route(told))
        .layer(bench.layer_of(ContextObserver::new(), TraceConfig::new(), routes));
    let sampled = |path| get_with(path, &[("traceparent", SAMPLED)]);
    // The trace goes on, so that what is called from here is part of it; nothing of it is exported from here.
    assert_eq!(send(&app, sampled("/health")).await.body, "0af7651916cd43dd8448eb211c80319c false");
    assert_eq!(send(&app, sampled("/favicon.ico")).await.body, "not observed");
    assert_eq!(bench.requests().len(), 0);
}

#[tokio::test]
async fn what_an_observer_before_it_settled_stays() {
    use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Start};
    use tower_watch_layers::w3c::TraceContext;

    #[derive(Clone)]
    struct Settle(TraceContext);
    struct Settled;
    impl Observer for Settle {
        type Exchange = Settled;
        fn begin(&self, start: &mut Start<'_>) -> Option<Settled> {
            start.set_trace(self.0);
            Some(Settled)
        }
    }
    impl Exchange for Settled {
        fn end(self, _: &End<'_>) {}
    }

    let bench = Bench::new();
    let context = TraceContext::root(true);
    let observers = (Settle(context), TraceObserver::new(TraceConfig::new()));
    let service = service_fn(async |_: Request<Body>| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::empty()))
    });
    let app = ObserveLayer::with_settings(observers, bench.settings(Routes::new())).layer(service);
    send(&app, get("/")).await;
    assert_eq!(bench.only().mark, Some(context));
}
