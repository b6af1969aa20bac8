//! Every protocol, compressed or not.

use tower_watch::telemetry::otlp::{Compression, OtlpConfig, Protocol};

use crate::receiver::{Receiver, attribute};
use crate::service::Service;

#[tokio::test]
async fn every_protocol_carries_the_same_spans() {
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
        for compression in [Compression::None, Compression::Gzip] {
            let receiver = Receiver::start([]).await;
            let config = OtlpConfig::new(receiver.url())
                .protocol(protocol)
                .compression(compression)
                .header("x-api-key", "k1");
            let service = Service::simple(config);
            service.get("/").await;
            assert!(service.flush().await, "{protocol:?} {compression:?}");
            let span = receiver.span("GET /");
            assert_eq!(attribute(&span, "http.response.status_code").as_deref(), Some("200"), "{span:?}");
            assert_eq!((span.trace_id.len(), span.span_id.len(), span.parent_span_id.len()), (16, 8, 0));
            assert!(span.end_time_unix_nano > span.start_time_unix_nano);
            let export = &receiver.exports()[0];
            assert_eq!(export.headers["x-api-key"], "k1");
            let encoding = match protocol {
                Protocol::Grpc => "grpc-encoding",
                _ => "content-encoding",
            };
            assert_eq!(export.headers.contains_key(encoding), compression == Compression::Gzip);
            let resource = export.request.resource_spans[0].resource.as_ref().unwrap();
            let names: Vec<&str> = resource.attributes.iter().map(|attribute| &*attribute.key).collect();
            assert!(names.contains(&"service.name"), "{names:?}");
        }
    }
}

#[tokio::test]
async fn several_destinations_get_the_same_and_one_that_is_away_holds_up_no_other() {
    let (first, second) = (Receiver::start([]).await, Receiver::start([]).await);
    let only_traces = |url: String| OtlpConfig::new(url);
    let builder = tower_watch::telemetry::TelemetryBuilder::new()
        .otlp(only_traces(first.url()))
        .otlp(only_traces(second.url()).protocol(Protocol::HttpJson))
        .otlp(only_traces("http://127.0.0.1:9".to_owned()));
    let router = axum::Router::new().route("/", axum::routing::get(async || {}));
    let service = Service::start(builder, tower_watch::Ratio::ALL, router);
    service.get("/").await;
    assert!(!service.telemetry.flush(std::time::Duration::from_secs(3)).await, "one is away");
    assert_eq!(first.span("GET /"), second.span("GET /"));
}
