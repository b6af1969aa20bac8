//! How the engine's thread sleeps.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rung by whoever has something for the thread. To ring it is a lock that is held for no longer than a store.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: Mutex<State>,
    heard: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rung: bool,
    stopped: bool,
}

impl Bell {
    /// Wakes the thread, now or when it next goes to sleep.
    pub(crate) fn ring(&self) {
        self.state().rung = true;
        self.heard.notify_all();
    }

    /// Ends the thread. Returns whether it had not been ended before.
    pub(crate) fn stop(&self) -> bool {
        let before = std::mem::replace(&mut self.state().stopped, true);
        self.heard.notify_all();
        !before
    }

    /// Waits so long, or until it is rung; `false` when it is over.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let waited = self.heard.wait_timeout_while(self.state(), time, |state| !state.rung && !state.stopped);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.rung = false;
        !state.stopped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
