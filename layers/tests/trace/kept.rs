//! What is decided at the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get as route;
use http::{Request, Response, StatusCode};
use tower::{Layer, service_fn};
use tower_watch_layers::context::{ContextObserver, RequestContext};
use tower_watch_layers::observe::Outcome;
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::recording::FieldValue;
use tower_watch_layers::route::Routes;
use tower_watch_layers::trace::{KeepTraces, KeptTrace, Sampling, TraceConfig};
use tower_watch_layers::w3c::TraceContext;

use crate::harness::{Bench, SAMPLED, Script, Step, get, get_with, send};

/// One that was kept.
#[derive(Clone, Debug)]
struct Kept {
    context: TraceContext,
    name: String,
    attributes: Vec<(&'static str, FieldValue)>,
    outcome: Outcome,
    is_error: bool,
    started: u64,
    duration: Duration,
}

impl Kept {
    #[track_caller]
    fn get(&self, name: &str) -> String {
        match self.attributes.iter().find(|(known, _)| *known == name) {
            Some((_, FieldValue::Text(text))) => text.clone().into_owned(),
            Some((_, FieldValue::U64(number))) => number.to_string(),
            other => panic!("no {name}: {other:?} in {:?}", self.attributes),
        }
    }
}

#[derive(Debug, Default)]
struct Keep {
    off: AtomicBool,
    kept: Mutex<Vec<Kept>>,
}

impl Keep {
    fn all(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }
}

impl KeepTraces for Keep {
    fn wants(&self) -> bool {
        !self.off.load(Ordering::Relaxed)
    }

