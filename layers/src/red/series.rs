//! The handles of one set of labels.

use std::time::Duration;

use http::StatusCode;
use metrics::{Counter, Histogram};

use crate::cache::Chain;
use crate::classify::{ErrorType, GrpcStatus};
use crate::observe::{End, Outcome};
use crate::red::maker::Maker;
use crate::red::naming::Metric;

/// What one route, method and set of own labels records into. A handle is made when it is first needed, and kept.
#[derive(Debug)]
pub(crate) struct Series {
    labels: Vec<metrics::Label>,
    answered: Chain<Answer, Answered>,
    errors: Chain<ErrorType, Counter>,
    aborted: Chain<Outcome, Counter>,
}

/// What tells answered exchanges apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answer {
    status: u16,
    grpc_status: Option<GrpcStatus>,
    /// Only where the naming has it on histograms.
    error: Option<ErrorType>,
}

/// The handles of answered exchanges.
#[derive(Debug)]
struct Answered {
    requests: Counter,
    duration: Histogram,
    head: Histogram,
    request_size: Histogram,
    response_size: Histogram,
}

impl Series {
    pub(crate) fn new(labels: Vec<metrics::Label>) -> Self {
        Self { labels, answered: Chain::default(), errors: Chain::default(), aborted: Chain::default() }
    }

    /// Records the end of an exchange, as the table in the module's docs has it.
    pub(crate) fn record(&self, end: &End<'_>, maker: &Maker<'_>) {
        let error = end.error();
        if let Some(status) = end.status {
            let answered = self.answered(status, end.grpc_status, error, maker);
            answered.requests.increment(1);
            if !end.streaming {
                answered.duration.record(end.duration);
            }
            if let Some(head) = end.time_to_head {
                answered.head.record(head);
            }
            if let Some(bytes) = end.request_bytes {
                answered.request_size.record(as_f64(bytes));
            }
            answered.response_size.record(as_f64(end.response_bytes));
        }
        if let Some(error) = error {
            self.error(error, maker);
        }
        if end.is_aborted() {
            self.aborted
                .get_or_insert_with(end.outcome, || {
                    let reason = metrics::Label::new(maker.names.labels().reason, end.outcome.as_str());
                    maker.counter(Metric::Aborted, self.with(vec![reason]))
                })
                .increment(1);
        }
    }

    /// Records a piece of work that had a status and took a time, and no more.
    pub(crate) fn work(&self, status: StatusCode, duration: Duration, maker: &Maker<'_>) {
        let error = ErrorType::of(Outcome::Complete, Some(status), None);
        let answered = self.answered(status, None, error, maker);
        answered.requests.increment(1);
        answered.duration.record(duration);
        if let Some(error) = error {
            self.error(error, maker);
        }
    }

    fn answered(
        &self,
        status: StatusCode,
        grpc_status: Option<GrpcStatus>,
        error: Option<ErrorType>,
        maker: &Maker<'_>,
    ) -> &Answered {
        let error = error.filter(|_| maker.names.histograms_by_error());
        let answer = Answer { status: status.as_u16(), grpc_status, error };
        self.answered.get_or_insert_with(answer, || self.make_answered(answer, maker))
    }

    /// Counts an error.
    pub(crate) fn error(&self, error: ErrorType, maker: &Maker<'_>) {
        self.errors
            .get_or_insert_with(error, || {
                let name = metrics::Label::new(maker.names.labels().error_type, error.name());
                maker.counter(Metric::Errors, self.with(vec![name]))
            })
            .increment(1);
    }

    fn make_answered(&self, answer: Answer, maker: &Maker<'_>) -> Answered {
        let names = maker.names.labels();
        let mut by_status = vec![metrics::Label::new(names.status, answer.status.to_string())];
        if let Some(grpc) = answer.grpc_status {
            by_status.push(metrics::Label::new(names.grpc_status, grpc.code().to_string()));
        }
        let requests = maker.counter(Metric::Requests, self.with(by_status.clone()));
        if let Some(error) = answer.error {
            by_status.push(metrics::Label::new(names.error_type, error.name()));
        }
        let histogram = |metric| {
            let extra = if maker.names.histograms_by_status() { by_status.clone() } else { Vec::new() };
            maker.histogram(metric, self.with(extra))
        };
        Answered {
            requests,
            duration: histogram(Metric::Duration),
            head: histogram(Metric::Head),
            request_size: histogram(Metric::RequestSize),
            response_size: histogram(Metric::ResponseSize),
        }
    }

    fn with(&self, extra: Vec<metrics::Label>) -> Vec<metrics::Label> {
        self.labels.iter().cloned().chain(extra).collect()
    }
}

/// Sizes above 2^53 lose their last bits.
#[allow(clippy::cast_precision_loss, reason = "nobody sends 9 petabytes")]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}
