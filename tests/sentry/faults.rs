//! Sentry limits, refuses, hangs or is away: the requests do not notice.

use std::time::{Duration, Instant};

use http::StatusCode;
use tokio::net::TcpListener;

use tower_watch::registers::Format;

use crate::ingest::{Answer, Ingest, LONG, Reporting, first_watch, settings};

async fn error(reporting: &Reporting, message: &str) -> bool {
    tracing::error!("{message}");
    reporting.flushed().await
}

fn messages(ingest: &Ingest) -> Vec<String> {
    ingest.items("event").iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_limit_is_kept_until_it_is_over() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    let headers = vec![("x-sentry-rate-limits", "3600:transaction:key, 1:error;default:organization")];
    ingest.answer(Answer { status: StatusCode::OK, headers, hangs: false });
    assert!(error(&reporting, "taken").await);
    ingest.answer(Answer { status: StatusCode::OK, headers: Vec::new(), hangs: false });
    error(&reporting, "limited").await;
    assert_eq!(messages(&ingest), ["taken"]);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(error(&reporting, "taken again").await);
    assert_eq!(messages(&ingest), ["taken", "taken again"]);
}

#[tokio::test]
async fn a_limit_on_something_else_limits_nothing_here() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    let headers = vec![("x-sentry-rate-limits", "3600:replay;transaction:key")];
    ingest.answer(Answer { status: StatusCode::OK, headers, hangs: false });
    assert!(error(&reporting, "one").await);
    assert!(error(&reporting, "two").await);
}

#[tokio::test]
async fn a_429_stops_everything_for_as_long_as_it_says() {
    for headers in [
        vec![("retry-after", "3600")],
        vec![("retry-after", "nonsense")],
        vec![("x-sentry-rate-limits", "60::key")],
        vec![],
    ] {
        let ingest = Ingest::start().await;
        let reporting = Reporting::start(settings(&ingest.dsn()));
        ingest.answer(Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, hangs: false });
        error(&reporting, "refused").await;
        ingest.answer(Answer { status: StatusCode::OK, headers: Vec::new(), hangs: false });
        error(&reporting, "not asked").await;
        assert_eq!(messages(&ingest), ["refused"]);
    }
}

#[tokio::test]
async fn what_is_refused_is_dropped_and_the_next_is_tried() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    for status in [StatusCode::BAD_REQUEST, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND] {
        ingest.answer(Answer { status, headers: Vec::new(), hangs: false });
        error(&reporting, "refused").await;
    }
    ingest.answer(Answer { status: StatusCode::OK, headers: Vec::new(), hangs: false });
    assert!(error(&reporting, "taken").await);
    assert_eq!(messages(&ingest).len(), 4);
}

#[tokio::test]
async fn nobody_there_is_a_loss_and_no_more() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let reporting = Reporting::start(settings(&format!("http://public@{free}/1")));
    let lost = || {
        let metrics = first_watch().registers().render(Format::Text);
        let is_ours = |line: &&str| {
            line.starts_with("tower_watch_telemetry_dropped_total{")
                && [r#"signal="sentry""#, r#"reason="unreachable""#].iter().all(|label| line.contains(label))
        };
        let count = metrics.lines().find(is_ours).and_then(|line| line.rsplit_once(' '));
        count.map_or(0, |(_, count)| count.parse::<u32>().unwrap())
    };
    let before = lost();
    error(&reporting, "lost").await;
    assert_eq!(lost(), before + 1);
}

/// The endpoint takes the first and never answers; what does not fit behind it is dropped, and no request waits.
#[tokio::test]
async fn an_endpoint_that_hangs_holds_nobody_up() {
    let ingest = Ingest::start().await;
    ingest.answer(Answer { status: StatusCode::OK, headers: Vec::new(), hangs: true });
    let reporting = Reporting::start(settings(&ingest.dsn()).with_queue(10));
    let started = Instant::now();
    for _ in 0..10_000 {
        tracing::error!("storm");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let started = Instant::now();
    assert!(!reporting.telemetry.flush(Duration::from_millis(50)).await);
    assert!(!reporting.telemetry.shutdown(Duration::from_millis(50)).await);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    assert!(ingest.sent().len() <= 1);
}

#[tokio::test]
async fn a_shutdown_sends_what_is_there_and_takes_nothing_more() {
    let ingest = Ingest::start().await;
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::error!("one");
    tracing::error!("two");
    assert!(reporting.telemetry.shutdown(LONG).await);
    assert_eq!(messages(&ingest), ["one", "two"]);
    tracing::error!("three");
    assert!(reporting.flushed().await, "nothing is left to send");
    assert_eq!(messages(&ingest), ["one", "two"]);
}

/// Whoever shuts down may have no runtime.
#[test]
fn a_flush_needs_no_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let ingest = runtime.block_on(Ingest::start());
    let reporting = Reporting::start(settings(&ingest.dsn()));
    tracing::error!("one");
    let mut flush = std::pin::pin!(reporting.telemetry.flush(LONG));
    let waker = futures_util::task::noop_waker();
    let mut context = std::task::Context::from_waker(&waker);
    let sent = loop {
        match flush.as_mut().poll(&mut context) {
            std::task::Poll::Ready(sent) => break sent,
            std::task::Poll::Pending => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert!(sent);
    assert_eq!(messages(&ingest), ["one"]);
}
