//! How the shop is paid, by a bank that fails now and then.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use metrics::{counter, describe_counter};
use serde::Deserialize;
use serde_json::{Value, json};
use tower_watch::RequestContext;

use crate::problem::Problem;

#[derive(Debug, Deserialize)]
pub(crate) struct Payment {
    amount_cents: u32,
}

/// Says what the numbers below mean, for whoever reads `/metrics`. A watch must have started.
pub(crate) fn describe() {
    describe_counter!("shop_payments_total", "Payments, by how they came out.");
    describe_counter!("shop_revenue_cents_total", "What was paid, in cents.");
}

/// Takes a payment. Each fifth fails, as the bank does not answer.
pub(crate) async fn pay(
    context: RequestContext,
    Json(payment): Json<Payment>,
) -> Result<Json<Value>, Problem> {
    if payment.amount_cents == 0 {
        return Err(Problem::Invalid("there is nothing to pay"));
    }
    let request_id = context.request_id().map(ToString::to_string);
    if !bank_answers() {
        tracing::warn!(request_id, "the bank did not answer");
        // The error_type in http_requests_errors_total, in place of the bare status.
        context.set_error_type("bank_silent");
        counter!("shop_payments_total", "result" => "failed").increment(1);
        return Err(Problem::BankSilent);
    }
    // A number of the shop's own: it stands at /metrics beside those of the requests.
    counter!("shop_payments_total", "result" => "paid").increment(1);
    counter!("shop_revenue_cents_total").increment(payment.amount_cents.into());
    Ok(Json(json!({ "paid_cents": payment.amount_cents, "reference": request_id })))
}

fn bank_answers() -> bool {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    ASKED.fetch_add(1, Ordering::Relaxed) % 5 != 4
}
