//! Alerts of a shop whose bank stops answering: rules in code, routes by severity, and what each receiver gets.
//!
//! ```text
//! cargo run --example alerts -- --traffic        # an error burst of 15 seconds, and what receivers get of it and of its end
//!
//! for n in $(seq 500); do curl -s http://127.0.0.1:3000/payments --json '{"amount_cents":1990}'; done   # another one
//! curl -X POST http://127.0.0.1:3000/stock/tea   # the shop raises an alert itself; DELETE ends it
//!
//! curl http://127.0.0.1:9901/api/v1/rules        # how the rules do
//! curl http://127.0.0.1:9901/api/v2/alerts       # what fires
//! curl 'http://127.0.0.1:9901/api/alerts/explain?filter=severity=critical'
//! curl -X POST 'http://127.0.0.1:9901/api/v1/alerts/test?receiver=on-call'
//! amtool --alertmanager.url=http://127.0.0.1:9901 alert query
//! amtool --alertmanager.url=http://127.0.0.1:9901 silence add alertname=HighErrorRate --comment=known
//! ```
//!
//! Slack, PagerDuty and the webhook are played by a server in this process. Times are short, so that there is something to see:
//! a service leaves them at their defaults.

mod burst;
mod check;
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
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower_watch::alert::config::{Route, Routing};
use tower_watch::alert::receivers::{Closure, Log, PagerDuty, Slack, Webhook};
use tower_watch::alert::rules::{RuleGroup, RuleProblems, RuleSet};
use tower_watch::alert::{Alert, AlertSettings, Alerts, Severity};
use tower_watch::{RouterExt, Watch};

use crate::office::{Office, say};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> support::Result {
    office::log_alerts_only();
    let office = Office::open().await?;
    let watch = Watch::builder("shop")
        .tick(SECOND / 4)
        .alerts(AlertSettings::new().evaluate_every(SECOND).rule(rules()).routing(routing(&office)?))
        // What is printed is about alerts.
        .without_access_log()
        .admin(support::admin()?)
        .start()?;
    payments::describe();
    watch.alerts().on_change(|change| say(&format!("now {}: {}", change.status, change.alert.labels)));

    let app = shop(watch.alerts().clone()).watched(&watch);
    let serve = |listener, stop| axum::serve(listener, app).with_graceful_shutdown(stop);
    let check = |client| check::check(client, office);
    let outcome = support::run_with_traffic(watch.admin_address(), serve, check, burst::traffic).await;
    watch.shutdown().await;
    outcome
}

/// What is watched for: in PromQL, without PromQL, and in one line.
fn rules() -> Result<Vec<RuleGroup>, RuleProblems> {
    let mut rules = RuleSet::new();
    let failing = "sum(rate(http_requests_errors_total[10s])) / sum(rate(http_requests_total[10s])) > 0.05";
    rules.add(
        Alert::rule("HighErrorRate")
            .when(failing)
            .for_(2 * SECOND)
            .severity(Severity::Critical)
            .annotate("summary", "{{ $value | humanizePercentage }} of requests fail"),
    );
    rules.add(
        Alert::metric("shop_payments_total")
            .matching("result", "failed")
            .rate()
            .over(10 * SECOND)
            .above(0.5)
            .named("PaymentsFail")
            .severity(Severity::Warning),
    );
    rules.add("http_request_duration p95 > 800ms for 5m on /payments");
    rules.finish()
}

/// Who is told: critical alerts go to PagerDuty and Slack, all others to a webhook, the log and a closure.
fn routing(office: &Office) -> support::Result<Routing> {
    let desk = Route::to("desk")
        .group_by(["alertname"])
        .group_wait(SECOND)
        .group_interval(2 * SECOND)
        .route(Route::to("on-call").matching("severity", "critical"));
    let routing = Routing::builder(desk)
        .receiver("on-call", PagerDuty::events("the-key-of-the-shop").url(office.url("/pagerduty")))
        .receiver("on-call", Slack::webhook(office.url("/slack")))
        .receiver("desk", Webhook::to(office.url("/webhook")).hmac("a secret of both"))
        .receiver("desk", Log::new())
        .receiver(
            "desk",
            Closure::new(|message| {
                let names: Vec<_> = message.alerts.iter().map(|notice| notice.alert.name()).collect();
                say(&format!("closure: {} {}", message.status(), names.join(", ")));
            }),
        );
    Ok(routing.build()?)
}

fn shop(alerts: Alerts) -> Router {
    let stock = post(stock_is_out).delete(stock_is_back);
    Router::new()
        .route("/payments", post(payments::pay))
        .route("/stock/{product}", stock.with_state(alerts))
        .route("/", get(async || "a shop\n"))
}

fn out_of_stock(product: String) -> Alert {
    Alert::new("StockIsOut").label("product", product).severity(Severity::Low)
}

async fn stock_is_out(State(alerts): State<Alerts>, Path(product): Path<String>) -> StatusCode {
    alerts.raise(out_of_stock(product).annotate("summary", "somebody should order some"));
    StatusCode::ACCEPTED
}

async fn stock_is_back(State(alerts): State<Alerts>, Path(product): Path<String>) -> StatusCode {
    alerts.resolve(&out_of_stock(product).labels);
    StatusCode::ACCEPTED
}
