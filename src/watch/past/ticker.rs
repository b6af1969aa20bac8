//! The thread that ticks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::registers::{Registers, WeakRegisters};
use crate::series::{Sampler, Timeline};

/// A sampler, and the thread that has it tick.
///
/// The thread is the toolkit's own: it goes on when the application's executor is stuck, which is when the numbers
/// are wanted most. It ends when the registers that it reads do.
#[derive(Debug)]
pub(crate) struct Ticker {
    sampler: Mutex<Sampler>,
    /// The sampler's, beside its lock: a handler that asks for the present must not wait for a tick.
    timeline: Timeline,
    stopped: Mutex<bool>,
    bell: Condvar,
}

impl Ticker {
    pub(crate) fn new(sampler: Sampler) -> Self {
        let timeline = sampler.timeline();
        Self { sampler: Mutex::new(sampler), timeline, stopped: Mutex::new(false), bell: Condvar::new() }
    }

    /// Starts the thread.
    pub(crate) fn start(self: &Arc<Self>, registers: &Registers) {
        let bell = Arc::clone(self);
        registers.at_the_end(move || {
            bell.stop();
        });
        let (ticker, registers) = (Arc::clone(self), registers.downgrade());
        let started =
            thread::Builder::new().name("tower-watch-tick".into()).spawn(move || ticker.run(&registers));
        if let Err(error) = started {
            tracing::error!(%error, "no thread could be started for the series store: it will stay empty");
        }
    }

    fn run(&self, registers: &WeakRegisters) {
        while self.wait() {
            let Some(registers) = registers.upgrade() else { return };
            // A defect of ours must not silence every alert for the rest of the process.
            if catch_unwind(AssertUnwindSafe(|| self.tick(&registers))).is_err() {
                tracing::error!(
                    "a tick of the series store panicked, which is a defect; the next one is tried"
                );
            }
        }
    }

    /// Waits for the next tick; `false` when there is none to come.
    fn wait(&self) -> bool {
        let due = self.sampler().until_due();
        self.wait_for(due)
    }

    /// Waits so long, or until there are no more ticks: then it is `false`.
    pub(crate) fn wait_for(&self, time: Duration) -> bool {
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.bell.wait_timeout_while(stopped, time, |stopped| !*stopped);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// One tick; the time that its samples carry.
    pub(crate) fn tick(&self, registers: &Registers) -> Option<i64> {
        self.sampler().tick(registers)
    }

    /// The present time of the samples, in milliseconds since the Unix epoch.
    pub(crate) fn now(&self) -> i64 {
        self.timeline.now()
    }

    /// Ends the thread; ticks can still be made by hand. Returns whether it had not been ended before.
    pub(crate) fn stop(&self) -> bool {
        let before =
            std::mem::replace(&mut *self.stopped.lock().unwrap_or_else(PoisonError::into_inner), true);
        self.bell.notify_all();
        !before
    }

    pub(crate) fn sampler(&self) -> MutexGuard<'_, Sampler> {
        self.sampler.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(feature = "alerts")]
impl Ticker {
    /// The samples' time, for who must not wait for a tick.
    pub(crate) fn timeline(&self) -> Timeline {
        self.timeline.clone()
    }
}