    fn keep(&self, trace: KeptTrace<'_>) {
        self.kept.lock().unwrap().push(Kept {
            context: trace.context,
            name: trace.name(),
            attributes: trace.attributes(),
            outcome: trace.end.outcome,
            is_error: trace.is_error(),
            started: trace.started_unix_millis,
            duration: trace.duration,
        });
    }
}

fn unsampled(config: TraceConfig, keep: &Arc<Keep>) -> TraceConfig {
    let keep: Arc<dyn KeepTraces> = Arc::<Keep>::clone(keep);
    config.with_sampling(Sampling::parent_based(Ratio::NONE)).with_keep(keep)
}

#[tokio::test]
async fn errors_and_slow_ones_are_kept_and_others_are_not() {
    let (bench, keep) = (Bench::new(), Arc::new(Keep::default()));
    let hand = bench.hand.clone();
    let wait = async move |Path(millis): Path<u64>| hand.advance(Duration::from_millis(millis));
    let app = Router::new()
        .route("/wait/{millis}", route(wait.clone()))
        .route("/patient/{millis}", route(wait))
        .route("/fail", route(async || StatusCode::BAD_GATEWAY))
        .route("/missing", route(async || StatusCode::NOT_FOUND))
        .layer(bench.layer_of(
            ContextObserver::new(),
            unsampled(TraceConfig::new(), &keep),
            Routes::new().with_policy(
                "/patient/{millis}".parse().unwrap(),
                RoutePolicy::new().slow(Duration::from_secs(9)),
            ),
        ));
    for path in ["/wait/0", "/wait/999", "/patient/8999", "/missing"] {
        send(&app, get(path)).await;
        assert_eq!(keep.all().len(), 0, "{path}");
    }
    for path in ["/wait/1000", "/patient/9000", "/fail"] {
        send(&app, get(path)).await;
        assert_eq!(keep.all().pop().unwrap().name.split_once('/').unwrap().1[..4], path[1..5]);
    }
    let names: Vec<_> = keep.all().into_iter().map(|kept| (kept.name, kept.is_error)).collect();
    let expected = [("GET /wait/{millis}", false), ("GET /patient/{millis}", false), ("GET /fail", true)];
    assert_eq!(names, expected.map(|(name, is_error)| (name.to_owned(), is_error)));

    // What is sampled goes its own way; what is not wanted is not offered.
    send(&app, get_with("/fail", &[("traceparent", SAMPLED)])).await;
    keep.off.store(true, Ordering::Relaxed);
    send(&app, get("/fail")).await;
    assert_eq!(keep.all().len(), 3);
}

#[tokio::test]
async fn a_kept_trace_says_what_a_sampled_one_would() {
    let keep = Arc::new(Keep::default());
    let shown = |config: TraceConfig| {
        config.with_request_headers(["accept"]).unwrap().with_response_headers(["x-answer"]).unwrap()
    };
    let fail = async |context: RequestContext| {
        context.set_user("ada").unwrap();
        (StatusCode::BAD_GATEWAY, [("x-answer", "42")], "no")
    };
    let request = || {
        let headers =
            [("user-agent", "curl"), ("host", "example.com:81"), ("accept", "*/*"), ("x-request-id", "r1")];
        get_with("/orders/7?token=s3cr3t", &headers)
    };
    let sampled = Bench::new();
    let app = Router::new()
        .route("/orders/{id}", route(fail))
        .layer(sampled.layer(shown(TraceConfig::development())));
    send(&app, request()).await;
    let span = sampled.only();

    let bench = Bench::new();
    let config = unsampled(shown(TraceConfig::development()), &keep).with_unsampled_spans(true);
    let app = Router::new().route("/orders/{id}", route(fail)).layer(bench.layer(config));
    let started = bench.clock.wall();
    send(&app, request()).await;
    let [kept] = &keep.all()[..] else { panic!() };
    for (name, value) in span.fields.iter().filter(|(name, _)| !name.starts_with("otel.")) {
        assert_eq!(kept.get(name), *value, "{name}");
    }
    assert_eq!(kept.attributes.len(), span.fields.keys().filter(|name| !name.starts_with("otel.")).count());
    assert_eq!(kept.name, span.get("otel.name"));
    assert_eq!(kept.get("url.query"), "token=[redacted]");
    assert_eq!(kept.get("http.response.header.x-answer"), "42");
    let millis = started.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    assert_eq!(u128::from(kept.started), millis);
    // The span of the subscriber has the same ids, and hears of the error too.
    assert_eq!(bench.only().mark, Some(kept.context));
    assert_eq!(bench.only().get("error.type"), "502");
}

#[tokio::test]
async fn a_stream_is_slow_by_its_head_only() {
    let (bench, keep) = (Bench::new(), Arc::new(Keep::default()));
    let hand = bench.hand.clone();
    let service = service_fn(move |request: Request<Body>| {
        if request.uri().path() == "/late" {
            hand.advance(Duration::from_secs(2));
        }
        let body = Script::new(&hand, [Step::Data("data"), Step::Wait(Duration::from_secs(3_600))]);
        let response = Response::builder().header("content-type", "text/event-stream").body(body).unwrap();
        std::future::ready(Ok::<_, std::convert::Infallible>(response))
    });
    let app = bench.layer(unsampled(TraceConfig::new(), &keep)).layer(service);
    send(&app, get("/early")).await;
    assert_eq!(keep.all().len(), 0);
    send(&app, get("/late")).await;
    assert_eq!(keep.all().len(), 1);
    assert_eq!(keep.all()[0].duration, Duration::from_secs(3_602));
}

#[tokio::test]
async fn a_panic_is_kept_whole() {
    let (bench, keep) = (Bench::new(), Arc::new(Keep::default()));
    let app = Router::new()
        .route("/", route(async || -> () { panic!("as it was told") }))
        .layer(bench.layer(unsampled(TraceConfig::new(), &keep)))
        .layer(tower_http::catch_panic::CatchPanicLayer::new());
    send(&app, get("/")).await;
    let [kept] = &keep.all()[..] else { panic!() };
    assert_eq!((kept.outcome, kept.get("error.type").as_str()), (Outcome::Panicked, "panic"));
}
