//! A server that plays Slack, PagerDuty and somebody's webhook, and prints what it gets.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::support::Result;

/// How long anything may take: a few evaluations, a group's wait, and Slack's pace.
const DEADLINE: Duration = Duration::from_secs(60);

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

    /// Waits until something has arrived that begins like this.
    pub(crate) async fn wait_for(&self, expected: &str) -> Result {
        let deadline = Instant::now() + DEADLINE;
        while !self.got().iter().any(|line| line.starts_with(expected)) {
            if Instant::now() > deadline {
                return Err(format!("nobody got {expected:?}, but {:#?}", self.got()).into());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

/// Prints a line, with the seconds since the first one.
#[allow(clippy::print_stdout, reason = "what receivers get is what the examples of alerts show")]
pub(crate) fn say(line: &str) {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    println!("{:5.1} s  {line}", BEGAN.elapsed().as_secs_f64());
}

/// Shows what the watch says of alerts, and of all else only errors: each failed payment has a line too.
pub(crate) fn log_alerts_only() {
    let lines = tracing_subscriber::fmt::layer().compact().without_time().with_writer(std::io::stderr);
    let filter =
        Targets::new().with_default(LevelFilter::ERROR).with_target("tower_watch", LevelFilter::INFO);
    tracing_subscriber::registry().with(lines).with(filter).init();
}

fn note(got: &Got, line: String) {
    say(&line);
    got.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

async fn slack(State(got): State<Got>, Json(message): Json<Value>) -> &'static str {
    let attachment = &message["attachments"][0];
    note(&got, format!("slack: {} {}", text(&attachment["color"]), text(&attachment["title"])));
    "ok"
}

async fn pagerduty(State(got): State<Got>, Json(event): Json<Value>) -> (StatusCode, Json<Value>) {
    // The same key is the same incident; what ends it has no text.
    let key: String = text(&event["dedup_key"]).chars().take(8).collect();
    let summary = event["payload"]["summary"].as_str().map(|summary| format!(": {summary}"));
    note(&got, format!("pagerduty: {} {key}{}", text(&event["event_action"]), summary.unwrap_or_default()));
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
