//! What was started, to flush and to shut down.

use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::trace::KeepTraces;

use crate::telemetry::error::Problems;
use crate::telemetry::logs::LevelControl;
use crate::telemetry::roots::Roots;
use crate::telemetry::{Identity, Outlet, TelemetryError};

/// Telemetry that was started. Cheap to clone; dropping it stops nothing. When the last clone is dropped, lines that were logged
/// before are given up to a second to be written, so that a program that just ends shows its last words.
///
/// Give it to [`WatchBuilder::telemetry`](crate::WatchBuilder::telemetry), whose [`Watch::shutdown`](crate::Watch::shutdown)
/// flushes it, or call [`shutdown`](Self::shutdown) before the process ends: what was not sent by then is lost.
#[derive(Clone, Debug)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    identity: Identity,
    outlets: Vec<Arc<dyn Outlet>>,
    levels: Vec<LevelControl>,
    roots: Roots,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for outlet in &self.outlets {
            outlet.leave(LAST_WORDS);
        }
    }
}

/// How long dropping it may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Telemetry {
    pub(crate) fn new(
        identity: Identity,
        outlets: Vec<Arc<dyn Outlet>>,
        levels: Vec<LevelControl>,
        roots: Roots,
    ) -> Self {
        Self { inner: Arc::new(Inner { identity, outlets, levels, roots }) }
    }

    /// Writes these lines from now on, at each place, as `RUST_LOG` says it: `debug`, `info,orders=trace`. After `during`, where
    /// nobody said otherwise meanwhile, again what was written at the start.
    ///
    /// Spans and what is exported of them stay as they are. Records of the `log` crate come no finer than at the start. The
    /// callsites of the whole program are asked anew, which takes a millisecond or so.
    ///
    /// # Errors
    ///
    /// The directives cannot be understood, and nothing is changed; or the subscriber is gone.
    pub fn set_log_level(&self, directives: &str, during: Option<Duration>) -> Result<(), TelemetryError> {
        let mut problems = Problems::default();
        for level in &self.inner.levels {
            if problems.ok("set_log_level", level.set(directives, during)).is_none() {
                break;
            }
        }
        problems.into_result()
    }

    /// Whether something takes log lines.
    pub(crate) fn writes_lines(&self) -> bool {
        !self.inner.levels.is_empty()
    }

    /// Which service this is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.inner.identity
    }

    /// Sends what is waiting, within `deadline`; whether all of it went. Needs no async runtime.
    pub async fn flush(&self, deadline: Duration) -> bool {
        let flushes: Vec<_> = self.inner.outlets.iter().map(|outlet| outlet.flush(deadline)).collect();
        all(flushes).await
    }

    /// The same, and takes nothing more.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        let flushes: Vec<_> = self.inner.outlets.iter().map(|outlet| outlet.shutdown(deadline)).collect();
        all(flushes).await
    }

    /// Where traces go that are kept at their end.
    pub(crate) fn keep(&self) -> Option<Arc<dyn KeepTraces>> {
        self.inner.outlets.iter().find_map(|outlet| outlet.keep())
    }

    pub(crate) fn attach(&self, watch: &crate::Watch) {
        self.inner.roots.follow(watch.sampling().clone());
        for outlet in &self.inner.outlets {
            outlet.attach(watch);
        }
    }
}

/// All were started already, so waiting for one after the other takes as long as the longest.
async fn all(flushes: Vec<crate::telemetry::Flushed>) -> bool {
    let mut sent = true;
    for flush in flushes {
        sent &= flush.await;
    }
    sent
}
