//! What `--check` does to the shop, and what receivers have to have got of it.

use axum::http::{Request, StatusCode};

use crate::burst::burst;
use crate::office::Office;
use crate::support::{Client, Result};

pub(crate) async fn check(shop: Client, office: Office) -> Result {
    assert_eq!(shop.send(Request::post("/stock/tea"), "").await?.status, StatusCode::ACCEPTED);
    let burst = tokio::spawn(burst(shop.clone()));
    for expected in [
        "pagerduty: trigger ",
        "slack: #a30200 ",
        "webhook: firing PaymentsFail, signed: true",
        "webhook: firing StockIsOut, signed: true",
    ] {
        office.wait_for(expected).await?;
    }
    burst.abort();
    assert_eq!(shop.send(Request::delete("/stock/tea"), "").await?.status, StatusCode::ACCEPTED);
    for expected in [
        "pagerduty: resolve ",
        "slack: #2eb67d ",
        "webhook: resolved PaymentsFail, signed: true",
        "webhook: resolved StockIsOut, signed: true",
    ] {
        office.wait_for(expected).await?;
    }
    let told = office.got();
    let pages = told.iter().filter(|line| line.starts_with("pagerduty: trigger ")).count();
    assert_eq!(pages, 1, "one page for one incident: {told:#?}");
    Ok(())
}
