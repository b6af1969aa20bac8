//! What is counted of all alerts together.

use metrics::{Counter, Gauge, Key, Level, Metadata, Recorder, Unit};

use crate::alert::dispatch::Book;
use crate::alert::evaluation::{AlertState, Board, RuleKind};
use crate::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

const ALERTS: &str = "tower_watch_alerts";
const DROPPED: &str = "tower_watch_alerts_dropped_total";

/// Handles to the metrics of an engine. They keep no hold of the registers.
#[derive(Debug)]
pub(crate) struct Meters {
    firing: Gauge,
    pending: Gauge,
    full: Counter,
}

impl Meters {
    pub(crate) fn new(registers: &Registers) -> Self {
        registers.describe_gauge(
            ALERTS.into(),
            Some(Unit::Count),
            "Alerts that are there, by their state.".into(),
        );
        let state = |state: &'static str| {
            registers.register_gauge(&Key::from_parts(ALERTS, &[("state", state)]), &METADATA)
        };
        Self { firing: state("firing"), pending: state("pending"), full: dropped(registers, "full") }
    }

    /// How it stands after a tick.
    pub(crate) fn count(&self, book: &Book) {
        self.firing.set(book.firing() as f64);
        self.full.absolute(book.dropped());
    }

    /// What is pending after an evaluation.
    pub(crate) fn count_pending(&self, board: &Board) {
        let groups = board.groups();
        let rules = groups.iter().flat_map(|group| &group.rules);
        let pending = rules.filter_map(|rule| match &rule.kind {
            RuleKind::Alerting(_, alerts) => Some(alerts),
            RuleKind::Recording(_) => None,
        });
        let pending = pending.flatten().filter(|alert| alert.state == AlertState::Pending).count();
        self.pending.set(pending as f64);
    }
}

/// A counter of what was lost for this reason.
pub(crate) fn dropped(registers: &Registers, reason: &'static str) -> Counter {
    registers.describe_counter(
        DROPPED.into(),
        Some(Unit::Count),
        "Alerts and changes of alerts that were lost because there were too many at once.".into(),
    );
    registers.register_counter(&Key::from_parts(DROPPED, &[("reason", reason)]), &METADATA)
}
