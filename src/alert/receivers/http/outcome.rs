//! What an HTTP answer means for a message, in one place.
//!
//! | answer | outcome |
//! |---|---|
//! | 2xx | delivered |
//! | 408, 429, 5xx | another time, after `Retry-After` where it is given |
//! | no connection, no answer in time, a broken one | another time |
//! | another 4xx, 3xx (redirects are not followed: the message is meant for the address that was given) | refused |
//!
//! A body is never quoted: an error page can hold the URL that was asked, and that is a secret with Slack and others.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};

use crate::alert::receivers::SendError;
use crate::outgoing::{Answer, HttpClientError};

/// What an answer means.
pub(crate) fn of_answer(answer: &Answer, now: SystemTime) -> Result<(), SendError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(());
    }
    let reason = match status.is_redirection() {
        true => format!(
            "it answered {}, and redirects are not followed; give the address that it moved to",
            status.as_u16()
        ),
        false => format!("it answered {}", status.as_u16()),
    };
    Err(match is_passing(status) {
        true => SendError::Retry { reason, after: retry_after(&answer.headers, now) },
        false => SendError::Refused { reason },
    })
}

/// What it means that there was none.
pub(crate) fn of_error(error: &HttpClientError) -> SendError {
    match error {
        HttpClientError::Url(_) => SendError::refused(error.to_string()),
        _ => SendError::retry(error.to_string()),
    }
}

fn is_passing(status: StatusCode) -> bool {
    matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) || status.is_server_error()
}

/// Seconds, or a date: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}
