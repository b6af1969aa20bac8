//! The keys of each vendor, by the names that its documentation gives.

use axum::Router;
use axum::http::Request;
use axum::routing::post;
use serde_json::{Value, json};
use tower_watch::layers::clock::Clock;
use tower_watch::telemetry::Identity;
use tower_watch::telemetry::logs::{JsonLayer, Keys};
use tower_watch::{AccessLog, ClientAddress, RequestContext, RouterExt, TenantPolicy, Watch};
use tracing::error;

use crate::support::{Kept, ask, block_on, with_layer};

/// The line of a handler and the line of the request, and the ids that they should have.
fn lines(keys: Keys) -> (Value, Value, RequestContext) {
    let kept = Kept::default();
    let mut identity = Identity::new("orders");
    identity.version = Some("1.2.3".to_owned());
    identity.environment = Some("staging".to_owned());
    let layer =
        JsonLayer::new(kept.clone()).with_keys(keys).with_identity(identity).with_clock(Clock::fake().0);
    let (sender, receiver) = std::sync::mpsc::channel();
    with_layer(layer, || {
        block_on(async {
            let all = AccessLog::new().with_path().with_query().with_user_agent();
            let all = all.with_client_address(ClientAddress::Full);
            let watch = Watch::builder("orders")
                .local()
                .tenant(TenantPolicy::default())
                .access_log(all)
                .start()
                .unwrap();
            let handler = async move |context: RequestContext| {
                context.set_user("ada").unwrap();
                sender.send(context).unwrap();
                let refused = std::io::Error::other("card declined");
                let refused: &(dyn std::error::Error + 'static) = &refused;
                error!(error = refused, amount = 3, "not paid");
                "paid"
            };
            let app = Router::new().route("/orders/{id}", post(handler)).watched(&watch);
            let request = Request::post("/orders/7?page=2&token=x")
                .header("x-request-id", "r-1")
                .header("x-tenant-id", "acme")
                .header("user-agent", "curl/8")
                .extension(tower_watch::PeerAddr("203.0.113.7:4711".parse().unwrap()))
                .body("abc".into());
            ask(&app, request.unwrap()).await;
        });
    });
    let [line, access] = &kept.lines()[..] else { panic!("{:#?}", kept.texts()) };
    (line.clone(), access.clone(), receiver.recv().unwrap())
}

#[track_caller]
fn expect(line: &Value, expected: &Value) {
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(line.get(key), Some(value), "{key} in {line:#}");
    }
}

#[test]
fn plain() {
    let (line, access, context) = lines(Keys::plain());
    let trace = context.trace_id().unwrap().to_string();
    let ids = json!({
        "timestamp": "2026-01-01T00:00:00.000000Z", "service": "orders", "environment": "staging", "request_id": "r-1",
        "tenant": "acme", "user_id": "ada", "trace_id": trace, "span_id": context.span_id().unwrap().to_string(),
    });
    expect(&line, &ids);
    expect(&access, &ids);
    expect(&line, &json!({"level": "ERROR", "target": "logs::keys", "message": "not paid", "amount": 3}));
    expect(&line, &json!({"exception": {"type": "Custom", "message": "card declined", "causes": []}}));
    expect(
        &access,
        &json!({
            "level": "INFO", "target": "tower_watch::access", "method": "POST", "route": "/orders/{id}",
            "path": "/orders/7", "query": "page=2&token=[redacted]", "status": 200, "outcome": "complete",
            "bytes_out": 4, "protocol_version": "1.1", "client_address": "203.0.113.7", "user_agent": "curl/8",
            "message": "request finished",
        }),
    );
    assert!(access["duration_ms"].is_f64() && access["head_ms"].is_f64(), "{access:#}");
}

