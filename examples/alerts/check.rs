//! What `--check` does to the shop, and what receivers have to have got of it.

use std::time::Duration;

use axum::http::{Request, StatusCode, header};
use tokio::time::{Instant, sleep};

use crate::office::Office;
use crate::support::{Client, Result};

/// How long anything may take: a few evaluations, a group's wait, and Slack's pace.
const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) async fn check(shop: Client, office: Office) -> Result {
    assert_eq!(shop.send(Request::post("/stock/tea"), "").await?.status, StatusCode::ACCEPTED);
    let burst = tokio::spawn(burst(shop.clone()));
    for expected in [
        "pagerduty: trigger ",
        "slack: #a30200 ",
        "webhook: firing PaymentsFail, signed: true",
        "webhook: firing StockIsOut, signed: true",
    ] {
        wait_for(&office, expected).await?;
    }
    burst.abort();
    assert_eq!(shop.send(Request::delete("/stock/tea"), "").await?.status, StatusCode::ACCEPTED);
    for expected in [
        "pagerduty: resolve ",
        "slack: #2eb67d ",
        "webhook: resolved PaymentsFail, signed: true",
        "webhook: resolved StockIsOut, signed: true",
    ] {
        wait_for(&office, expected).await?;
    }
    let told = office.got();
    let pages = told.iter().filter(|line| line.starts_with("pagerduty: trigger ")).count();
    assert_eq!(pages, 1, "one page for one incident: {told:#?}");
    Ok(())
}

/// Payments, as long as somebody lets it: the bank does not answer to each fifth.
async fn burst(shop: Client) -> Result {
    loop {
        let request = Request::post("/payments").header(header::CONTENT_TYPE, "application/json");
        shop.send(request, r#"{"amount_cents":1990}"#).await?;
        sleep(Duration::from_millis(20)).await;
    }
}

async fn wait_for(office: &Office, expected: &str) -> Result {
    let deadline = Instant::now() + DEADLINE;
    while !office.got().iter().any(|line| line.starts_with(expected)) {
        if Instant::now() > deadline {
            return Err(format!("nobody got {expected:?}, but {:#?}", office.got()).into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
