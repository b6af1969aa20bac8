//! What a sampled request costs beyond one that is not.

use std::pin::pin;
use std::task::{Context, Waker};

use axum::body::Body;
use axum::http::Request;
use axum::{Router, routing::get};
use tower_watch::Ratio;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::otlp::OtlpConfig;

use crate::receiver::Receiver;
use crate::service::Service;

async fn allocations(sampled: Ratio) -> u64 {
    let receiver = Receiver::start([]).await;
    let config = OtlpConfig::new(receiver.url());
    let router = Router::new().route("/users/{id}", get(async || {}));
    let service = Service::start(TelemetryBuilder::new().otlp(config), sampled, router);
    for _ in 0..20 {
        service.get("/users/7").await;
    }
    let mut least = u64::MAX;
    for _ in 0..20 {
        let request = Request::get("/users/7").body(Body::empty()).unwrap();
        let mut future = pin!(service.send(request));
        let mut context = Context::from_waker(Waker::noop());
        let info = allocation_counter::measure(|| {
            assert!(future.as_mut().poll(&mut context).is_ready());
        });
        least = least.min(info.count_total);
    }
    least
}

/// The span and its mark, one for each text among the attributes, two for its name; three for tracing-opentelemetry's span, and
/// those of its lists that grow.
const SAMPLED: u64 = 24;

#[tokio::test]
async fn a_sampled_request_costs_its_texts_and_little_more() {
    let (unsampled, sampled) = (allocations(Ratio::NONE).await, allocations(Ratio::ALL).await);
    assert!(sampled - unsampled <= SAMPLED, "{unsampled} unsampled, {sampled} sampled");
    assert!(sampled > unsampled, "{unsampled} unsampled, {sampled} sampled");
}
