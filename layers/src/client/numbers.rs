//! The metrics of requests that go out, by host.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Unit};

use crate::cache::{Capped, Chain, Limit};
use crate::classify::{ErrorType, GrpcStatus};
use crate::client::ClientConfig;
use crate::clock::Clock;
use crate::exemplar;
use crate::facade::{self, SharedRecorder};
use crate::method::MethodIndex;
use crate::observe::End;
use crate::route::OTHER;

const REQUESTS: &str = "http_client_requests_total";
const DURATION: &str = "http_client_request_duration_seconds";
const IN_FLIGHT: &str = "http_client_requests_in_flight";
const ERRORS: &str = "http_client_requests_errors_total";
const OVERFLOW: &str = "tower_watch_label_overflow_total";

const METADATA: Metadata<'static> = Metadata::new("tower_watch", Level::INFO, Some(module_path!()));

/// A host that was silent for so long gives its place to another.
const IDLE: Duration = Duration::from_secs(3_600);

/// All handles of a layer, by the recorder that they were made from: a layer without one of its own records into that of the
/// exchange that it is used in.
#[derive(Debug)]
pub(crate) struct Numbers {
    books: Chain<usize, Book>,
    cap: usize,
    pinned: Vec<String>,
}

/// The handles of one recorder.
#[derive(Debug)]
struct Book {
    /// Held, so that no other recorder can take its address.
    recorder: Option<SharedRecorder>,
    hosts: Capped<HostNumbers>,
    other: Arc<HostNumbers>,
    overflow: OnceLock<Counter>,
}

/// The handles of one host.
#[derive(Debug)]
pub(crate) struct HostNumbers {
    recorder: Option<SharedRecorder>,
    host: Box<str>,
    methods: [OnceLock<Box<MethodNumbers>>; MethodIndex::COUNT],
}

#[derive(Debug)]
struct MethodNumbers {
    in_flight: Gauge,
    answered: Chain<Answer, (Counter, Histogram)>,
    errors: Chain<ErrorType, Counter>,
}

/// What tells answers apart; status 0 where there was none.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answer {
    status: u16,
    grpc_status: Option<GrpcStatus>,
}

impl Numbers {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        let pinned = config.trusted.iter().filter_map(|host| host.exact().map(str::to_owned)).collect();
        Self { books: Chain::default(), cap: config.host_cap, pinned }
    }

    /// What requests to a host are recorded into; `None` while there is no recorder.
    pub(crate) fn of(
        &self,
        host: &str,
        recorder: Option<&SharedRecorder>,
        clock: &Clock,
    ) -> Option<Arc<HostNumbers>> {
        let identity = facade::identity(recorder);
        if !facade::is_bound(recorder) {
            return None;
        }
        let book = self.books.get_or_insert_with(identity, || self.open(recorder, clock));
        let numbers = book.hosts.get(host, true, || HostNumbers::new(host, recorder));
        Some(numbers.unwrap_or_else(|| {
            book.overflow().increment(1);
            Arc::clone(&book.other)
        }))
    }

    fn open(&self, recorder: Option<&SharedRecorder>, clock: &Clock) -> Book {
        describe(recorder);
        let limit = Limit { keys: self.cap, idle: Some(IDLE) };
        let mut hosts = Capped::new(limit, clock.clone());
        hosts.pin(self.pinned.iter().map(String::as_str), |host| HostNumbers::new(host, recorder));
        Book {
            recorder: recorder.cloned(),
            hosts,
            other: Arc::new(HostNumbers::new(OTHER, recorder)),
            overflow: OnceLock::new(),
        }
    }
}

impl Book {
    fn overflow(&self) -> &Counter {
        self.overflow.get_or_init(|| {
            counter(self.recorder.as_ref(), OVERFLOW, vec![Label::from_static_parts("label", "host")])
        })
    }
}

impl HostNumbers {
    fn new(host: &str, recorder: Option<&SharedRecorder>) -> Self {
        Self { recorder: recorder.cloned(), host: host.into(), methods: Default::default() }
    }

    /// Counts a request as one in flight, until the result is dropped.
    pub(crate) fn begin(self: &Arc<Self>, method: MethodIndex) -> InFlight {
        let gauge = self.method(method).in_flight.clone();
        gauge.increment(1.0);
        InFlight(gauge)
    }

    /// Records the end of a request.
    pub(crate) fn record(&self, method: MethodIndex, end: &End<'_>, error: Option<ErrorType>) {
        let numbers = self.method(method);
        let answer =
            Answer { status: end.status.map_or(0, |status| status.as_u16()), grpc_status: end.grpc_status };
        let (requests, duration) =
            numbers.answered.get_or_insert_with(answer, || self.answered(method, answer));
        let trace = end.slot.trace().filter(|trace| trace.sampled).map(|trace| trace.trace_id);
        exemplar::with(trace, || {
            requests.increment(1);
            if !end.streaming {
                duration.record(end.duration);
            }
            if let Some(error) = error {
                numbers.errors.get_or_insert_with(error, || self.error(method, error)).increment(1);
            }
        });
    }

    fn method(&self, method: MethodIndex) -> &MethodNumbers {
        self.methods[method.place()].get_or_init(|| {
            let key = Key::from_parts(IN_FLIGHT, self.labels(method));
            let in_flight = facade::with_recorder(self.recorder.as_ref(), |recorder| {
                recorder.register_gauge(&key, &METADATA)
            });
            Box::new(MethodNumbers { in_flight, answered: Chain::default(), errors: Chain::default() })
        })
    }

    fn answered(&self, method: MethodIndex, answer: Answer) -> (Counter, Histogram) {
        let mut labels = self.labels(method);
        labels.push(match answer.status {
            0 => Label::from_static_parts("status", "none"),
            status => Label::new("status", status.to_string()),
        });
        if let Some(status) = answer.grpc_status {
            labels.push(Label::new("grpc_status", status.name()));
        }
        let key = Key::from_parts(DURATION, labels.clone());
        let duration = facade::with_recorder(self.recorder.as_ref(), |recorder| {
            recorder.register_histogram(&key, &METADATA)
        });
        (counter(self.recorder.as_ref(), REQUESTS, labels), duration)
    }

    fn error(&self, method: MethodIndex, error: ErrorType) -> Counter {
        let mut labels = self.labels(method);
        labels.push(Label::new("error_type", error.name()));
        counter(self.recorder.as_ref(), ERRORS, labels)
    }

    fn labels(&self, method: MethodIndex) -> Vec<Label> {
        vec![Label::from_static_parts("method", method.label()), Label::new("host", self.host.to_string())]
    }
}

/// One request in flight. The gauge comes down with it, however it goes.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

fn counter(recorder: Option<&SharedRecorder>, name: &'static str, labels: Vec<Label>) -> Counter {
    let key = Key::from_parts(name, labels);
    facade::with_recorder(recorder, |recorder| recorder.register_counter(&key, &METADATA))
}

fn describe(recorder: Option<&SharedRecorder>) {
    facade::with_recorder(recorder, |recorder| {
        let requests = "Requests sent to others, by attempt; status none: there was no answer";
        recorder.describe_counter(REQUESTS.into(), Some(Unit::Count), requests.into());
        let duration = "From the call to the end of the answer's body";
        recorder.describe_histogram(DURATION.into(), Some(Unit::Seconds), duration.into());
        let in_flight = "Requests sent to others that have not ended";
        recorder.describe_gauge(IN_FLIGHT.into(), Some(Unit::Count), in_flight.into());
        let errors = "Requests sent to others that failed, by why";
        recorder.describe_counter(ERRORS.into(), Some(Unit::Count), errors.into());
    });
}
