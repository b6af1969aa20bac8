//! The thread on which everything is sent.
//!
//! One thread with a runtime of its own serves all signals, so that exporting needs no runtime of the application's, works from
//! `main` on, and never takes the time of one of its threads.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is one that exports: what is logged on it is about the export.
pub(crate) fn is_worker() -> bool {
    IS_WORKER.get()
}

/// The thread. It ends, and drops what it has not sent, with the last clone.
#[derive(Clone, Debug)]
pub(crate) struct Worker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    runtime: Handle,
    end: Arc<Notify>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end.notify_one();
    }
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system has no thread, or no event queue, to give.
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let inner = Inner { runtime: runtime.handle().clone(), end: Arc::default() };
        let end = Arc::clone(&inner.end);
        thread::Builder::new().name("tower-watch-telemetry".to_owned()).spawn(move || {
            IS_WORKER.set(true);
            runtime.block_on(end.notified());
        })?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs a task on the thread. It must not block.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.inner.runtime.spawn(task).abort_handle()
    }

    /// As long as this is held, what is made is made for the thread's runtime.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.inner.runtime.enter()
    }
}
