//! What all parts of one evaluation share: the store, the limits, and what the author of the query is told.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use tower_watch_layers::clock::{Clock, Instant};

use crate::promql::annotations::Annotations;
use crate::promql::ast::{At, Span};
use crate::promql::error::EvalError;
use crate::promql::limits::Limits;
use crate::promql::query::Query;
use crate::series::{Matcher, Selected, Store};

/// How many samples are read between two looks at the clock.
const CHECK_EVERY: usize = 8_192;

/// How many bytes of labels one evaluation may write. Ten thousand series with a kilobyte each are a third of it.
const LABEL_BYTES: usize = 32 << 20;

/// One evaluation.
pub(crate) struct Context<'a> {
    store: &'a Store,
    limits: Limits,
    clock: &'a Clock,
    began: Instant,
    cancel: &'a AtomicBool,
    query: &'a Query,
    /// The first and the last moment of the whole query, for `@ start()` and `@ end()`.
    whole: (i64, i64),
    keeps_names: bool,
    held: Cell<usize>,
    read: Cell<usize>,
    written: Cell<usize>,
    annotations: RefCell<Annotations>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        store: &'a Store,
        limits: Limits,
        clock: &'a Clock,
        cancel: &'a AtomicBool,
        query: &'a Query,
        whole: (i64, i64),
        keeps_names: bool,
    ) -> Self {
        Self {
            store,
            limits,
            clock,
            began: clock.now(),
            cancel,
            query,
            whole,
            keeps_names,
            held: Cell::new(0),
            read: Cell::new(0),
            written: Cell::new(0),
            annotations: RefCell::default(),
        }
    }

    /// Whether a name that is to be dropped stays until the whole query is evaluated.
    pub(crate) fn keeps_names(&self) -> bool {
        self.keeps_names
    }

    /// Whether the evaluation may go on.
    pub(crate) fn check(&self) -> Result<(), EvalError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(EvalError::Canceled);
        }
        if self.clock.now().since(self.began) > self.limits.timeout {
            return Err(EvalError::Timeout(self.limits.timeout));
        }
        Ok(())
    }

    /// Counts samples that are read, and looks at the clock every few thousand.
    #[inline]
    pub(crate) fn read(&self, samples: usize) -> Result<(), EvalError> {
        let read = self.read.get().saturating_add(samples);
        if read < CHECK_EVERY {
            self.read.set(read);
            return Ok(());
        }
        self.read.set(0);
        self.check()
    }

    /// Counts samples that are held in memory from now on.
    pub(crate) fn hold(&self, samples: usize) -> Result<(), EvalError> {
        let held = self.held.get().saturating_add(samples);
        if held > self.limits.max_samples {
            return Err(self.too_many());
        }
        self.held.set(held);
        self.read(samples.max(1))
    }

    /// How many samples are held.
    pub(crate) fn held(&self) -> usize {
        self.held.get()
    }

    /// Says how many are held after a part of the expression is done: its result, and what was held before.
    pub(crate) fn settle(&self, samples: usize) -> Result<(), EvalError> {
        if samples > self.limits.max_samples {
            return Err(self.too_many());
        }
        self.held.set(samples);
        Ok(())
    }

    /// Says that samples that were held are not any more.
    pub(crate) fn release(&self, samples: usize) {
        self.held.set(self.held.get().saturating_sub(samples));
    }

    /// Counts the bytes of a label's value before it is written. They are few where somebody names things, and
    /// without end where one call doubles what the one inside of it wrote.
    pub(crate) fn write(&self, bytes: usize) -> Result<(), EvalError> {
        let written = self.written.get().saturating_add(bytes);
        if written > LABEL_BYTES {
            return Err(EvalError::Execution(format!(
                "label_replace and label_join would write more than the limit of {LABEL_BYTES} bytes of labels; \
                 write shorter values, or to fewer series"
            )));
        }
        self.written.set(written);
        self.read(1)
    }

    /// The error of too many samples.
    pub(crate) fn too_many(&self) -> EvalError {
        EvalError::TooManySamples(self.limits.max_samples)
    }

    /// Reads from the store.
    pub(crate) fn select(
        &self,
        matchers: &[Matcher],
        from: i64,
        to: i64,
    ) -> Result<Vec<Selected>, EvalError> {
        self.check()?;
        let left = self.limits.max_samples - self.held.get();
        let selected = self.store.select(matchers, from, to, left).map_err(|_| self.too_many())?;
        self.hold(selected.iter().map(|series| series.samples.len()).sum())?;
        Ok(selected)
    }

    /// How long a sample stays the value of its series, in milliseconds.
    pub(crate) fn lookback(&self) -> i64 {
        i64::try_from(self.limits.lookback.as_millis()).unwrap_or(i64::MAX)
    }

    /// The step of a subquery that names none, in milliseconds.
    pub(crate) fn default_step(&self) -> i64 {
        i64::try_from(self.limits.default_step.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    /// The moment that an `@` means.
    pub(crate) fn moment(&self, at: At) -> i64 {
        match at {
            At::Time(time) => time,
            At::Start => self.whole.0,
            At::End => self.whole.1,
        }
    }

    /// Adds a warning about a part of the text.
    pub(crate) fn warn(&self, message: impl Display, span: Span) {
        self.annotations.borrow_mut().warn(|| self.located(message, span));
    }

    /// Adds an info about a part of the text.
    pub(crate) fn info(&self, message: impl Display, span: Span) {
        self.annotations.borrow_mut().info(|| self.located(message, span));
    }

    fn located(&self, message: impl Display, span: Span) -> String {
        let (line, column) = self.query.position(span.start);
        format!("{message} ({line}:{column})")
    }

    /// What came up.
    pub(crate) fn into_annotations(self) -> Annotations {
        self.annotations.into_inner()
    }
}
