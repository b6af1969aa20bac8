//! `status` and `receivers`: who answers here, and whom it tells.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::alert_api::answer::{Failure, json};
use crate::http::alert_api::moment;
use crate::http::alert_api::router::AlertApi;

#[derive(Serialize)]
struct Status {
    cluster: Cluster,
    config: Config,
    #[serde(serialize_with = "moment::serialize")]
    uptime: i64,
    #[serde(rename = "versionInfo")]
    version_info: Version,
}

/// There is no cluster of Alertmanagers here, and clients ask.
#[derive(Serialize)]
struct Cluster {
    status: &'static str,
    peers: [&'static str; 0],
}

#[derive(Serialize)]
struct Config {
    original: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    branch: &'static str,
    build_date: &'static str,
    build_user: &'static str,
    go_version: &'static str,
    revision: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Receiver<'a> {
    pub(crate) name: &'a str,
}

pub(crate) async fn status(State(api): State<AlertApi>) -> Result<Response, Failure> {
    api.blocking(|engine| {
        let original = engine.core().routing.original.clone();
        Ok(json(&Status {
            cluster: Cluster { status: "disabled", peers: [] },
            config: Config { original },
            uptime: engine.started,
            version_info: Version {
                branch: "",
                build_date: "",
                build_user: "",
                go_version: "",
                revision: "tower-watch",
                version: env!("CARGO_PKG_VERSION"),
            },
        }))
    })
    .await
}

pub(crate) async fn receivers(State(api): State<AlertApi>) -> Result<Response, Failure> {
    api.blocking(|engine| {
        let core = engine.core();
        let names = core.routing.receivers.iter().map(|receiver| Receiver { name: &receiver.name });
        Ok(json(&names.collect::<Vec<_>>()))
    })
    .await
}
