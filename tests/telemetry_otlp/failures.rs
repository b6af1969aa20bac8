//! A collector that is away, busy, refuses, takes a part, or hangs.

use std::time::{Duration, Instant};

use tower_watch::telemetry::otlp::{OtlpConfig, Protocol};

use crate::receiver::{Receiver, Reply};
use crate::service::Service;

const EXPORTED: &str = "tower_watch_telemetry_exported_total";
const DROPPED: &str = "tower_watch_telemetry_dropped_total";

fn only_traces(url: impl Into<String>) -> OtlpConfig {
    OtlpConfig::new(url)
}

#[tokio::test]
async fn what_fails_first_arrives_later() {
    let cases = [
        (Protocol::HttpProtobuf, Reply::Status(503, None)),
        (Protocol::HttpJson, Reply::Status(502, None)),
        (Protocol::Grpc, Reply::Grpc(14)),
    ];
    for (protocol, reply) in cases {
        let receiver = Receiver::start([reply]).await;
        let service = Service::simple(only_traces(receiver.url()).protocol(protocol));
        service.get("/").await;
        assert!(service.flush().await, "{protocol:?}");
        assert_eq!(receiver.spans().len(), 1);
        assert_eq!(service.count(EXPORTED, &[("signal", "traces")]), 1);
        assert_eq!(service.count(DROPPED, &[("signal", "traces")]), 0);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the collector's clock is the real one")]
async fn retry_after_is_waited_for() {
    let receiver = Receiver::start([Reply::Status(429, Some(2))]).await;
    let service = Service::simple(only_traces(receiver.url()));
    service.get("/").await;
    let begin = Instant::now();
    assert!(service.flush().await);
    assert!(begin.elapsed() >= Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn what_is_refused_is_counted_and_not_sent_again() {
    for (protocol, reply) in
        [(Protocol::HttpProtobuf, Reply::Status(400, None)), (Protocol::Grpc, Reply::Grpc(3))]
    {
        let receiver = Receiver::start([reply]).await;
        let service = Service::simple(only_traces(receiver.url()).protocol(protocol));
        service.get("/").await;
        assert!(!service.flush().await);
        assert_eq!(service.count(DROPPED, &[("signal", "traces"), ("reason", "refused")]), 1);
        assert!(receiver.spans().is_empty());
    }
}

#[tokio::test]
async fn of_a_partial_success_the_rest_is_counted() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
        let receiver = Receiver::start([Reply::Partial(2)]).await;
        let service = Service::simple(only_traces(receiver.url()).protocol(protocol));
        for _ in 0..5 {
            service.get("/").await;
        }
        assert!(!service.flush().await, "{protocol:?}");
        assert_eq!(service.count(DROPPED, &[("signal", "traces"), ("reason", "rejected")]), 2);
        assert_eq!(service.count(EXPORTED, &[("signal", "traces")]), 3);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the collector's clock is the real one")]
async fn one_that_is_away_or_hangs_is_nobodys_matter_but_the_workers() {
    let hangs = Receiver::start([Reply::Hang, Reply::Hang]).await;
    for url in ["http://127.0.0.1:9".to_owned(), hangs.url()] {
        let service = Service::simple(only_traces(url));
        let begin = Instant::now();
        for _ in 0..5_000 {
            service.get("/").await;
        }
        assert!(!service.telemetry.shutdown(Duration::from_millis(200)).await);
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        let lost = |reason| service.count(DROPPED, &[("signal", "traces"), ("reason", reason)]);
        let (full, over) = (lost("queue_full"), lost("shutdown"));
        assert_eq!(full + over, 5_000, "{full} found no place, {over} were still there");
        // The queue, one batch in the way to the destination, two that wait there, and one under way.
        assert!(full >= 5_000 - 2_048 - 4 * 512, "{full}");
        service.get("/").await;
    }
}
