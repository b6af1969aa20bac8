//! A place of lines, as the handle sees it.

use std::time::Duration;

use crate::Watch;
use crate::telemetry::logs::LogWriter;
use crate::telemetry::logs::level::LevelControl;
use crate::telemetry::outlet::on_a_thread;
use crate::telemetry::{Flushed, Outlet};

/// A place to which lines go.
#[derive(Debug)]
pub(crate) struct LogOutlet {
    writer: LogWriter,
    level: LevelControl,
}

impl LogOutlet {
    pub(crate) fn new(writer: LogWriter, level: LevelControl) -> Self {
        Self { writer, level }
    }

    pub(crate) fn level(&self) -> &LevelControl {
        &self.level
    }
}

impl Outlet for LogOutlet {
    fn flush(&self, deadline: Duration) -> Flushed {
        let writer = self.writer.clone();
        on_a_thread("tower-watch-flush", move || writer.flush_within(deadline))
    }

    /// It goes on taking lines: the last words of a process are written after everything else was shut down.
    fn shutdown(&self, deadline: Duration) -> Flushed {
        self.flush(deadline)
    }

    fn leave(&self, patience: Duration) {
        // Whoever leaves has nobody to tell that something is missing.
        let _ = self.writer.flush_within(patience);
    }

    fn attach(&self, watch: &Watch) {
        self.writer.counts().record_into(watch.registers());
    }
}
