//! Payments, of which each fifth fails.

use std::time::Duration;

use axum::http::{Request, header};
use tokio::time::{sleep, timeout};

use crate::support::{Client, Result};

/// As long as somebody lets it: the bank does not answer to each fifth.
pub(crate) async fn burst(shop: Client) -> Result {
    loop {
        let request = Request::post("/payments").header(header::CONTENT_TYPE, "application/json");
        shop.send(request, r#"{"amount_cents":1990}"#).await?;
        sleep(Duration::from_millis(20)).await;
    }
}

/// What `--traffic` sends: a burst that ends, so that what is told of its end is seen too.
pub(crate) async fn traffic(shop: Client) -> Result {
    timeout(Duration::from_secs(15), burst(shop)).await.unwrap_or(Ok(()))
}
