//! A watch where somebody else's recorder is the process's. One test: a process has one global recorder.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use tower::ServiceExt;
use tower_watch::Watch;
use tower_watch::registers::{InstallError, Registers};

async fn observe(watch: &Watch) {
    let handler = async || metrics::counter!("orders_total").increment(1);
    let app = Router::new().route("/", get(handler)).layer(watch.layer());
    assert!(app.oneshot(Request::new(Body::empty())).await.unwrap().status().is_success());
    let numbers = watch.snapshot();
    assert_eq!(numbers.counter("http_requests_total", &[]), 1);
    assert_eq!(numbers.counter("orders_total", &[]), 1);
}

#[tokio::test]
async fn a_foreign_recorder_is_an_error_with_two_mends() {
    let before = Watch::builder("before").local().start().unwrap();
    observe(&before).await;
    // A local watch left the place free, and so did one that could not start.
    assert!(Watch::builder("").start().is_err());
    assert!(metrics::set_global_recorder(metrics::NoopRecorder).is_ok());

    for _ in 0..2 {
        let error = Watch::builder("shop").start().unwrap_err();
        assert_eq!(
            error.to_string(),
            "tower-watch cannot start\n  start: another global metrics recorder is installed in this process; \
             start the watch before it and hand the recorder to .branch(recorder), or call .local() so that the \
             watch records only what its layers observe"
        );
        assert_eq!(error.problems()[0].field(), "start");
    }

    let registers = Registers::new();
    assert_eq!(registers.install_global(), Err(InstallError::Foreign));
    let message = InstallError::Foreign.to_string();
    assert!(message.contains("with_local_recorder") && message.contains("branch("), "{message}");

    // The one mend: local. It records what its layers observe, handlers included.
    observe(&Watch::builder("shop").local().start().unwrap()).await;
    // The other, as far as it can be had in here: what goes in goes to the other recorder too.
    let other = Registers::new();
    let branched = Watch::builder("shop").branch(other.clone()).local().start().unwrap();
    observe(&branched).await;
    assert_eq!(other.snapshot().counter("http_requests_total", &[("endpoint", "/")]), 1);
    assert_eq!(other.snapshot().counter("orders_total", &[]), 1);
}
