//! The door to evaluation.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tower_watch_layers::clock::Clock;

use crate::promql::annotations::Annotations;
use crate::promql::error::EvalError;
use crate::promql::limits::Limits;
use crate::promql::query::Query;
use crate::promql::value::Value;
use crate::series::Store;

/// The moments that a range query is evaluated at, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// The first moment.
    pub start: i64,
    /// The last moment is at or before this one.
    pub end: i64,
    /// From one to the next; positive.
    pub step: i64,
}

/// A result, and what came up on the way.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The result.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
}

/// Evaluates queries over one store.
#[derive(Clone, Debug)]
pub struct Evaluator<'a> {
    store: &'a Store,
    limits: Limits,
    clock: Clock,
    cancel: Arc<AtomicBool>,
}

impl<'a> Evaluator<'a> {
    /// With default limits.
    #[must_use]
    pub fn new(store: &'a Store) -> Self {
        Self { store, limits: Limits::default(), clock: Clock::system(), cancel: Arc::default() }
    }

    /// Changes the limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Replaces the clock that the timeout is measured by.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// A flag that somebody else sets when nobody waits for the answer any more.
    #[must_use]
    pub fn with_cancel(mut self, cancel: Arc<AtomicBool>) -> Self {
        self.cancel = cancel;
        self
    }

    /// The value at one moment, in milliseconds since the Unix epoch.
    ///
    /// # Errors
    ///
    /// See [`EvalError`].
    pub fn instant(&self, query: &Query, time: i64) -> Result<Output, EvalError> {
        let _ = (self, query, time);
        Err(EvalError::Execution("there is no evaluator yet".into()))
    }

    /// The values at each moment of a range; always a matrix.
    ///
    /// # Errors
    ///
    /// See [`EvalError`]; also a type that has no range (a string, a range vector).
    pub fn range(&self, query: &Query, range: TimeRange) -> Result<Output, EvalError> {
        let _ = (self, query, range);
        Err(EvalError::Execution("there is no evaluator yet".into()))
    }
}
