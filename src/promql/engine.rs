//! Queries for those who serve requests meanwhile: each on a thread beside theirs, a few at a time.
//!
//! An evaluation may take its whole timeout of pure computing, so it runs neither on the thread that asks nor on
//! tokio's threads for blocking work, which may all be stuck when the numbers are wanted most. It needs no runtime
//! of any kind. A query costs the way to another thread and back beside its evaluation, some 10 µs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tower_watch_layers::clock::Clock;

use crate::promql::error::{EvalError, QueryError};
use crate::promql::eval::{Evaluator, Output, TimeRange};
use crate::promql::limits::Limits;
use crate::promql::query::Query;
use crate::promql::workers::Workers;
use crate::series::Store;

/// How many queries run at the same time, where nothing else is said.
const CONCURRENCY: usize = 4;

/// The stack of an evaluation: what the deepest tree that the parser lets through takes without optimisation, twice.
/// Only what is touched of it is memory.
const STACK: usize = 8 << 20;

/// Answers queries over one store, off the path of whoever asks.
///
/// A clone shares the store and the turns. A future that is dropped cancels its evaluation; one that waits for its
/// turn longer than the timeout is an error, as one that computes longer.
///
/// ```
/// use std::sync::Arc;
/// use tower_watch::promql::QueryEngine;
/// use tower_watch::series::{Labels, Store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(Store::new());
/// store.append(&Labels::new([("__name__", "orders")]), 1_000, 41.0)?;
/// let engine = QueryEngine::new(store);
/// let answer = engine.instant("orders + 1", 2_000).await?;
/// # let _ = answer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct QueryEngine {
    store: Arc<Store>,
    limits: Limits,
    clock: Clock,
    turns: Arc<Semaphore>,
    workers: Workers,
}

impl fmt::Debug for QueryEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryEngine")
            .field("limits", &self.limits)
            .field("free_turns", &self.turns.available_permits())
            .finish_non_exhaustive()
    }
}

impl QueryEngine {
    /// With default limits, and at most 4 queries at a time.
    #[must_use]
    pub fn new(store: Arc<Store>) -> Self {
        let turns = Arc::new(Semaphore::new(CONCURRENCY));
        let workers = Workers::new("tower-watch-query", STACK);
        Self { store, limits: Limits::default(), clock: Clock::system(), turns, workers }
    }

    /// Changes the limits of every query.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces the clock that timeouts are measured by.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Changes how many queries run at a time; at least one does. Clones made before keep their own turns.
    #[must_use]
    pub fn with_concurrency(mut self, queries: usize) -> Self {
        self.turns = Arc::new(Semaphore::new(queries.clamp(1, Semaphore::MAX_PERMITS)));
        self
    }

    /// The limits of every query.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The value at one moment, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// See [`QueryError`].
    pub async fn instant(&self, text: &str, time: i64) -> Result<Output, QueryError> {
        let text = text.to_owned();
        let answer =
            self.run(self.limits, move |job| Ok(job.evaluator().instant(&Query::parse(&text)?, time)?));
        answer.await?
    }

    /// The values at each moment of a range; always a matrix.
    ///
    /// # Errors
    ///
    /// See [`QueryError`].
    pub async fn range(&self, text: &str, range: TimeRange) -> Result<Output, QueryError> {
        let text = text.to_owned();
        let answer =
            self.run(self.limits, move |job| Ok(job.evaluator().range(&Query::parse(&text)?, range)?));
        answer.await?
    }

    /// The clock that timeouts are measured by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Does `work` on another thread when it is its turn. What is made of an answer there (its text, say)
    /// takes no time from anybody else either.
    pub(crate) async fn run<T, F>(&self, limits: Limits, work: F) -> Result<T, QueryError>
    where
        T: Send + 'static,
        F: FnOnce(&Job) -> T + Send + 'static,
    {
        let turn = self.turn(limits).await?;
        let cancel = Cancel::default();
        let job = Job {
            store: Arc::clone(&self.store),
            limits,
            clock: self.clock.clone(),
            cancel: Arc::clone(&cancel.0),
        };
        let (answer, answered) = oneshot::channel();
        let started = self.workers.run(Box::new(move || {
            // Whoever asked may have gone; the turn ends with the work, whether or not they have.
            let _ = answer.send(work(&job));
            drop(turn);
        }));
        if let Err(error) = started {
            return Err(QueryError::Internal(format!("no thread could be started for the query: {error}")));
        }
        answered.await.map_err(|_| {
            QueryError::Internal("the evaluation panicked, which is a defect; please report the query".into())
        })
    }

    /// Waits for a turn, and errs where that took all the time there was.
    async fn turn(&self, limits: Limits) -> Result<Option<OwnedSemaphorePermit>, QueryError> {
        let asked = self.clock.now();
        // It is never closed.
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        if self.clock.now().since(asked) > limits.timeout {
            return Err(EvalError::Timeout(limits.timeout).into());
        }
        Ok(turn)
    }
}

/// What there is to work with on the thread of a query.
pub(crate) struct Job {
    store: Arc<Store>,
    limits: Limits,
    clock: Clock,
    cancel: Arc<AtomicBool>,
}

impl Job {
    /// For lookups, which need no evaluation.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(&self.store)
            .with_limits(self.limits)
            .with_clock(self.clock.clone())
            .with_cancel(Arc::clone(&self.cancel))
    }
}

/// Says, when it is dropped, that nobody waits any more.
#[derive(Default)]
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
