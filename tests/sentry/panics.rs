//! A panic is one issue, whoever sees it.

use axum::Router;
use axum::routing::get as route;
use http::StatusCode;
use tower_watch::outgoing::HttpClient;
use tower_watch::telemetry::sentry::SentrySettings;

use crate::ingest::{Ingest, Reporting, get, settings};

/// The issues of one panic: the hook sees those of all tests of this process.
fn issues(ingest: &Ingest, message: &str) -> Vec<serde_json::Value> {
    let mut issues = ingest.items("event");
    issues.retain(|event| event["exception"]["values"][0]["value"] == message);
    issues
}

async fn fall_over() {
    tracing::info!("before");
    panic!("the handler fell over")
}

fn caught(path: &str, handler: axum::routing::MethodRouter) -> Router {
    let layer = tower_http::catch_panic::CatchPanicLayer::custom(tower_watch::AnswerPanic::new());
    Router::new().route(path, handler.layer::<_, std::convert::Infallible>(layer))
}

#[tokio::test]
async fn a_panic_is_reported_once_though_hook_and_handler_see_it() {
    let ingest = Ingest::start().await;
    let client = HttpClient::builder().without_proxy().build().unwrap();
    let reporting = Reporting::start(SentrySettings::new().with_dsn(ingest.dsn()).with_client(client));

    assert_eq!(
        reporting.ask(caught("/panic/{id}", route(fall_over)), get("/panic/7")).await,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let join = tokio::spawn(async { panic!("a task fell over") }).await;
    assert!(join.is_err());
    assert!(reporting.flushed().await);

    let issues_of_handler = issues(&ingest, "the handler fell over");
    assert_eq!(issues_of_handler.len(), 1, "{issues_of_handler:#?}");
    let event = &issues_of_handler[0];
    let exception = &event["exception"]["values"][0];
    assert_eq!((event["level"].as_str(), exception["type"].as_str()), (Some("fatal"), Some("panic")));
    assert_eq!(exception["mechanism"]["handled"], false);
    let frame = &exception["stacktrace"]["frames"][0];
    assert!(frame["filename"].as_str().unwrap().ends_with("panics.rs"), "{frame}");
    assert_eq!(event["transaction"], "GET /panic/{id}");
    assert_eq!(event["tags"]["request_id"], "request-1");
    assert_eq!(event["breadcrumbs"]["values"][0]["message"], "before");
    let trace = &ingest.items("transaction")[0]["contexts"]["trace"]["trace_id"];
    assert_eq!(&event["contexts"]["trace"]["trace_id"], trace);

    assert_eq!(issues(&ingest, "a task fell over").len(), 1);
}

#[tokio::test]
async fn a_panic_that_only_its_handler_saw_is_reported_by_what_that_logs() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::error!(panic = "logged by somebody", "a handler panicked");
    assert!(reporting.flushed().await);
    let issues = issues(&ingest, "logged by somebody");
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0]["exception"]["values"][0]["mechanism"]["handled"], true);
}

/// A panic while the exchange's own lock is held: whoever asked the exchange for its tenant then would wait for ever.
#[tokio::test]
async fn a_panic_inside_of_a_lock_does_not_hang() {
    let ingest = Ingest::start().await;
    let client = HttpClient::builder().without_proxy().build().unwrap();
    let reporting = Reporting::start(SentrySettings::new().with_dsn(ingest.dsn()).with_client(client));
    let panic = route(async || {
        let context = tower_watch::RequestContext::current().unwrap();
        context.set_tenant("late").unwrap();
        context.override_policy(|_| panic!("inside of a lock"));
    });
    let app = caught("/", panic);
    assert_eq!(reporting.ask(app, get("/")).await, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reporting.flushed().await);
    let issues = issues(&ingest, "inside of a lock");
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0]["tags"]["tenant"], "late");
}
