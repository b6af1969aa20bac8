//! Every ending under every stack: one end each, the gauge back at zero, each exchange counted in one place.

use std::sync::Arc;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tower::Layer;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::classify::Outcome;
use tower_watch_layers::context::{ContextLayer, ContextObserver, RequestContext};
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::red::{RedConfig, RedLayer, RedObserver};
use tower_watch_layers::testing::RecordExchanges;

use crate::scenarios::{self, Refuse, Scenario, Stack, erase};
use crate::script::{Scripted, Transport};

/// What a recorder has of the request metrics.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Numbers {
    pub(crate) requests: u64,
    /// Aborted exchanges, by reason.
    pub(crate) aborted: Vec<(String, u64)>,
    /// Errors, by type.
    pub(crate) errors: Vec<(String, u64)>,
    /// The gauges, one per endpoint and method.
    pub(crate) in_flight: Vec<f64>,
}

impl Numbers {
    /// Reads them, once: the debugging recorder gives its values away.
    pub(crate) fn take(snapshotter: &Snapshotter) -> Self {
        let mut numbers = Self::default();
        for (key, _, _, value) in snapshotter.snapshot().into_vec() {
            let key = key.key();
            let label =
                |name| key.labels().find(|label| label.key() == name).map(|label| label.value().to_owned());
            match (key.name(), value) {
                ("http_requests_total", DebugValue::Counter(count)) => numbers.requests += count,
                ("http_requests_aborted_total", DebugValue::Counter(count)) => {
                    numbers.aborted.push((label("reason").unwrap(), count));
                }
                ("http_requests_errors_total", DebugValue::Counter(count)) => {
                    numbers.errors.push((label("error_type").unwrap(), count));
                }
                ("http_requests_in_flight", DebugValue::Gauge(gauge)) => {
                    numbers.in_flight.push(gauge.into_inner());
                }
                _ => {}
            }
        }
        // A handle may be made before it is used.
        for counts in [&mut numbers.aborted, &mut numbers.errors] {
            counts.retain(|(_, count)| *count > 0);
            counts.sort();
        }
        numbers
    }

    /// Aborted before there was a head to count.
    pub(crate) fn headless(&self) -> u64 {
        let is_headless = |reason: &str| matches!(reason, "cancelled" | "service_error");
        self.aborted.iter().filter(|(reason, _)| is_headless(reason)).map(|(_, count)| count).sum()
    }
}

/// What a stack is made of.
struct Parts<'a> {
    scenario: &'a Scenario,
    record: RecordExchanges,
    recorder: Option<SharedRecorder>,
}

impl Parts<'_> {
    fn settings(&self) -> Settings {
        match &self.recorder {
            Some(recorder) => Settings::new().with_recorder(recorder.clone()),
            None => Settings::new(),
        }
    }

    fn red(&self) -> RedLayer {
        RedLayer::with_settings(&RedConfig::new(), self.settings())
    }

    fn context(&self) -> ContextLayer {
        ContextLayer::with_settings(ContextObserver::new(), self.settings())
    }

    fn record(&self) -> ObserveLayer<RecordExchanges> {
        ObserveLayer::with_settings(self.record.clone(), self.settings())
    }

    /// The service; where the scenario refuses, with an innermost layer that does so.
    fn inner(&self, service: Scripted) -> Stack {
        let inner = self.scenario.inner(service);
        if self.scenario.refused {
            let refuse = ObserveLayer::with_settings(Refuse::of(self.scenario), self.settings());
            erase(refuse.layer(inner))
        } else {
            inner
        }
    }
}

