//! How an application adds numbers that nothing else records: a closure that is called every now and then.
//!
//! For what has a value at any time but no moment at which to record it: the length of a queue, the connections that
//! a pool has left, how many users are active. It runs on the application's own runtime, since it asks the
//! application's own clients; nothing of it is on the path of a request.

use std::fmt;
use std::time::Duration;

use crate::watch::Watch;
use crate::watch::past::collector::Collector;

/// The longest time that a run may take, where nothing else is said.
const LONGEST: Duration = Duration::from_secs(30);

/// When a collector runs: every so often, and no longer than that or 30 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    every: Duration,
    timeout: Duration,
}

impl Schedule {
    /// At once, and then every `every`. A beat that comes while a run is under way is left out.
    #[must_use]
    pub fn every(every: Duration) -> Self {
        Self { every, timeout: every.min(LONGEST) }
    }

    /// Changes how long one run may take.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn interval(self) -> Duration {
        self.every
    }

    pub(crate) fn timeout(self) -> Duration {
        self.timeout
    }
}

impl From<Duration> for Schedule {
    fn from(every: Duration) -> Self {
        Self::every(every)
    }
}

/// What a collector may return: nothing, or a [`Result`] whose error can be shown.
pub trait Collected {
    /// Whether the run succeeded; if not, why not.
    ///
    /// # Errors
    ///
    /// What is to stand in the log.
    fn collected(self) -> Result<(), String>;
}

impl Collected for () {
    fn collected(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> Collected for Result<(), E> {
    fn collected(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

/// Why a collector cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CollectError {
    /// It has no name.
    EmptyName,
    /// It would never rest: this collector's interval is zero.
    ZeroInterval(String),
    /// No run of this collector could ever end in time.
    ZeroTimeout(String),
    /// A collector of this name is running.
    NameTaken(String),
    /// There is no runtime for this collector to run on.
    NoRuntime(String),
    /// The watch has been shut down; this collector came too late.
    ShutDown(String),
}

impl fmt::Display for CollectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyName => f.write_str("a collector has a name: it is the label of its metrics"),
            Self::ZeroInterval(name) => write!(
                f,
                "the collector {name:?} is to run every 0 s and would never rest; give it a second or more"
            ),
            Self::ZeroTimeout(name) => {
                write!(
                    f,
                    "the collector {name:?} has a timeout of 0 s and could never succeed; give it some seconds"
                )
            }
            Self::NameTaken(name) => write!(
                f,
                "a collector {name:?} is running already; stop that one first, or give this one another name"
            ),
            Self::NoRuntime(name) => write!(
                f,
                "there is no tokio runtime here for the collector {name:?} to run on; call `collect` from async code, \
                 or after `Runtime::enter`"
            ),
            Self::ShutDown(name) => {
                write!(
                    f,
                    "the watch has been shut down, so the collector {name:?} cannot start; start it before"
                )
            }
        }
    }
}

impl std::error::Error for CollectError {}

impl Watch {
    /// Calls `collect` at once and then every so often, for the numbers that it records.
    ///
    /// ```
    /// # use std::sync::{Arc, Mutex};
    /// # use std::time::Duration;
    /// # use tower_watch::Watch;
    /// # use tower_watch::watch::Schedule;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let watch = Watch::builder("shop").local().start()?;
    /// # struct Database;
    /// # impl Database { async fn active_carts(&self) -> Result<f64, std::fmt::Error> { Ok(3.0) } }
    /// let queue = Arc::new(Mutex::new(vec!["mail"]));
    /// watch.collect("queue", Duration::from_secs(10), move || {
    ///     let queue = Arc::clone(&queue);
    ///     async move { metrics::gauge!("queue_length").set(queue.lock().unwrap().len() as f64) }
    /// })?;
    ///
    /// static DATABASE: Database = Database;
    /// let carts = watch.collect(
    ///     "carts",
    ///     Schedule::every(Duration::from_secs(60)).with_timeout(Duration::from_secs(5)),
    ///     async || {
    ///         metrics::gauge!("active_carts").set(DATABASE.active_carts().await?);
    ///         Ok::<_, std::fmt::Error>(())
    ///     },
    /// )?;
    /// carts.stop();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An async closure must not borrow from what it has captured (the compiler says so), as its future goes to
    /// another thread: clone what it needs inside, as the first collector here does.
    ///
    /// It runs as a task of the caller's tokio runtime, inside the watch's recorder: what it records reaches this
    /// watch, also when that is a local one. What it spawns does not. A run that takes longer than the timeout is
    /// dropped where it waits (code that blocks a thread cannot be interrupted). A run that fails, panics or takes
    /// too long is counted, and the next one is tried; the log tells of the first failure in a row, and of the first
    /// success after it.
    ///
    /// | metric | meaning |
    /// |---|---|
    /// | `tower_watch_collector_runs_total{collector}` | runs that have ended, however they did |
    /// | `tower_watch_collector_failures_total{collector,reason}` | of these, those that failed: `error`, `panic` or `timeout` |
    /// | `tower_watch_collector_duration_seconds{collector}` | how long the last run took |
    /// | `tower_watch_collector_last_success_timestamp_seconds{collector}` | when the last run succeeded, in seconds since the Unix epoch; 0 before the first |
    ///
    /// It goes on until [`Collector::stop`], [`Watch::shutdown`], the end of the runtime, or the first beat at which
    /// nobody holds the numbers of the watch any more: to drop the handle stops nothing. A closure that holds the
    /// [`Watch`] itself keeps them for ever.
    ///
    /// # Errors
    ///
    /// See [`CollectError`].
    ///
    /// # Panics
    ///
    /// On a runtime whose timers are not enabled, as everything of tokio's that waits.
    pub fn collect<C, F>(
        &self,
        name: impl Into<String>,
        schedule: impl Into<Schedule>,
        collect: C,
    ) -> Result<Collector, CollectError>
    where
        C: FnMut() -> F + Send + 'static,
        F: Future<Output: Collected> + Send + 'static,
    {
        let (name, schedule) = (name.into(), schedule.into());
        if name.trim().is_empty() {
            return Err(CollectError::EmptyName);
        }
        if schedule.every.is_zero() {
            return Err(CollectError::ZeroInterval(name));
        }
        if schedule.timeout.is_zero() {
            return Err(CollectError::ZeroTimeout(name));
        }
        self.inner.past.collectors.start(&self.inner.registers, name, schedule, collect)
    }
}
