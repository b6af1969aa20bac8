//! What is counted of each target.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};

use crate::registers::Registers;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// Handles to the metrics of one target.
#[derive(Clone, Debug)]
pub(crate) struct Meters {
    pub(crate) delivered: Counter,
    pub(crate) retried: Counter,
    pub(crate) refused: Counter,
    pub(crate) dropped: Counter,
    pub(crate) retries: Counter,
    pub(crate) queue_length: Gauge,
    duration: Histogram,
}

impl Meters {
    /// Of nobody.
    pub(crate) fn noop() -> Self {
        Self {
            delivered: Counter::noop(),
            retried: Counter::noop(),
            refused: Counter::noop(),
            dropped: Counter::noop(),
            retries: Counter::noop(),
            queue_length: Gauge::noop(),
            duration: Histogram::noop(),
        }
    }

    pub(crate) fn new(registers: &Registers, receiver: &str) -> Self {
        const TOTAL: &str = "tower_watch_notifications_total";
        const RETRIES: &str = "tower_watch_notification_retries_total";
        const DURATION: &str = "tower_watch_notification_duration_seconds";
        const LENGTH: &str = "tower_watch_notification_queue_length";
        let help = "How sending notifications came out: delivered, retried (it is tried again), refused (it never will \
                    arrive); dropped counts what was owed to a receiver that is gone, or beyond the limit.";
        registers.describe_counter(TOTAL.into(), Some(Unit::Count), help.into());
        let help = "Attempts to send a notification after an attempt that failed.";
        registers.describe_counter(RETRIES.into(), Some(Unit::Count), help.into());
        let help = "How long an attempt to send a notification took.";
        registers.describe_histogram(DURATION.into(), Some(Unit::Seconds), help.into());
        let help = "What a receiver is owed: alerts that fire, and alerts that are over.";
        registers.describe_gauge(LENGTH.into(), Some(Unit::Count), help.into());

        let label = || Label::new("receiver", receiver.to_owned());
        let outcome = |outcome: &'static str| {
            let labels = vec![label(), Label::from_static_parts("outcome", outcome)];
            registers.register_counter(&Key::from_parts(TOTAL, labels), &METADATA)
        };
        Self {
            delivered: outcome("delivered"),
            retried: outcome("retried"),
            refused: outcome("refused"),
            dropped: outcome("dropped"),
            retries: registers.register_counter(&Key::from_parts(RETRIES, vec![label()]), &METADATA),
            queue_length: registers.register_gauge(&Key::from_parts(LENGTH, vec![label()]), &METADATA),
            duration: registers.register_histogram(&Key::from_parts(DURATION, vec![label()]), &METADATA),
        }
    }

    pub(crate) fn took(&self, time: Duration) {
        self.duration.record(time.as_secs_f64());
    }
}

impl Default for Meters {
    fn default() -> Self {
        Self::noop()
    }
}
