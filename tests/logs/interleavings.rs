//! Whose line it is, whatever runs beside it: no line carries another request's ids.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::routing::get;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tokio::task::{JoinSet, yield_now};
use tower_watch::layers::spans::{self, SpanLayer};
use tower_watch::telemetry::logs::JsonLayer;
use tower_watch::{ContextExt, RequestContext, RouterExt, TenantPolicy, Watch};
use tracing::{Instrument, info, info_span};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use crate::child;
use crate::support::{Kept, ask};

/// What a handler does, step by step.
#[derive(Clone, Copy, Debug)]
enum Step {
    Log,
    Yield,
    LogInSpan,
    LogAfterAwaitInSpan,
    SpawnWithContext,
    SpawnWithSpan,
    SpawnWithBoth,
    SpawnInSpan,
    LogInNoSpan,
}

fn step() -> impl Strategy<Value = Step> {
    prop::sample::select(vec![
        Step::Log,
        Step::Yield,
        Step::LogInSpan,
        Step::LogAfterAwaitInSpan,
        Step::SpawnWithContext,
        Step::SpawnWithSpan,
        Step::SpawnWithBoth,
        Step::SpawnInSpan,
        Step::LogInNoSpan,
    ])
}

/// A line that says in its fields whose it is, and in which trace it is, as far as the code around it knows.
fn log(who: usize, place: &'static str) {
    let span = spans::current().map(|context| context.span_id.to_string());
    info!(who, place, expected_span = span);
}

async fn act(who: usize, step: Step) {
    match step {
        Step::Log => log(who, "handler"),
        Step::Yield => yield_now().await,
        Step::LogInSpan => info_span!("inside").in_scope(|| log(who, "span")),
        Step::LogAfterAwaitInSpan => {
            let work = async {
                yield_now().await;
                log(who, "awaited");
            };
            work.instrument(info_span!("awaited")).await;
        }
        Step::SpawnWithContext => drop(tokio::spawn(late(who, "context").in_context())),
        Step::SpawnWithSpan => drop(tokio::spawn(late(who, "only span").in_current_span())),
        Step::SpawnWithBoth => drop(tokio::spawn(late(who, "both").in_current_span().in_context())),
        Step::SpawnInSpan => drop(tokio::spawn(late(who, "child span").instrument(info_span!("child")))),
        Step::LogInNoSpan => {
            tracing::Span::none().in_scope(|| log(who, "no span"));
        }
    }
}

async fn late(who: usize, place: &'static str) {
    yield_now().await;
    log(who, place);
    yield_now().await;
    log(who, place);
}

#[test]
fn no_line_carries_the_ids_of_another_request() {
    child::run("interleavings::no_line_carries_the_ids_of_another_request", || {
        let kept = Kept::default();
        // One place hides the spans of the request, as RUST_LOG may.
        let hiding = Targets::new()
            .with_target("logs", LevelFilter::INFO)
            .with_target("tower_watch::access", LevelFilter::INFO);
        let hidden = Kept::default();
        let subscriber = tracing_subscriber::registry()
            .with(SpanLayer::new())
            .with(JsonLayer::new(kept.clone()))
            .with(JsonLayer::new(hidden.clone()).with_filter(hiding));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        let requests = prop::collection::vec(prop::collection::vec(step(), 1..12), 2..8);
        let mut runner =
            TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
        runner
            .run(&requests, |requests| {
                kept.clear();
                hidden.clear();
                runtime.block_on(serve(&requests));
                check(&kept, &requests);
                check(&hidden, &requests);
                Ok(())
            })
            .unwrap();
    });
}

/// Sends all requests at once.
async fn serve(requests: &[Vec<Step>]) {
    let watch = Watch::builder("orders").local().tenant(TenantPolicy::default()).start().unwrap();
    let steps: Arc<[Vec<Step>]> = requests.into();
    let handler = move |Path(who): Path<usize>| {
        let steps = Arc::clone(&steps);
        async move {
            let context = RequestContext::current().unwrap();
            context.set_user(&format!("user-{who}")).unwrap();
            for step in &steps[who] {
                act(who, *step).await;
            }
        }
    };
    let app = Router::new().route("/{who}", get(handler)).watched(&watch);
    let mut sent = JoinSet::new();
    for who in 0..requests.len() {
        let app = app.clone();
        sent.spawn(async move {
            let request = Request::get(format!("/{who}"))
                .header("x-request-id", format!("request-{who}"))
                .header("x-tenant-id", format!("tenant-{who}"));
            ask(&app, request.body(Body::empty()).unwrap()).await;
        });
    }
    sent.join_all().await;
    // What was spawned has two steps to go.
    for _ in 0..100 {
        yield_now().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
}

fn check(kept: &Kept, requests: &[Vec<Step>]) {
    let lines = kept.lines();
    let access: HashMap<String, Value> = lines
        .iter()
        .filter(|line| line["target"] == "tower_watch::access")
        .map(|line| (line["request_id"].as_str().unwrap().to_owned(), line.clone()))
        .collect();
    assert_eq!(access.len(), requests.len(), "{lines:#?}");
    for line in lines.iter().filter(|line| line["target"] == "logs::interleavings") {
        let who = line["who"].as_u64().unwrap();
        assert_eq!(line["request_id"], format!("request-{who}"), "{line:#}");
        assert_eq!(line["tenant"], format!("tenant-{who}"), "{line:#}");
        assert_eq!(line["user_id"], format!("user-{who}"), "{line:#}");
        let access = &access[&format!("request-{who}")];
        assert_eq!(line["trace_id"], access["trace_id"], "{line:#}");
        assert_eq!(line["span_id"], line["expected_span"], "{line:#}");
        let is_in_exchange =
            ["handler", "context", "only span", "both"].contains(&line["place"].as_str().unwrap());
        assert_eq!(
            line["span_id"] == access["span_id"],
            is_in_exchange || line["place"] == "no span",
            "{line:#}"
        );
    }
}
