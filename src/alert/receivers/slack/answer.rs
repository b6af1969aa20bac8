//! What Slack says.
//!
//! A webhook answers `ok` or the name of an error (`channel_not_found`) as text; the method `chat.postMessage`, which a
//! configuration can name as well, answers 200 in any case, and the error in JSON
//! (<https://api.slack.com/messaging/webhooks#handling_errors>, <https://api.slack.com/methods/chat.postMessage#errors>).

use std::time::SystemTime;

use serde::Deserialize;

use crate::alert::receivers::SendError;
use crate::alert::receivers::http::of_answer;
use crate::outgoing::Answer;

/// Errors that pass by themselves.
const PASSING: [&str; 8] = [
    "fatal_error",
    "internal_error",
    "message_limit_exceeded",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "rollup_error",
    "service_unavailable",
];

#[derive(Deserialize)]
struct Said {
    ok: bool,
    #[serde(default)]
    error: String,
}

pub(crate) fn outcome(answer: &Answer, now: SystemTime) -> Result<(), SendError> {
    let name = error_name(&answer.body);
    let outcome = of_answer(answer, now);
    let Some(name) = name else { return outcome };
    match outcome {
        Ok(()) if PASSING.contains(&&*name) => Err(SendError::retry(format!("Slack says {name}"))),
        Ok(()) => Err(SendError::refused(format!("Slack says {name}"))),
        Err(SendError::Retry { reason, after }) => {
            Err(SendError::Retry { reason: format!("{reason}: Slack says {name}"), after })
        }
        Err(SendError::Refused { reason }) => Err(SendError::refused(format!("{reason}: Slack says {name}"))),
    }
}

/// The name of an error, and nothing else that a body can hold: a proxy's page can hold the URL, which is a secret.
fn error_name(body: &[u8]) -> Option<String> {
    if let Ok(said) = serde_json::from_slice::<Said>(body) {
        let name = if is_name(&said.error) { said.error } else { "not ok".to_owned() };
        return (!said.ok).then_some(name);
    }
    let text = std::str::from_utf8(body).ok()?.trim();
    (text != "ok" && is_name(text)).then(|| text.to_owned())
}

fn is_name(text: &str) -> bool {
    let is_name = |char: char| char.is_ascii_lowercase() || char == '_';
    text.len() <= 60 && text.contains('_') && text.chars().all(is_name)
        || matches!(text, "ratelimited" | "invalid" | "forbidden")
}
