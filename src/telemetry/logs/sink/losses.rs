//! What was lost, and who is told.

use std::sync::{Mutex, PoisonError};

use metrics::{Key, Label, Level, Metadata, Recorder};

use crate::registers::Registers;

/// Counts lost lines into `tower_watch_telemetry_dropped_total`: of the watch that uses this telemetry, or else of the process.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    watched: Mutex<Option<Registers>>,
}

/// Why lines are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// They came faster than they could be written.
    QueueFull,
    /// They could not be written.
    WriteFailed,
}

impl Losses {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// From now on they are counted here.
    pub(crate) fn count_into(&self, registers: Registers) {
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = Some(registers);
    }

    /// Counts; whether there was somebody to count.
    pub(crate) fn count(&self, reason: Reason, lines: u64) -> bool {
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match watched {
            Some(registers) => {
                record(&registers, reason, lines);
                true
            }
            None => metrics::with_recorder(|recorder| {
                // The facade's recorder that does nothing is the one without a size.
                let is_there = size_of_val(recorder) > 0;
                if is_there {
                    record(recorder, reason, lines);
                }
                is_there
            }),
        }
    }
}

fn record(recorder: &dyn Recorder, reason: Reason, lines: u64) {
    const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);
    let reason = match reason {
        Reason::QueueFull => "queue_full",
        Reason::WriteFailed => "write_failed",
    };
    let labels = vec![Label::from_static_parts("signal", "logs"), Label::from_static_parts("reason", reason)];
    let key = Key::from_parts("tower_watch_telemetry_dropped_total", labels);
    recorder.register_counter(&key, &METADATA).increment(lines);
}
