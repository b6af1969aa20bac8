//! Silences: shown, made, changed and ended.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::alert::{Silence, SilenceError, SilenceState};
use crate::http::alert_api::answer::{Failure, done, json};
use crate::http::alert_api::body::Json;
use crate::http::alert_api::filter::Parameters;
use crate::http::alert_api::moment;
use crate::http::alert_api::router::AlertApi;
use crate::series::{MatchOp, Matcher};

/// A matcher as it is sent and shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostedMatcher {
    #[serde(default = "yes")]
    is_equal: bool,
    is_regex: bool,
    name: String,
    value: String,
}

fn yes() -> bool {
    true
}

impl PostedMatcher {
    fn of(matcher: &Matcher) -> Self {
        let (is_equal, is_regex) = match matcher.op() {
            MatchOp::Equal => (true, false),
            MatchOp::NotEqual => (false, false),
            MatchOp::Regex => (true, true),
            MatchOp::NotRegex => (false, true),
        };
        Self { is_equal, is_regex, name: matcher.name().to_owned(), value: matcher.value().to_owned() }
    }

    pub(crate) fn matcher(&self) -> Result<Matcher, Failure> {
        let op = match (self.is_equal, self.is_regex) {
            (true, false) => MatchOp::Equal,
            (false, false) => MatchOp::NotEqual,
            (true, true) => MatchOp::Regex,
            (false, true) => MatchOp::NotRegex,
        };
        if self.name.is_empty() {
            return Err(Failure::bad("a matcher has the name of a label"));
        }
        let named = |fault| Failure::bad(format!("the matcher of {:?}: {fault}", self.name));
        Matcher::new(self.name.as_str(), op, self.value.as_str()).map_err(named)
    }
}

/// A silence as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    id: &'a str,
    status: Status,
    #[serde(serialize_with = "moment::serialize")]
    updated_at: i64,
    comment: &'a str,
    created_by: &'a str,
    #[serde(serialize_with = "moment::serialize")]
    ends_at: i64,
    matchers: Vec<PostedMatcher>,
    #[serde(serialize_with = "moment::serialize")]
    starts_at: i64,
}

#[derive(Serialize)]
struct Status {
    state: &'static str,
}

impl<'a> Shown<'a> {
    fn new(silence: &'a Silence, now: i64) -> Self {
        Self {
            id: &silence.id,
            status: Status { state: silence.state_at(now).as_str() },
            updated_at: silence.updated_at,
            comment: &silence.comment,
            created_by: &silence.created_by,
            ends_at: silence.ends_at,
            matchers: silence.matchers.iter().map(PostedMatcher::of).collect(),
            starts_at: silence.starts_at,
        }
    }
}

pub(crate) async fn list(State(api): State<AlertApi>, parameters: Parameters) -> Result<Response, Failure> {
    let filter = parameters.matchers()?;
    let alerts = api.alerts.clone();
    api.blocking(move |engine| {
        let now = engine.present();
        let mut silences = alerts.silences();
        silences.retain(|silence| filter.iter().all(|asked| is_about(silence, asked)));
        silences.sort_by_key(|silence| match silence.state_at(now) {
            SilenceState::Active => (0, silence.ends_at),
            SilenceState::Pending => (1, silence.starts_at),
            SilenceState::Expired => (2, -silence.ends_at),
        });
        Ok(json(&silences.iter().map(|silence| Shown::new(silence, now)).collect::<Vec<_>>()))
    })
    .await
}

/// Whether what is asked for is among what is silenced: a matcher of the same label whose text passes it.
fn is_about(silence: &Silence, asked: &Matcher) -> bool {
    let named = silence.matchers.iter().find(|matcher| matcher.name() == asked.name());
    asked.matches(named.map_or("", Matcher::value))
}

/// A silence as it is sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posted {
    #[serde(default)]
    id: String,
    matchers: Vec<PostedMatcher>,
    #[serde(deserialize_with = "moment::deserialize")]
    starts_at: Option<i64>,
    #[serde(deserialize_with = "moment::deserialize")]
    ends_at: Option<i64>,
    created_by: String,
    comment: String,
}

#[derive(Serialize)]
struct Made {
    #[serde(rename = "silenceID")]
    silence_id: String,
}

pub(crate) async fn set(
    State(api): State<AlertApi>,
    Json(posted): Json<Posted>,
) -> Result<Response, Failure> {
    let matchers = posted.matchers.iter().map(PostedMatcher::matcher).collect::<Result<Vec<_>, _>>()?;
    let Some(end) = posted.ends_at else {
        return Err(Failure::bad("a silence has an end: endsAt"));
    };
    let alerts = api.alerts.clone();
    api.blocking(move |engine| {
        let start = posted.starts_at.unwrap_or_else(|| engine.present());
        let silence =
            Silence::new(matchers, start, end, posted.created_by, posted.comment).with_id(posted.id);
        let silence_id = alerts.silence(silence)?;
        Ok(json(&Made { silence_id }))
    })
    .await
}

pub(crate) async fn show(State(api): State<AlertApi>, Path(id): Path<String>) -> Result<Response, Failure> {
    api.blocking(move |engine| {
        let found = engine.core().dispatcher.silences().get(&id).cloned();
        let silence = found.ok_or_else(|| Failure::not_found(format!("there is no silence {id}")))?;
        Ok(json(&Shown::new(&silence, engine.present())))
    })
    .await
}

pub(crate) async fn expire(State(api): State<AlertApi>, Path(id): Path<String>) -> Result<Response, Failure> {
    let alerts = api.alerts.clone();
    api.blocking(move |_| {
        alerts.expire_silence(&id, "api")?;
        Ok(done())
    })
    .await
}

impl From<SilenceError> for Failure {
    fn from(error: SilenceError) -> Self {
        let status = match error {
            SilenceError::NotFound(_) => StatusCode::NOT_FOUND,
            // As upstream, where this is an error of the server.
            SilenceError::Expired(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.to_string())
    }
}
