//! Errors, panics and sampled traces in Sentry, with the ids of their requests and without their secrets.
//!
//! ```text
//! SENTRY_DSN=https://PUBLIC_KEY@HOST/PROJECT_ID SERVICE_VERSION=1.2.3 ENVIRONMENT=staging cargo run --example sentry --features sentry
//!
//! curl -i http://127.0.0.1:3000/orders/7             # fine; a transaction
//! curl -i http://127.0.0.1:3000/orders/seven         # a 400 that says why, and no issue
//! curl -i http://127.0.0.1:3000/invoices/7           # a 500 that says nothing; an issue that says everything
//! curl -i http://127.0.0.1:3000/panic                # the same for a panic; in development its message is shown
//! ```
//!
//! Without `SENTRY_DSN` it starts an ingest endpoint of its own, and shows on standard error what that was sent.

mod support;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;
use tower_watch::telemetry::TelemetryBuilder;
use tower_watch::telemetry::sentry::SentrySettings;
use tower_watch::{Problem, ProblemLayer, RouterExt, Watch};

#[tokio::main]
async fn main() -> support::Result {
    let ingest = Ingest::default();
    let own = ingest.clone().start().await?;
    // The environment is stronger: where it has a DSN, that is used.
    let sentry = SentrySettings::new().with_dsn(format!("http://public@{own}/1"));
    let telemetry = TelemetryBuilder::new().service("shop").sentry(sentry).init()?;

    let watch = Watch::builder("shop").telemetry(telemetry.clone()).admin(support::admin()?).start()?;
    let app = shop().layer(ProblemLayer::new()).watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let outcome = support::run(watch.admin_address(), serve, async |shop| {
        let answers = check(shop).await;
        telemetry.flush(Duration::from_secs(10)).await;
        answers.and_then(|()| ingest.check())
    });
    let outcome = outcome.await;
    watch.shutdown().await;
    outcome
}

fn shop() -> Router {
    Router::new()
        .route("/orders/{id}", get(order))
        .route("/invoices/{id}", get(invoice))
        .route("/panic", get(fall_over))
}

/// A client's mistake is said to the client, and is nobody's issue.
async fn order(Path(id): Path<String>) -> Result<String, Problem> {
    let id: u32 = id.parse().map_err(|error: std::num::ParseIntError| {
        Problem::new(StatusCode::BAD_REQUEST)
            .with_detail("the number of an order is a number")
            .with_cause(error)
    })?;
    Ok(format!("order {id}\n"))
}

/// Any error is a 500 that tells the client nothing, and the operators all of it.
async fn invoice(Path(id): Path<u32>) -> Result<String, Problem> {
    tracing::info!(invoice = id, password = "never-shown", "asking the printer");
    Ok(print(id)?)
}

fn print(id: u32) -> Result<String, PrinterError> {
    Err(PrinterError { id, source: std::io::Error::other("paper jam") })
}

async fn fall_over() {
    panic!("the handler fell over");
}

#[derive(Debug)]
struct PrinterError {
    id: u32,
    source: std::io::Error,
}

impl fmt::Display for PrinterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invoice {} was not printed", self.id)
    }
}

impl Error for PrinterError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// A stand-in for Sentry: it keeps what it is sent.
#[derive(Clone, Default)]
struct Ingest(Arc<Mutex<Vec<Value>>>);

impl Ingest {
    async fn start(self) -> std::io::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        let app = Router::new().fallback(async move |envelope: String| {
            // The header of the envelope, then header and payload of each item.
            for payload in envelope.lines().skip(2).step_by(2) {
                let payload: Value = serde_json::from_str(payload).unwrap_or_default();
                tracing::info!(target: "tower_watch::telemetry", "sent to Sentry: {payload}");
                self.0.lock().unwrap_or_else(PoisonError::into_inner).push(payload);
            }
        });
        tokio::spawn(async { axum::serve(listener, app).await });
        Ok(addr)
    }

    fn check(&self) -> support::Result {
        if std::env::var_os("SENTRY_DSN").is_some() {
            return Ok(());
        }
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issue = |said: &str| {
            let mut issues = sent.iter().filter(|event| event["exception"].to_string().contains(said));
            let issue = issues.next().ok_or_else(|| format!("no issue says {said:?}: {sent:?}"))?;
            assert!(issues.next().is_none(), "{said:?} was reported twice");
            Ok::<_, String>(issue)
        };
        let jam = issue("paper jam")?;
        assert_eq!(jam["transaction"], "GET /invoices/{id}");
        assert_eq!(jam["exception"]["values"][1]["value"], "invoice 7 was not printed");
        assert_eq!(jam["breadcrumbs"]["values"][0]["data"]["password"], "[redacted]");
        assert!(jam["tags"]["request_id"].is_string());
        issue("the handler fell over")?;
        assert!(!format!("{sent:?}").contains("never-shown"));
        Ok(())
    }
}

async fn check(shop: support::Client) -> support::Result {
    assert_eq!(shop.get("/orders/7").await?.text(), "order 7\n");
    let mistake = shop.get("/orders/seven").await?;
    assert_eq!(mistake.status, StatusCode::BAD_REQUEST);
    assert_eq!(mistake.json()?["detail"], "the number of an order is a number");
    for path in ["/invoices/7", "/panic"] {
        let failure = shop.get(path).await?;
        assert_eq!(failure.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!failure.text().contains("paper jam"), "{}", failure.text());
        assert!(failure.json()?["request_id"].is_string(), "{path}");
    }
    Ok(())
}
