//! What is known of a collector's runs, as metrics of their own.

use std::time::{Duration, SystemTime};

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder, Unit};

use crate::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

const RUNS: &str = "tower_watch_collector_runs_total";
const FAILURES: &str = "tower_watch_collector_failures_total";
const DURATION: &str = "tower_watch_collector_duration_seconds";
const LAST_SUCCESS: &str = "tower_watch_collector_last_success_timestamp_seconds";

/// Why a run failed, and what is to be said about it.
#[derive(Debug)]
pub(crate) enum Failure {
    Error(String),
    Panic(String),
    Timeout(Duration),
}

/// Handles to the metrics of one collector. They keep no hold of the registers.
#[derive(Debug)]
pub(crate) struct Meters {
    runs: Counter,
    errors: Counter,
    panics: Counter,
    timeouts: Counter,
    duration: Gauge,
    last_success: Gauge,
}

impl Meters {
    pub(crate) fn new(registers: &Registers, collector: &str) -> Self {
        describe(registers);
        let label = || Label::new("collector", collector.to_owned());
        let counter = |name, labels| registers.register_counter(&Key::from_parts(name, labels), &METADATA);
        let gauge = |name| registers.register_gauge(&Key::from_parts(name, vec![label()]), &METADATA);
        let failures = |reason| counter(FAILURES, vec![label(), Label::from_static_parts("reason", reason)]);
        Self {
            runs: counter(RUNS, vec![label()]),
            errors: failures("error"),
            panics: failures("panic"),
            timeouts: failures("timeout"),
            duration: gauge(DURATION),
            last_success: gauge(LAST_SUCCESS),
        }
    }

    pub(crate) fn ended(&self, took: Duration) {
        self.runs.increment(1);
        self.duration.set(took.as_secs_f64());
    }

    pub(crate) fn succeeded(&self, at: SystemTime) {
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.last_success.set(since.as_secs_f64());
    }

    pub(crate) fn failed(&self, failure: &Failure) {
        let failures = match failure {
            Failure::Error(_) => &self.errors,
            Failure::Panic(_) => &self.panics,
            Failure::Timeout(_) => &self.timeouts,
        };
        failures.increment(1);
    }
}

fn describe(registers: &Registers) {
    registers.describe_counter(RUNS.into(), Some(Unit::Count), "Runs of a collector that have ended.".into());
    registers.describe_counter(
        FAILURES.into(),
        Some(Unit::Count),
        "Runs of a collector that failed, panicked or took too long.".into(),
    );
    registers.describe_gauge(
        DURATION.into(),
        Some(Unit::Seconds),
        "How long the last run of a collector took.".into(),
    );
    registers.describe_gauge(
        LAST_SUCCESS.into(),
        Some(Unit::Seconds),
        "When a collector succeeded last, in seconds since the Unix epoch; 0 before it did.".into(),
    );
}