/// <https://www.elastic.co/docs/reference/ecs/ecs-field-reference>
#[test]
fn ecs() {
    let (line, access, context) = lines(Keys::ecs());
    let ids = json!({
        "@timestamp": "2026-01-01T00:00:00.000000Z", "ecs.version": "8.11.0", "service.name": "orders",
        "service.version": "1.2.3", "service.environment": "staging", "http.request.id": "r-1",
        "organization.id": "acme", "user.id": "ada", "trace.id": context.trace_id().unwrap().to_string(),
        "span.id": context.span_id().unwrap().to_string(),
    });
    expect(&line, &ids);
    expect(&access, &ids);
    expect(&line, &json!({"log.level": "error", "log.logger": "logs::keys", "message": "not paid"}));
    let error = json!({
        "error.type": "Custom", "error.message": "card declined", "error.stack_trace": "card declined",
    });
    expect(&line, &error);
    expect(
        &access,
        &json!({
            "http.request.method": "POST", "http.response.status_code": 200, "http.response.body.bytes": 4,
            "http.version": "1.1", "url.path": "/orders/7", "url.query": "page=2&token=[redacted]",
            "http.request.body.bytes": 0, "client.ip": "203.0.113.7",
            "user_agent.original": "curl/8",
        }),
    );
    assert!(access["event.duration"].is_u64(), "{access:#}");
}

/// <https://cloud.google.com/logging/docs/structured-logging> and
/// <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>
#[test]
fn gcp() {
    let (line, access, context) = lines(Keys::gcp().with_project("shop-1"));
    let trace = format!("projects/shop-1/traces/{}", context.trace_id().unwrap());
    let ids = json!({
        "time": "2026-01-01T00:00:00.000000Z", "serviceContext": {"service": "orders", "version": "1.2.3"},
        "logging.googleapis.com/trace": trace,
        "logging.googleapis.com/spanId": context.span_id().unwrap().to_string(),
    });
    expect(&line, &ids);
    expect(&access, &ids);
    let more = json!({
        "severity": "ERROR", "message": "not paid",
        "logging.googleapis.com/trace_sampled": context.is_sampled(),
    });
    expect(&line, &more);
    expect(&access, &json!({"severity": "INFO", "route": "/orders/{id}"}));
    expect(
        &access["httpRequest"],
        &json!({
            "requestMethod": "POST", "requestUrl": "/orders/7", "status": 200, "responseSize": "4",
            "protocol": "HTTP/1.1", "remoteIp": "203.0.113.7", "userAgent": "curl/8",
        }),
    );
    let latency = access["httpRequest"]["latency"].as_str().unwrap();
    assert!(latency.strip_suffix('s').unwrap().parse::<f64>().is_ok(), "{latency}");
}

/// <https://docs.datadoghq.com/logs/log_configuration/attributes_naming_convention/> and
/// <https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/>
#[test]
fn datadog() {
    let (line, access, context) = lines(Keys::datadog());
    let trace = context.trace_id().unwrap().to_bytes();
    let trace = u64::from_be_bytes(trace[8..].try_into().unwrap());
    let span = u64::from_be_bytes(context.span_id().unwrap().to_bytes());
    let ids = json!({
        "timestamp": "2026-01-01T00:00:00.000000Z", "service": "orders", "version": "1.2.3", "env": "staging",
        "dd.trace_id": trace.to_string(), "dd.span_id": span.to_string(), "http.request_id": "r-1", "usr.id": "ada",
    });
    expect(&line, &ids);
    expect(&access, &ids);
    let more = json!({
        "status": "error", "logger.name": "logs::keys", "error.kind": "Custom", "error.message": "card declined",
        "error.stack": "card declined",
    });
    expect(&line, &more);
    expect(
        &access,
        &json!({
            "status": "info", "http.method": "POST", "http.status_code": 200, "http.url_details.path": "/orders/7",
            "http.useragent": "curl/8", "http.version": "1.1", "network.client.ip": "203.0.113.7",
            "query": "page=2&token=[redacted]", "network.bytes_read": 0,
            "network.bytes_written": 4,
        }),
    );
    assert!(access["duration"].is_u64(), "{access:#}");
}
