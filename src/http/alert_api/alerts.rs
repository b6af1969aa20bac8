//! Alerts: shown, raised and ended.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::alert::engine::{AlertView, Engine, Entry};
use crate::alert::{Alert, Annotations, Source};
use crate::http::alert_api::answer::{Failure, done, json};
use crate::http::alert_api::body::Json;
use crate::http::alert_api::filter::{AlertFilter, Parameters};
use crate::http::alert_api::moment;
use crate::http::alert_api::router::AlertApi;
use crate::http::alert_api::status::Receiver;
use crate::series::Labels;

/// The most bytes of an alert that is sent: it stays in memory and on disk as long as it fires.
const MOST_BYTES: usize = 65_536;

/// An alert as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown<'a> {
    annotations: &'a Annotations,
    #[serde(serialize_with = "moment::serialize")]
    ends_at: i64,
    fingerprint: String,
    receivers: Vec<Receiver<'a>>,
    #[serde(serialize_with = "moment::serialize")]
    starts_at: i64,
    status: Status<'a>,
    #[serde(serialize_with = "moment::serialize")]
    updated_at: i64,
    #[serde(rename = "generatorURL", skip_serializing_if = "str::is_empty")]
    generator_url: &'a str,
    #[serde(serialize_with = "labels")]
    labels: &'a Labels,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    inhibited_by: &'a [String],
    muted_by: &'a [String],
    silenced_by: &'a [String],
    state: &'static str,
}

pub(crate) fn labels<S: serde::Serializer>(labels: &Labels, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(labels.iter())
}

impl<'a> Shown<'a> {
    /// `until`: how long an alert counts that nobody renews, in milliseconds; for those that have no end.
    pub(crate) fn new(view: &'a AlertView, until: i64) -> Self {
        let alert = &view.alert;
        Self {
            annotations: &alert.annotations,
            ends_at: alert.ends_at.unwrap_or_else(|| alert.updated_at.saturating_add(until)),
            fingerprint: alert.fingerprint().to_string(),
            receivers: view.receivers.iter().map(|name| Receiver { name }).collect(),
            starts_at: alert.starts_at,
            status: Status {
                inhibited_by: &view.inhibited_by,
                muted_by: &view.muted_by,
                silenced_by: &view.silenced_by,
                state: state(view),
            },
            updated_at: alert.updated_at,
            generator_url: &alert.generator_url,
            labels: &alert.labels,
        }
    }
}

fn state(view: &AlertView) -> &'static str {
    if !view.processed {
        "unprocessed"
    } else if view.is_suppressed() {
        "suppressed"
    } else {
        "active"
    }
}

pub(crate) async fn list(State(api): State<AlertApi>, parameters: Parameters) -> Result<Response, Failure> {
    let filter = AlertFilter::read(&parameters)?;
    api.blocking(move |engine| {
        let views: Vec<AlertView> = engine.views().into_iter().filter(|view| filter.shows(view)).collect();
        let until = engine.resolve_timeout();
        Ok(json(&views.iter().map(|view| Shown::new(view, until)).collect::<Vec<_>>()))
    })
    .await
}

/// An alert as it is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posted {
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: Annotations,
    #[serde(default, deserialize_with = "moment::deserialize")]
    starts_at: Option<i64>,
    #[serde(default, deserialize_with = "moment::deserialize")]
    ends_at: Option<i64>,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
}

pub(crate) async fn post(
    State(api): State<AlertApi>,
    Json(posted): Json<Vec<Posted>>,
) -> Result<Response, Failure> {
    api.blocking(move |engine| {
        let now = engine.present();
        // Those that are right count, whatever the others are: as upstream.
        let (alerts, problems): (Vec<_>, Vec<_>) =
            posted.into_iter().map(|posted| posted.alert(now)).partition(Result::is_ok);
        for alert in alerts.into_iter().flatten() {
            if !engine.inbox.leave(Entry::Raised(Box::new(alert))) {
                return Err(Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many alerts at once"));
            }
        }
        engine.take_in();
        let problems: Vec<String> = problems.into_iter().filter_map(Result::err).collect();
        if problems.is_empty() { Ok(done()) } else { Err(Failure::bad(problems.join("; "))) }
    })
    .await
}

impl Posted {
    fn alert(self, now: i64) -> Result<Alert, String> {
        for name in self.labels.keys().chain(self.annotations.keys()) {
            if name.is_empty() || name == "__name__" {
                return Err(format!("{name:?} is no name of a label of an alert"));
            }
        }
        let texts = self.labels.iter().chain(&self.annotations).map(|(name, text)| name.len() + text.len());
        if texts.sum::<usize>() + self.generator_url.len() > MOST_BYTES {
            return Err(format!("an alert has at most {MOST_BYTES} bytes"));
        }
        let labels = Labels::new(self.labels);
        if labels.is_empty() {
            return Err("an alert has at least one label with a value".into());
        }
        if let (Some(start), Some(end)) = (self.starts_at, self.ends_at)
            && start > end
        {
            return Err(format!("the alert {labels} starts after it ends"));
        }
        let mut alert = Alert::with_labels(labels);
        alert.annotations = self.annotations;
        alert.annotations.retain(|_, text| !text.is_empty());
        alert.starts_at =
            self.starts_at.or(self.ends_at).unwrap_or(now).min(self.ends_at.unwrap_or(i64::MAX));
        alert.ends_at = self.ends_at;
        alert.updated_at = now;
        alert.generator_url = self.generator_url;
        alert.source = Source::Api;
        Ok(alert)
    }
}

/// One engine's alerts, by the labels that they are shown with.
impl Engine {
    /// After how many milliseconds without news an alert without an end counts as over.
    pub(crate) fn resolve_timeout(&self) -> i64 {
        let timeout = self.core().routing.global.resolve_timeout.as_millis();
        i64::try_from(timeout).unwrap_or(i64::MAX)
    }
}