/// A stack of layers, and what there is to see of an exchange in it.
struct Kind {
    name: &'static str,
    build: fn(&Parts<'_>, Scripted) -> Stack,
    recorded: bool,
    counted: bool,
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "RecordExchanges",
        build: |parts, service| erase(parts.record().layer(parts.inner(service))),
        recorded: true,
        counted: false,
    },
    Kind {
        name: "ContextLayer",
        build: |parts, service| erase(parts.context().layer(parts.inner(service))),
        recorded: false,
        counted: false,
    },
    Kind {
        name: "RedLayer",
        build: |parts, service| erase(parts.red().layer(parts.inner(service))),
        recorded: false,
        counted: true,
    },
    Kind {
        name: "(Context, Red, Record, Refuse)",
        build: |parts, service| {
            let red = RedObserver::new(&RedConfig::new());
            let observer = (ContextObserver::new(), red, parts.record.clone(), Refuse::of(parts.scenario));
            let inner = parts.scenario.inner(service);
            erase(ObserveLayer::with_settings(observer, parts.settings()).layer(inner))
        },
        recorded: true,
        counted: true,
    },
    Kind {
        name: "RedLayer around ContextLayer",
        build: |parts, service| erase(parts.red().layer(parts.context().layer(parts.inner(service)))),
        recorded: false,
        counted: true,
    },
    Kind {
        name: "ContextLayer around RecordExchanges around RedLayer",
        build: |parts, service| {
            erase(parts.context().layer(parts.record().layer(parts.red().layer(parts.inner(service)))))
        },
        recorded: true,
        counted: true,
    },
    Kind {
        name: "RedLayer around RedLayer",
        build: |parts, service| erase(parts.red().layer(parts.red().layer(parts.inner(service)))),
        recorded: false,
        counted: true,
    },
    Kind {
        name: "one RedLayer twice",
        build: |parts, service| {
            let red = parts.red();
            erase(red.layer(parts.record().layer(red.layer(parts.inner(service)))))
        },
        recorded: true,
        counted: true,
    },
];

/// Whether the stack has a recorder of its own, or takes the one that is there.
#[derive(Clone, Copy, Debug)]
enum Recording {
    Own,
    Facade,
}

fn check(kind: &Kind, scenario: &Scenario, recording: Recording) {
    let place = format!("{} / {} / {recording:?}", kind.name, scenario.name);
    let recorder = Arc::new(DebuggingRecorder::new());
    let snapshotter = recorder.snapshotter();
    let parts = Parts {
        scenario,
        record: RecordExchanges::new(),
        recorder: matches!(recording, Recording::Own).then(|| SharedRecorder::new(Arc::clone(&recorder))),
    };
    let run = || {
        let mut stack = scenario.outer((kind.build)(&parts, Scripted::new(scenario.script.clone())));
        let transport = Transport { stop: scenario.stop, catch: scenario.catch, clock: None };
        transport.send(&mut stack, scenario.request());
        assert!(RequestContext::current().is_none(), "{place}: a context was left behind");
    };
    match recording {
        Recording::Own => run(),
        Recording::Facade => metrics::with_local_recorder(&*recorder, run),
    }

    let outcome = scenario.told.outcome;
    if kind.recorded {
        assert_eq!((parts.record.open(), parts.record.ended().len()), (0, 1), "{place}");
        // To a layer around the one that refuses, the refusal is an answer like any other.
        let seen = parts.record.only().outcome;
        let is_right = seen == outcome || (outcome == Outcome::Refused && seen == Outcome::Complete);
        assert!(is_right, "{place}: {seen}");
    }
    let numbers = Numbers::take(&snapshotter);
    if !kind.counted {
        assert_eq!(numbers, Numbers::default(), "{place}");
        return;
    }
    let is_headless = matches!(outcome, Outcome::Cancelled | Outcome::ServiceError);
    assert_eq!(
        (numbers.requests, numbers.headless()),
        (u64::from(!is_headless), u64::from(is_headless)),
        "{place}"
    );
    let reasons: Vec<_> =
        scenario.told.aborted.then(|| (outcome.as_str().to_owned(), 1)).into_iter().collect();
    assert_eq!(numbers.aborted, reasons, "{place}");
    let errors: Vec<_> = scenario.told.error.clone().map(|error| (error, 1)).into_iter().collect();
    assert_eq!(numbers.errors, errors, "{place}");
    assert_eq!(numbers.in_flight, [0.0], "{place}");
}

#[test]
fn every_ending_under_every_stack() {
    for kind in &KINDS {
        for scenario in &scenarios::all() {
            for recording in [Recording::Own, Recording::Facade] {
                check(kind, scenario, recording);
            }
        }
    }
}

#[test]
fn the_gauge_is_up_while_the_exchange_runs() {
    use http::Request;
    use tower::Service;

    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let settings = Settings::new().with_recorder(SharedRecorder::new(recorder));
    let layer = RedLayer::with_settings(&RedConfig::new(), settings);
    let mut service = layer.layer(Scripted::new(crate::script::Script::respond(200, [])));
    let future = service.call(Request::new(()));
    assert_eq!(Numbers::take(&snapshotter).in_flight, [1.0]);
    drop(future);
    // Taking it has set it to zero.
    assert_eq!(Numbers::take(&snapshotter).in_flight, [-1.0]);
}
