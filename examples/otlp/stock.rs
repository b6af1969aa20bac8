//! The other service: on a thread of its own, with a runtime and a subscriber of its own, as if it were another process.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::runtime;
use tower_watch::telemetry::{Telemetry, TelemetryBuilder};
use tower_watch::{RouterExt, Watch};
use tracing_subscriber::layer::SubscriberExt;

use crate::support;

pub(crate) struct Stock {
    url: String,
    watch: Watch,
    telemetry: Telemetry,
}

impl Stock {
    pub(crate) fn start(telemetry: TelemetryBuilder) -> support::Result<Self> {
        let (layers, telemetry) = telemetry.start()?;
        let subscriber = tracing_subscriber::registry().with(layers);
        let watch = Watch::builder("stock").telemetry(telemetry.clone()).local().start()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new().route("/stock/{id}", get(left)).watched(&watch);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            let _subscriber = tracing::subscriber::set_default(subscriber);
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, app).await
            })
        });
        Ok(Self { url, watch, telemetry })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn flush(&self, deadline: Duration) {
        self.telemetry.flush(deadline).await;
    }

    /// Sends what is waiting still.
    pub(crate) async fn shutdown(self) {
        self.watch.shutdown().await;
    }
}

async fn left(Path(id): Path<u32>) -> Result<&'static str, StatusCode> {
    if id == 404 {
        return Err(StatusCode::NOT_FOUND);
    }
    tracing::info!(item = id, "counted");
    Ok("3")
}
