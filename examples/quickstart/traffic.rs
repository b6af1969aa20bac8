//! A steady, bounded mix of requests, so that there is something to see.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, header, request::Builder};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::support::{Client, Result};

const PER_SECOND: u32 = 20;
const LONGEST: Duration = Duration::from_secs(600);
const AT_ONCE: usize = 32;

/// Sends 20 requests a second for 10 minutes. What is under way ends when the future is dropped.
pub(crate) async fn traffic(client: Client) -> Result {
    let until = Instant::now() + LONGEST;
    let mut beat = interval(Duration::from_secs(1) / PER_SECOND);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let mut under_way = JoinSet::new();
    for number in 0_u64.. {
        let now = beat.tick().await;
        while under_way.try_join_next().is_some() {}
        if now >= until {
            tracing::info!("no more traffic after {LONGEST:?}");
            break;
        }
        // A server that is behind is not pushed further.
        let Ok(permit) = Arc::clone(&free).try_acquire_owned() else { continue };
        let client = client.clone();
        under_way.spawn(async move {
            if let Err(error) = send(&client, number).await {
                tracing::debug!(?error, "a request of the traffic failed");
            }
            drop(permit);
        });
    }
    Ok(())
}

async fn send(client: &Client, number: u64) -> Result {
    let (request, body) = match number % 20 {
        0 => (Request::get("/reports/daily"), String::new()),
        1 | 8 | 15 => (json(Request::post("/payments"), number), r#"{"amount_cents":1990}"#.into()),
        2 => (json(Request::post("/payments"), number), r#"{"amount_cents":0}"#.into()),
        3 => (Request::get(format!("/products/{}", 1 + number % 3)), String::new()),
        4 => (Request::get("/products/4711"), String::new()),
        5 => (json(Request::put("/products/2"), number), r#"{"name":"notebook","price_cents":460}"#.into()),
        6 => (Request::post("/upload"), "0".repeat(50_000)),
        7 if number % 100 == 7 => (Request::get("/export"), String::new()),
        7 if number % 100 == 27 => (Request::get("/panic"), String::new()),
        7 if number % 100 == 47 => (Request::get("/nowhere"), String::new()),
        7 if number % 100 == 67 => return listen_for_a_while(client).await,
        _ => (tenant(Request::get("/products"), number), String::new()),
    };
    client.send(request, body).await.map(drop)
}

async fn listen_for_a_while(client: &Client) -> Result {
    let mut events = client.open(Request::get("/events"), "").await?.into_body();
    for _ in 0..4 {
        events.frame().await.transpose()?;
    }
    Ok(())
}

fn json(request: Builder, number: u64) -> Builder {
    tenant(request.header(header::CONTENT_TYPE, "application/json"), number)
}

fn tenant(request: Builder, number: u64) -> Builder {
    match number % 7 {
        0..3 => request.header("x-tenant-id", "acme"),
        3 | 4 => request.header("x-tenant-id", "globex"),
        5 => request.header("x-tenant-id", "initech"),
        _ => request,
    }
}
