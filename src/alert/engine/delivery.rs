//! The thread on which receivers are told.
//!
//! It has a runtime of its own, so a message goes out when the application's executor is stuck, and needs none to be there.
//! It is started when there is something to send for the first time.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The runtime, from its first use to the end of the engine.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Running {
        runtime: Handle,
        /// Dropped to end it.
        _stop: oneshot::Sender<()>,
    },
    Ended,
}

impl Delivery {
    /// Runs this on the thread. `None` where there is none, or none any more.
    pub(crate) fn spawn<F>(&self, work: F) -> Option<JoinHandle<F::Output>>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        Some(self.runtime()?.spawn(work))
    }

    /// The runtime, started where it was not.
    pub(crate) fn runtime(&self) -> Option<Handle> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Running { runtime, .. } => return Some(runtime.clone()),
            State::Ended => return None,
            State::Idle => {}
        }
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, started) = mpsc::channel();
        let serve = move || {
            // Made here, since a runtime must not be dropped inside of another one, where we may be called.
            match runtime::Builder::new_current_thread().enable_io().enable_time().build() {
                Ok(runtime) => {
                    let _ = ready.send(Ok(runtime.handle().clone()));
                    // Nothing is ever sent: it ends when the other end is dropped.
                    let _ = runtime.block_on(stopped);
                    // Tasks that are under way in threads for blocking work must not hold up the end.
                    runtime.shutdown_background();
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        };
        let started = thread::Builder::new()
            .name("tower-watch-notify".into())
            .spawn(serve)
            .and_then(|_| started.recv().unwrap_or_else(|gone| Err(std::io::Error::other(gone))));
        match started {
            Ok(runtime) => {
                *state = State::Running { runtime: runtime.clone(), _stop: stop };
                Some(runtime)
            }
            Err(error) => {
                tracing::error!(%error, "no thread could be started for notifications: what is owed waits");
                None
            }
        }
    }

    /// Ends the thread, and drops what it is at.
    pub(crate) fn end(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Ended;
    }
}
