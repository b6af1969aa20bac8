//! `status/buildinfo` and `status/runtimeinfo`: who answers here.

use std::thread::available_parallelism;

use axum::extract::State;

use crate::http::query_api::answer::Answer;
use crate::http::query_api::router::QueryApi;
use crate::http::query_api::{json, rfc3339};

/// The Prometheus whose API and language these are. Clients ask which features they may use.
const SPEAKS: &str = "3.5.0";

/// What was built. There are no `features` in it: Grafana takes those for a Mimir or a Cortex.
pub(crate) async fn build_info() -> Answer {
    let revision = concat!("tower-watch ", env!("CARGO_PKG_VERSION"));
    let members = [
        ("version", SPEAKS),
        ("revision", revision),
        ("branch", ""),
        ("buildUser", ""),
        ("buildDate", ""),
        ("goVersion", ""),
    ];
    Answer::new(|out| json::labels(out, members))
}

/// What runs. What only a Prometheus has is there with its zero, since clients expect it; the working directory and
/// the host's name are nobody's business.
pub(crate) async fn runtime_info(State(api): State<QueryApi>) -> Answer {
    let started = rfc3339::format(api.started);
    let now = rfc3339::format(api.now());
    let threads = available_parallelism().map_or(1, usize::from);
    Answer::new(|out| {
        let texts = [
            ("startTime", started.as_str()),
            ("CWD", ""),
            ("hostname", ""),
            ("serverTime", now.as_str()),
            ("lastConfigTime", started.as_str()),
            ("GOGC", ""),
            ("GODEBUG", ""),
            ("storageRetention", ""),
        ];
        json::labels(out, texts);
        out.pop();
        out.push_str(&format!(
            r#","reloadConfigSuccess":true,"corruptionCount":0,"goroutineCount":0,"GOMAXPROCS":{threads},"GOMEMLIMIT":0}}"#
        ));
    })
}
