//! Log lines with the ids of their request: JSON into a file that an agent ships, text for whoever is at the terminal.
//!
//! ```text
//! cargo run --example logging
//!
//! curl -i http://127.0.0.1:3000/orders -H 'x-request-id: my-order' -X POST     # lines of the handler, of a task that it spawns,
//!                                                                              # of the business, and the access line: one id
//! curl -i 'http://127.0.0.1:3000/payments?token=secret'                        # an error with its causes, and no token
//! curl -i http://127.0.0.1:3000/live                                           # a route without an access line
//! curl -X POST http://127.0.0.1:3000/verbose                                   # debug lines for ten seconds
//! RUST_LOG=warn cargo run --example logging                                    # fewer lines, and the same access lines
//! ```
//!
//! The file is in the folder that is printed at the start. `vector.toml` and `fluent-bit.yaml` beside this file ship it: to Elasticsearch,
//! to Kafka, to syslog. For Elasticsearch, `Keys::ecs()` writes the names that it knows; for Google Cloud there is `Keys::gcp()`, for Datadog
//! `Keys::datadog()`.

#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::http::{Request, StatusCode};
use axum::routing::{get, post};
use tower_watch::telemetry::logs::{Keys, Logs, Rotation, Sink};
use tower_watch::telemetry::{Telemetry, TelemetryBuilder, event};
use tower_watch::{AccessLog, ContextExt, RequestContext, RoutePolicy, RouterExt, Watch};
use tracing::{debug, error, info};

#[tokio::main]
async fn main() -> support::Result {
    let folder = std::env::temp_dir().join(format!("tower-watch-logging-{}", std::process::id()));
    let file = Sink::file(folder.join("shop.log"))
        .rotate_every(Rotation::Hourly)
        .rotate_at(10 * 1024 * 1024)
        .keep(24);
    let telemetry = TelemetryBuilder::new()
        .service("shop")
        // What the agent ships: a line is written by a thread of its own, and no request waits for the disk.
        .logs(Logs::json().keys(Keys::plain()).to(file).level("info,logging=info"))
        // What a developer sees.
        .logs(Logs::text().to(Sink::stderr()))
        .init()?;
    info!(folder = %folder.display(), "log lines go there");

    let watch = Watch::builder("shop")
        // At its shutdown, what is waiting is written.
        .telemetry(telemetry.clone())
        .access_log(AccessLog::new().with_query().with_user_agent())
        .admin(support::admin()?)
        .start()?;
    let app = shop(&watch, telemetry.clone()).watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let outcome = support::run(watch.admin_address(), serve, |shop| check(shop, telemetry, folder)).await;
    watch.shutdown().await;
    outcome
}

fn shop(watch: &Watch, telemetry: Telemetry) -> Router {
    let silent = watch.route(RoutePolicy::new().access_line(false));
    let verbose =
        async move || match telemetry.set_log_level("info,logging=debug", Some(Duration::from_secs(10))) {
            Ok(()) => "debug lines for ten seconds\n",
            Err(_) => "no\n",
        };
    Router::new()
        .route("/orders", post(order))
        .route("/payments", get(pay))
        .route("/live", get(async || "live\n").layer(silent))
        .route("/verbose", post(verbose))
}

async fn order(context: RequestContext) -> &'static str {
    // As an auth layer would.
    let _ = context.set_user("ada");
    debug!("only seen after /verbose");
    info!(items = 3, "ordered");
    event("order_placed").data("amount", 12.5).data("currency", "EUR").emit();
    // With `.in_context()`, the lines of a spawned task carry the ids of the request, also after its end.
    tokio::spawn(async { info!("a receipt was sent") }.in_context());
    "ordered\n"
}

async fn pay() -> (StatusCode, &'static str) {
    let refused = std::io::Error::other(PaymentRefused(std::fmt::Error));
    let refused: &(dyn std::error::Error + 'static) = &refused;
    error!(
        error = refused,
        card_token = "tok_123",
        body = r#"{"iban":"DE1","password":"hunter2"}"#,
        "not paid"
    );
    (StatusCode::BAD_GATEWAY, "not paid\n")
}

#[derive(Debug)]
struct PaymentRefused(std::fmt::Error);

impl std::fmt::Display for PaymentRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bank refused")
    }
}

impl std::error::Error for PaymentRefused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

async fn check(shop: support::Client, telemetry: Telemetry, folder: PathBuf) -> support::Result {
    let order = Request::post("/orders").header("x-request-id", "my-order");
    assert_eq!(shop.send(order, "").await?.status, StatusCode::OK);
    assert_eq!(shop.get("/payments?token=secret").await?.status, StatusCode::BAD_GATEWAY);
    assert_eq!(shop.get("/live").await?.status, StatusCode::OK);

    let lines = wait_for(&telemetry, &folder, "a receipt was sent").await?;
    let of_order: Vec<_> = lines.iter().filter(|line| line["request_id"] == "my-order").collect();
    let messages: Vec<_> = of_order.iter().filter_map(|line| line["message"].as_str()).collect();
    for message in ["ordered", "business event", "a receipt was sent", "request finished"] {
        assert!(messages.contains(&message), "{message} is not among {messages:?}");
    }
    assert!(of_order.iter().all(|line| line["user_id"] == "ada" && line["service"] == "shop"));
    assert!(of_order.iter().all(|line| line["trace_id"] == of_order[0]["trace_id"]));

    let refused = lines.iter().find(|line| line["message"] == "not paid").ok_or("no line of the error")?;
    assert_eq!(refused["exception"]["causes"][0], "an error occurred when formatting an argument");
    assert_eq!(refused["card_token"], "[redacted]");
    assert_eq!(refused["body"], r#"{"iban":"DE1","password":"[redacted]"}"#);
    let access = |route: &str| {
        lines.iter().find(|line| line["target"] == "tower_watch::access" && line["route"] == route)
    };
    let payment = access("/payments").ok_or("no access line")?;
    assert_eq!((&payment["level"], &payment["query"]), (&"WARN".into(), &"token=[redacted]".into()));
    assert!(access("/live").is_none());

    assert_eq!(shop.send(Request::post("/verbose"), "").await?.status, StatusCode::OK);
    shop.send(Request::post("/orders"), "").await?;
    wait_for(&telemetry, &folder, "only seen after /verbose").await?;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// The lines of the file, once this one is among them.
async fn wait_for(
    telemetry: &Telemetry,
    folder: &Path,
    message: &str,
) -> support::Result<Vec<serde_json::Value>> {
    for _ in 0..200 {
        telemetry.flush(Duration::from_secs(5)).await;
        let text = std::fs::read_to_string(folder.join("shop.log"))?;
        let lines = text.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>()?;
        if lines.iter().any(|line| line["message"] == message) {
            return Ok(lines);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(format!("no line says {message:?}").into())
}
