//! The shop's alerts from the files that a team has already: rules as Prometheus reads them, routing as Alertmanager reads it,
//! and what these have no words for in a file beside them. They are read again when they change: all of them, or none.
//!
//! ```text
//! cargo run --example alerting_files -- --traffic   # an error burst of 15 seconds; prints where the files are
//!
//! $EDITOR DIRECTORY/rules.yml                       # noticed within 5 seconds; a mistake changes nothing, and is said
//! curl -X POST http://127.0.0.1:9901/-/reload       # or at once, with the mistakes in the answer; or kill -HUP
//! curl http://127.0.0.1:9901/api/v1/rules           # how the rules do
//! curl 'http://127.0.0.1:9901/api/alerts/explain?filter=alertname=ErrorsSeen'    # why nobody is told of it
//!
//! promtool check rules DIRECTORY/rules.yml          # the files are what they say they are
//! amtool check-config DIRECTORY/routing.yml
//! amtool --alertmanager.url=http://127.0.0.1:9901 alert query
//! ```
//!
//! Slack, PagerDuty and the webhook are played by a server in this process.

#[path = "../alerts/burst.rs"]
mod burst;
mod check;
mod files;
#[path = "../alerts/office.rs"]
mod office;
#[path = "../quickstart/payments.rs"]
mod payments;
#[path = "../quickstart/problem.rs"]
#[expect(dead_code, reason = "only what a payment can answer is needed here")]
mod problem;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use tower_watch::alert::AlertSettings;
use tower_watch::{RouterExt, Watch};

use crate::files::Files;
use crate::office::Office;

#[tokio::main]
async fn main() -> support::Result {
    office::log_alerts_only();
    let office = Office::open().await?;
    let files = Files::lay_out(&office)?;
    say_where(&files);
    let alerts = AlertSettings::new()
        .rules_file(files.path("rules*.yml"))
        .routing_file(files.path("routing.yml"))
        .additions_file(files.path("additions.yml"));
    let watch = Watch::builder("shop")
        // 5 s by default: the rules of this example look at 10 s.
        .tick(Duration::from_millis(250))
        .alerts(alerts)
        .without_access_log()
        .admin(support::admin()?)
        .start()?;
    payments::describe();

    let app = Router::new()
        .route("/payments", post(payments::pay))
        .route("/", get(async || "a shop\n"))
        .watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let admin = watch.admin_address();
    let check = |shop| check::check(shop, admin, office, &files);
    let outcome = support::run_with_traffic(admin, serve, check, burst::traffic).await;
    watch.shutdown().await;
    outcome
}

#[allow(clippy::print_stdout, reason = "files that are to be edited have to be found")]
fn say_where(files: &Files) {
    println!("files {}", files.directory().display());
}
