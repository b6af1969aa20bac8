//! When to try again.
//!
//! What may be tried again, and that a collector's own word on when goes before one's own guess, is the protocol's:
//! <https://opentelemetry.io/docs/specs/otlp/#failures> and <https://opentelemetry.io/docs/specs/otlp/#failures-1>.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use prost::Message;
use tonic::{Code, Status};

use crate::telemetry::otlp::transport::Failure;

/// The first wait, before jitter.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait that is one's own guess, before jitter.
const LONGEST: Duration = Duration::from_secs(5);
/// However long a collector asks for: so that one wrong answer does not silence a process for a day.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// The waits between the attempts of one batch: 1 s, 1.5 s, ... up to 5 s, each shortened by up to a half at random, so that
/// processes which lost the same collector do not come back at the same moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    pub(crate) fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait + wait / 2).min(LONGEST);
        wait.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

/// What an HTTP answer that is not a success means.
pub(crate) fn http_failure(status: StatusCode, headers: &HeaderMap, now_unix: Duration) -> Failure {
    let because = format!("it answered {}", status.as_u16());
    match status.as_u16() {
        429 | 502 | 503 | 504 => Failure::Later { because, after: retry_after(headers, now_unix) },
        _ => Failure::Never { because },
    }
}

/// Seconds, or a date: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>.
fn retry_after(headers: &HeaderMap, now_unix: Duration) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = text.parse().ok().map(Duration::from_secs);
    let asked = seconds.or_else(|| {
        let date = httpdate::parse_http_date(text).ok()?;
        let date = date.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(date.saturating_sub(now_unix))
    })?;
    Some(asked.min(LONGEST_ASKED))
}

/// What a gRPC status that is not OK means.
pub(crate) fn grpc_failure(status: &Status) -> Failure {
    let because = format!("it answered {:?}", status.code());
    let after = retry_delay(status.details());
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => Failure::Later { because, after },
        Code::ResourceExhausted if after.is_some() => Failure::Later { because, after },
        // The connection broke in the middle: nobody has answered.
        Code::Unknown if std::error::Error::source(status).is_some() => Failure::Later { because, after },
        _ => Failure::Never { because },
    }
}

/// `google.rpc.Status`, as far as it matters here.
#[derive(Clone, PartialEq, Message)]
struct RichStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

fn retry_delay(details: &[u8]) -> Option<Duration> {
    let status = RichStatus::decode(details).ok()?;
    let info = status.details.iter().find(|detail| detail.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(&info.value[..]).ok()?.retry_delay?;
    let asked = Duration::new(u64::try_from(delay.seconds).ok()?, u32::try_from(delay.nanos).ok()?);
    Some(asked.min(LONGEST_ASKED))
}
