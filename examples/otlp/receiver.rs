//! A stand-in for a collector: it takes OTLP over HTTP as JSON, shows what came, and keeps it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::Router;
use axum::extract::OriginalUri;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support;

pub(crate) struct Receiver {
    url: String,
    came: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let came = Arc::<Mutex<Vec<Value>>>::default();
        let kept = Arc::clone(&came);
        let app = Router::new().fallback(
            async move |OriginalUri(signal): OriginalUri, Json(export): Json<Value>| {
                show(signal.path(), &export);
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(export);
                Json(json!({}))
            },
        );
        tokio::spawn(async { axum::serve(listener, app).await });
        Ok(Self { url, came })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// One trace over both services, and what belongs to it.
    pub(crate) fn check(&self) -> support::Result {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let span = |service: &'static str, name: &'static str| {
            let mut spans = items(&came, service, "spans");
            spans.find(|span| span["name"] == name).ok_or(format!("no span {name:?} of the {service} came"))
        };
        let (request, reserve) = (span("shop", "GET /checkout/{id}")?, span("shop", "reserve")?);
        let (call, asked) = (span("shop", "GET")?, span("stock", "GET /stock/{id}")?);
        for span in [reserve, call, asked] {
            assert_eq!(span["traceId"], request["traceId"], "one trace");
        }
        assert!(request["parentSpanId"].as_str().is_none_or(str::is_empty), "{request}");
        assert_eq!(reserve["parentSpanId"], request["spanId"]);
        assert_eq!(call["parentSpanId"], reserve["spanId"]);
        assert_eq!(asked["parentSpanId"], call["spanId"], "over the wire");

        for (service, text, inside) in [
            ("shop", "checked out", request),
            ("shop", "request finished", request),
            ("stock", "counted", asked),
            ("stock", "request finished", asked),
        ] {
            let mut records = items(&came, service, "logRecords");
            let record = records.find(|record| record["body"]["stringValue"] == text);
            let record = record.ok_or(format!("no log record {text:?} of the {service} came"))?;
            assert_eq!((&record["traceId"], &record["spanId"]), (&inside["traceId"], &inside["spanId"]));
        }
        for service in ["shop", "stock"] {
            let counted =
                items(&came, service, "metrics").any(|metric| metric["name"] == "http_requests_total");
            counted.then_some(()).ok_or(format!("no metrics of the {service} came"))?;
        }
        Ok(())
    }
}

/// The spans, log records or metrics of one service.
fn items<'a>(came: &'a [Value], service: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let resources = came.iter().flat_map(resources).filter(move |resource| service_of(resource) == service);
    resources.flat_map(move |resource| of_kind(resource, kind))
}

fn of_kind<'a>(resource: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let scopes = ["scopeSpans", "scopeLogs", "scopeMetrics"].into_iter();
    let scopes = scopes.filter_map(|scopes| resource[scopes].as_array()).flatten();
    scopes.filter_map(move |scope| scope[kind].as_array()).flatten()
}

fn resources(export: &Value) -> impl Iterator<Item = &Value> {
    let signals = ["resourceSpans", "resourceLogs", "resourceMetrics"].into_iter();
    signals.filter_map(|signal| export[signal].as_array()).flatten()
}

fn service_of(resource: &Value) -> &str {
    let mut attributes = resource["resource"]["attributes"].as_array().into_iter().flatten();
    let name = attributes.find(|attribute| attribute["key"] == "service.name");
    name.and_then(|name| name["value"]["stringValue"].as_str()).unwrap_or("unknown")
}

fn show(signal: &str, export: &Value) {
    for resource in resources(export) {
        let service = service_of(resource);
        let ids = |item: &Value| format!("trace {} span {}", item["traceId"], item["spanId"]);
        for span in of_kind(resource, "spans") {
            eprintln!("{signal} {service}: {} {} below {}", span["name"], ids(span), span["parentSpanId"]);
        }
        for record in of_kind(resource, "logRecords") {
            eprintln!("{signal} {service}: {} {}", record["body"]["stringValue"], ids(record));
        }
        let metrics = of_kind(resource, "metrics").count();
        if metrics > 0 {
            eprintln!("{signal} {service}: {metrics} metrics");
        }
    }
}
