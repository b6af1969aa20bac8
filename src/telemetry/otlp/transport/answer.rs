//! What became of a batch.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::Value;

/// The collector has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// So many items of it the collector did not take, and will not.
    pub(crate) rejected: i64,
    /// Why; or a warning, where none was rejected.
    pub(crate) message: String,
}

/// The collector does not have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It may be tried again: after so long, if the collector said.
    Later { because: String, after: Option<Duration> },
    /// It would not be taken the next time either.
    Never { because: String },
}

/// How much of what a collector writes is shown.
const SHOWN: usize = 200;

impl Accepted {
    /// Reads an answer in protobuf. Those of all signals look alike: the count has one tag, the message another.
    /// What cannot be read says nothing.
    pub(crate) fn from_protobuf(body: &[u8]) -> Self {
        let answer = ExportTraceServiceResponse::decode(body).unwrap_or_default();
        let partial = answer.partial_success.unwrap_or_default();
        Self { rejected: partial.rejected_spans, message: shown(&partial.error_message) }
    }

    /// Reads an answer in JSON, in which the count is a number or, as JSON has no 64 bits, a text.
    pub(crate) fn from_json(body: &[u8]) -> Self {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let partial = &answer["partialSuccess"];
        let rejected = ["rejectedSpans", "rejectedLogRecords", "rejectedDataPoints"]
            .iter()
            .find_map(|key| partial[key].as_i64().or_else(|| partial[key].as_str()?.parse().ok()));
        let message = partial["errorMessage"].as_str().unwrap_or_default();
        Self { rejected: rejected.unwrap_or(0), message: shown(message) }
    }
}

/// A collector's words, fit for a log line.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).map(|char| if char.is_control() { ' ' } else { char }).collect()
}
