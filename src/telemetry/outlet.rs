//! One way out, as the handle sees it.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use tower_watch_layers::trace::KeepTraces;
use tracing_subscriber::{Layer, Registry};

/// What becomes true when everything that was there has gone out, or the deadline has passed: whether all of it went.
pub(crate) type Flushed = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Where the layer of an outlet is added to.
pub(crate) type OutletLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// A way out that was started: OTLP, a log file, Sentry. Works on threads of its own, so it needs no runtime of the caller's.
pub(crate) trait Outlet: Send + Sync + fmt::Debug {
    /// Sends what there is, within the deadline.
    fn flush(&self, deadline: Duration) -> Flushed;

    /// The same, and takes nothing more.
    fn shutdown(&self, deadline: Duration) -> Flushed;

    /// Nobody holds the handle any more: waits for what is written at once anyway, and no longer than this. Blocks.
    fn leave(&self, patience: Duration) {
        let _ = patience;
    }

    /// Where traces go that are kept at their end.
    fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        None
    }

    /// A watch uses this telemetry: its numbers can be exported too.
    fn attach(&self, watch: &crate::Watch) {
        let _ = watch;
    }
}

/// Runs what blocks on a thread of its own, and comes to what that comes to; false where no thread can be started, or it panicked.
pub(crate) fn on_a_thread(name: &str, work: impl FnOnce() -> bool + Send + 'static) -> Flushed {
    let result = Arc::new(Mutex::new(Result::default()));
    let end = End(Arc::clone(&result));
    let run = move || end.say(work());
    // Where it fails, the closure is dropped, and with it the end is said.
    let _ = thread::Builder::new().name(name.to_owned()).spawn(run);
    Box::pin(poll_fn(move |context| {
        let mut result = result.lock().unwrap_or_else(PoisonError::into_inner);
        match result.said {
            Some(said) => Poll::Ready(said),
            None => {
                result.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }))
}

#[derive(Debug, Default)]
struct Result {
    said: Option<bool>,
    waker: Option<Waker>,
}

/// Says how it ended, whatever happens.
struct End(Arc<Mutex<Result>>);

impl End {
    fn say(&self, result: bool) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.said.get_or_insert(result);
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.say(false);
    }
}
