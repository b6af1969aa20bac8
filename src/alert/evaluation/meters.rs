//! What is known of evaluations, as metrics of their own.

use std::time::Duration;

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder, Unit};

use crate::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

const EVALUATIONS: &str = "tower_watch_rule_evaluations_total";
const FAILURES: &str = "tower_watch_rule_evaluation_failures_total";
const DURATION: &str = "tower_watch_rule_group_duration_seconds";
const MISSED: &str = "tower_watch_rule_group_missed_total";

/// Handles to the metrics of one group. They keep no hold of the registers.
#[derive(Debug)]
pub(crate) struct Meters {
    evaluations: Counter,
    failures: Counter,
    duration: Gauge,
    missed: Counter,
}

impl Meters {
    /// Without registers, of nowhere.
    pub(crate) fn new(registers: Option<&Registers>, group: &str) -> Self {
        let Some(registers) = registers else {
            let (evaluations, failures, missed) = (Counter::noop(), Counter::noop(), Counter::noop());
            return Self { evaluations, failures, duration: Gauge::noop(), missed };
        };
        describe(registers);
        let key = |name| Key::from_parts(name, vec![Label::new("group", group.to_owned())]);
        let counter = |name| registers.register_counter(&key(name), &METADATA);
        Self {
            evaluations: counter(EVALUATIONS),
            failures: counter(FAILURES),
            duration: registers.register_gauge(&key(DURATION), &METADATA),
            missed: counter(MISSED),
        }
    }

    pub(crate) fn evaluated(&self, rules: usize, failed: usize, took: Duration, missed: u64) {
        self.evaluations.increment(rules as u64);
        self.failures.increment(failed as u64);
        self.duration.set(took.as_secs_f64());
        self.missed.increment(missed);
    }
}

fn describe(registers: &Registers) {
    let counter = |name: &'static str, help: &'static str| {
        registers.describe_counter(name.into(), Some(Unit::Count), help.into());
    };
    counter(EVALUATIONS, "Evaluations of rules.");
    counter(FAILURES, "Evaluations of rules that failed.");
    counter(MISSED, "Evaluations of a group that were left out because it was too late for them.");
    registers.describe_gauge(
        DURATION.into(),
        Some(Unit::Seconds),
        "How long the last evaluation of a group of rules took.".into(),
    );
}
