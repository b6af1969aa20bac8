//! A server that plays Slack, PagerDuty and somebody's webhook, and prints what it gets.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::Result;

type Got = Arc<Mutex<Vec<String>>>;

/// Everybody whom the shop tells over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Office {
    address: SocketAddr,
    got: Got,
}

impl Office {
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, got) = (listener.local_addr()?, Got::default());
        let rooms = Router::new()
            .route("/slack", post(slack))
            .route("/pagerduty", post(pagerduty))
            .route("/webhook", post(webhook))
            .with_state(Arc::clone(&got));
        tokio::spawn(async move { axum::serve(listener, rooms).await });
        Ok(Self { address, got })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What has arrived, in its order.
    pub(crate) fn got(&self) -> Vec<String> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(got: &Got, line: String) {
    crate::say(&line);
    got.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

async fn slack(State(got): State<Got>, Json(message): Json<Value>) -> &'static str {
    let attachment = &message["attachments"][0];
    note(&got, format!("slack: {} {}", text(&attachment["color"]), text(&attachment["title"])));
    "ok"
}

async fn pagerduty(State(got): State<Got>, Json(event): Json<Value>) -> (StatusCode, Json<Value>) {
    let summary = text(&event["payload"]["summary"]);
    note(&got, format!("pagerduty: {} {summary}", text(&event["event_action"])));
    (StatusCode::ACCEPTED, Json(json!({ "status": "success", "dedup_key": event["dedup_key"] })))
}

async fn webhook(State(got): State<Got>, headers: HeaderMap, Json(message): Json<Value>) -> StatusCode {
    let signed = headers.keys().any(|name| name.as_str().contains("signature"));
    let alert = text(&message["groupLabels"]["alertname"]);
    note(&got, format!("webhook: {} {alert}, signed: {signed}", text(&message["status"])));
    StatusCode::OK
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
