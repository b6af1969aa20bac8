//! What Alertmanager has not: tests, reloads, acknowledgements, reasons, and who did what.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::alert::{Acknowledgement, AuditEntry, Fingerprint, ReloadError, TestError};
use crate::http::alert_api::alerts::Shown;
use crate::http::alert_api::answer::{Failure, done, json};
use crate::http::alert_api::body::{Command, Json};
use crate::http::alert_api::filter::{Parameters, all_hold};
use crate::http::alert_api::moment;
use crate::http::alert_api::router::AlertApi;
use crate::http::alert_api::silences::PostedMatcher;
use crate::series::Matcher;

/// Sends a test message to `receiver`.
pub(crate) async fn test(
    State(api): State<AlertApi>,
    parameters: Parameters,
    _: Command,
) -> Result<Response, Failure> {
    let receiver = parameters.0.get("receiver");
    if receiver.is_empty() {
        return Err(Failure::bad("say which receiver: ?receiver=NAME"));
    }
    api.alerts.test_for(receiver, "api").await?;
    Ok(done())
}

impl From<TestError> for Failure {
    fn from(error: TestError) -> Self {
        let status = match error {
            TestError::Unknown(_) | TestError::Off => StatusCode::NOT_FOUND,
            TestError::Failed(_) => StatusCode::BAD_GATEWAY,
        };
        Self::new(status, error.to_string())
    }
}

/// Reads rules and routing again.
pub(crate) async fn reload(State(api): State<AlertApi>, _: Command) -> Result<Response, Failure> {
    let alerts = api.alerts.clone();
    api.blocking(move |_| {
        alerts.reload_for("api")?;
        Ok(done())
    })
    .await
}

impl From<ReloadError> for Failure {
    fn from(error: ReloadError) -> Self {
        Self::internal(error.to_string())
    }
}

/// Who takes care of what.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Taken {
    matchers: Vec<PostedMatcher>,
    author: String,
    #[serde(default)]
    comment: String,
    #[serde(default, deserialize_with = "moment::deserialize")]
    ends_at: Option<i64>,
}

#[derive(Serialize)]
struct TakenCare {
    acknowledged: usize,
}

pub(crate) async fn acknowledge(
    State(api): State<AlertApi>,
    Json(taken): Json<Taken>,
) -> Result<Response, Failure> {
    let matchers = asked(&taken.matchers, &taken.author)?;
    let alerts = api.alerts.clone();
    api.blocking(move |engine| {
        if taken.ends_at.is_some_and(|end| end <= engine.present()) {
            return Err(Failure::bad("endsAt is in the past: it would be over already"));
        }
        let mut acknowledgement = Acknowledgement::new(taken.author, taken.comment, engine.present());
        acknowledgement.until = taken.ends_at;
        let acknowledged = alerts.acknowledge(&matchers, &acknowledgement);
        if acknowledged == 0 {
            return Err(Failure::not_found("no alert that fires passes these matchers"));
        }
        Ok(json(&TakenCare { acknowledged }))
    })
    .await
}

/// Whose acknowledgements are withdrawn, and by whom.
#[derive(Debug, Deserialize)]
pub(crate) struct GivenUp {
    matchers: Vec<PostedMatcher>,
    author: String,
}

#[derive(Serialize)]
struct Withdrawn {
    withdrawn: usize,
}

/// Nobody takes care of these alerts any more.
pub(crate) async fn withdraw(
    State(api): State<AlertApi>,
    Json(given_up): Json<GivenUp>,
) -> Result<Response, Failure> {
    let matchers = asked(&given_up.matchers, &given_up.author)?;
    let alerts = api.alerts.clone();
    api.blocking(move |_| match alerts.withdraw_acknowledgement(&matchers, &given_up.author) {
        0 => Err(Failure::not_found("no alert that passes these matchers is acknowledged")),
        withdrawn => Ok(json(&Withdrawn { withdrawn })),
    })
    .await
}

/// The alerts that somebody does something about, who says who they are.
fn asked(matchers: &[PostedMatcher], author: &str) -> Result<Vec<Matcher>, Failure> {
    if author.trim().is_empty() {
        return Err(Failure::bad("say who you are: author"));
    }
    if matchers.is_empty() {
        return Err(Failure::bad("say which alerts: at least one matcher"));
    }
    matchers.iter().map(PostedMatcher::matcher).collect()
}

#[derive(Serialize)]
struct Explained {
    fingerprint: String,
    labels: std::collections::BTreeMap<String, String>,
    explanation: String,
}

/// Why alerts are told, or not: by fingerprint, or all that pass `filter`.
pub(crate) async fn explain(
    State(api): State<AlertApi>,
    parameters: Parameters,
) -> Result<Response, Failure> {
    let matchers = parameters.matchers()?;
    let asked = match parameters.0.get("fingerprint") {
        "" => None,
        text => Some(
            u64::from_str_radix(text, 16)
                .map(Fingerprint)
                .map_err(|_| Failure::bad(format!("{text:?} is no fingerprint: 16 hexadecimal digits")))?,
        ),
    };
    if matchers.is_empty() && asked.is_none() {
        return Err(Failure::bad("say which alerts: ?fingerprint=.. or ?filter=.."));
    }
    let alerts = api.alerts.clone();
    api.blocking(move |engine| {
        let mut views = engine.views();
        views.retain(|view| {
            asked.is_none_or(|asked| view.alert.fingerprint() == asked)
                && all_hold(&matchers, &view.alert.labels)
        });
        let explained = views.iter().filter_map(|view| {
            let explanation = alerts.explain(&view.alert.labels)?;
            Some(Explained {
                fingerprint: view.alert.fingerprint().to_string(),
                labels: view.alert.labels.iter().map(|(name, value)| (name.into(), value.into())).collect(),
                explanation: explanation.to_string(),
            })
        });
        Ok(json(&explained.collect::<Vec<_>>()))
    })
    .await
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(serialize_with = "moment::serialize")]
    at: i64,
    who: &'a str,
    what: &'a str,
    detail: &'a str,
}

impl<'a> Entry<'a> {
    fn of(entry: &'a AuditEntry) -> Self {
        Self { at: entry.at, who: &entry.who, what: &entry.what, detail: &entry.detail }
    }
}

pub(crate) async fn audit(State(api): State<AlertApi>) -> Result<Response, Failure> {
    let alerts = api.alerts.clone();
    api.blocking(move |_| {
        let entries = alerts.audit();
        Ok(json(&entries.iter().map(Entry::of).collect::<Vec<_>>()))
    })
    .await
}

/// The alerts that are over, the latest first.
pub(crate) async fn history(State(api): State<AlertApi>) -> Result<Response, Failure> {
    api.blocking(|engine| {
        let until = engine.resolve_timeout();
        let views = engine.past_views();
        Ok(json(&views.iter().map(|view| Shown::new(view, until)).collect::<Vec<_>>()))
    })
    .await
}
