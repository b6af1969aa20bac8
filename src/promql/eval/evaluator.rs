//! The door to evaluation.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tower_watch_layers::clock::Clock;

use crate::promql::annotations::Annotations;
use crate::promql::ast::Expr;
use crate::promql::error::EvalError;
use crate::promql::eval::context::Context;
use crate::promql::eval::expression::{Evaluated, evaluate, range_vector};
use crate::promql::eval::grid::{Grid, GridSeries, is_present};
use crate::promql::eval::merge::{drop_names, same_labelset};
use crate::promql::limits::Limits;
use crate::promql::query::Query;
use crate::promql::value::{InstantSample, Point, RangeSeries, Value, ValueType};
use crate::series::{Labels, Store};

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
    delayed_name_removal: bool,
}

impl<'a> Evaluator<'a> {
    /// With default limits.
    #[must_use]
    pub fn new(store: &'a Store) -> Self {
        Self {
            store,
            limits: Limits::default(),
            clock: Clock::system(),
            cancel: Arc::default(),
            delayed_name_removal: false,
        }
    }

    /// Drops metric names when the whole query is evaluated, and not where a function or an operator does away with
    /// them: Prometheus' feature flag `promql-delayed-name-removal`. It is off there by default, and here.
    #[must_use]
    pub fn with_delayed_name_removal(mut self, delayed: bool) -> Self {
        self.delayed_name_removal = delayed;
        self
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
        let context = self.context(query, (time, time));
        context.check()?;
        let grid = Grid::at(time);
        let value = match query.expr().value_type() {
            ValueType::Matrix => Value::Matrix(samples(&context, query.expr(), grid)?),
            _ => match evaluate(&context, query.expr(), grid)? {
                Evaluated::Scalar(values) => Value::Scalar(Point { time, value: values[0] }),
                Evaluated::Text(text) => Value::String(time, text),
                Evaluated::Vector(series) => {
                    let series = drop_names(series)?.into_iter();
                    let sample = |one: GridSeries| {
                        let value = one.values[0];
                        is_present(value)
                            .then_some(InstantSample { labels: one.labels, point: Point { time, value } })
                    };
                    Value::Vector(series.filter_map(sample).collect())
                }
            },
        };
        Ok(Output { value, annotations: context.into_annotations() })
    }

    /// The values at each moment of a range; always a matrix.
    ///
    /// # Errors
    ///
    /// See [`EvalError`]; also a type that has no range (a string, a range vector).
    pub fn range(&self, query: &Query, range: TimeRange) -> Result<Output, EvalError> {
        if range.step <= 0 {
            return Err(EvalError::Execution(
                "zero or negative query resolution step widths are not accepted".into(),
            ));
        }
        if range.end < range.start {
            return Err(EvalError::Execution("end timestamp must not be before start time".into()));
        }
        let too_many = || EvalError::TooManyPoints(self.limits.max_points);
        let grid = Grid::new(range.start, range.end, range.step).ok_or_else(too_many)?;
        // As Prometheus counts: the steps, and so one point less than there are.
        if grid.len() - 1 > self.limits.max_points {
            return Err(too_many());
        }
        let found = query.expr().value_type();
        if !matches!(found, ValueType::Scalar | ValueType::Vector) {
            let found = found.describe();
            let message = format!(
                "invalid expression type \"{found}\" for range query, must be Scalar or instant Vector"
            );
            return Err(EvalError::Execution(message));
        }
        let context = self.context(query, (range.start, range.end));
        context.check()?;
        let series = match evaluate(&context, query.expr(), grid)? {
            Evaluated::Scalar(values) => {
                vec![RangeSeries { labels: Labels::default(), points: points(&values, grid) }]
            }
            Evaluated::Vector(series) => {
                let series = drop_names(series)?.into_iter();
                let all =
                    series.map(|one| RangeSeries { points: points(&one.values, grid), labels: one.labels });
                sorted(all.collect())
            }
            Evaluated::Text(_) => Vec::new(),
        };
        Ok(Output { value: Value::Matrix(series), annotations: context.into_annotations() })
    }

    fn context<'b>(&'b self, query: &'b Query, whole: (i64, i64)) -> Context<'b> {
        Context::new(
            self.store,
            self.limits,
            &self.clock,
            &self.cancel,
            query,
            whole,
            self.delayed_name_removal,
        )
    }
}

/// The samples that a range vector has at one moment.
fn samples(context: &Context<'_>, expr: &Expr, grid: Grid) -> Result<Vec<RangeSeries>, EvalError> {
    let range = range_vector(context, expr, grid)?;
    let mut series = Vec::new();
    for input in &range.series {
        let mut points = Vec::new();
        range.windows.cut(context, input, |_, cut| {
            let part = cut.from..cut.to;
            let samples = input.times[part.clone()].iter().zip(&input.values[part]);
            points = samples.map(|(time, value)| Point { time: *time, value: *value }).collect();
            Ok(())
        })?;
        if !points.is_empty() {
            let labels = if input.drop_name { input.labels.without_name() } else { input.labels.clone() };
            series.push(RangeSeries { labels, points });
        }
    }
    let series = sorted(series);
    if series.windows(2).any(|pair| pair[0].labels == pair[1].labels) {
        return Err(same_labelset());
    }
    Ok(series)
}

fn points(values: &[f64], grid: Grid) -> Vec<Point> {
    let all = grid.times().zip(values).filter(|(_, value)| is_present(**value));
    all.map(|(time, value)| Point { time, value: *value }).collect()
}

fn sorted(mut series: Vec<RangeSeries>) -> Vec<RangeSeries> {
    series.retain(|one| !one.points.is_empty());
    series.sort_by(|a, b| a.labels.cmp(&b.labels));
    series
}
