//! From a name and a window to a summary, by way of PromQL.

use std::collections::BTreeMap;
use std::time::Duration;

use tower_watch_layers::clock::{Clock, Instant};

use crate::promql::{
    AggregateOp, Aggregation, Call, EvalError, Evaluator, Expr, Extension, Function, Grouping,
    MatrixSelector, Query, QueryError, Span, Subquery, Value, VectorSelector,
};
use crate::registers::{Kind, MetricMetadata, Registers, metric_name};
use crate::series::{MatchOp, Matcher, Store};
use crate::watch::past::summary::Summary;

/// How often a gauge is looked at, at most.
const LOOKS: i64 = 1_000;

const NAME: &str = "__name__";

/// What stands nowhere in a text.
const NOWHERE: Span = Span { start: 0, end: 0 };

/// From when (excluded) to when, and from one tick to the next, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) tick: i64,
}

/// Makes summaries of one window.
pub(crate) struct Summarizer<'a> {
    evaluator: Evaluator<'a>,
    store: &'a Store,
    registers: &'a Registers,
    window: Window,
    clock: Clock,
    began: Instant,
    timeout: Duration,
}

impl<'a> Summarizer<'a> {
    pub(crate) fn new(
        evaluator: Evaluator<'a>,
        store: &'a Store,
        registers: &'a Registers,
        window: Window,
        (clock, timeout): (Clock, Duration),
    ) -> Self {
        let began = clock.now();
        Self { evaluator, store, registers, window, clock, began, timeout }
    }

    /// The summary of what a name or a selector says.
    pub(crate) fn of(&self, text: &str) -> Result<Summary, QueryError> {
        let (name, selector) = selector(text)?;
        match self.kind(&name) {
            Some(kind) => self.summarize(kind, &name, &selector),
            None => Ok(Summary::default()),
        }
    }

    /// The summaries of all metrics in the registers.
    pub(crate) fn all(&self) -> Result<BTreeMap<String, Summary>, QueryError> {
        let summary = |metric: MetricMetadata| {
            let summary = self.summarize(metric.kind, &metric.name, &named(&metric.name))?;
            Ok((metric.name, summary))
        };
        self.registers.metadata().into_iter().map(summary).collect()
    }

    /// The type of a metric: as it is registered, or, where it is only in the store (from before a restart, or a part
    /// of a histogram), as the store remembers it. What came to the store from elsewhere has only its name to tell.
    fn kind(&self, name: &str) -> Option<Kind> {
        if let Some(metric) = self.registers.metadata().into_iter().find(|metric| metric.name == name) {
            return Some(metric.kind);
        }
        if let Some(counts) = self.store.counts(name) {
            let counts =
                counts || ["_total", "_bucket", "_count", "_sum"].iter().any(|end| name.ends_with(end));
            return Some(if counts { Kind::Counter } else { Kind::Gauge });
        }
        self.store.counts(&format!("{name}_count")).map(|_| Kind::Histogram)
    }

    fn summarize(&self, kind: Kind, name: &str, selector: &VectorSelector) -> Result<Summary, QueryError> {
        let summary = match kind {
            Kind::Counter => {
                let grown = self.increase(selector)?;
                Summary { total: Some(grown), latest_value: self.latest(selector)?, ..self.counted(grown) }
            }
            Kind::Gauge => self.gauge(selector)?,
            Kind::Histogram => {
                let part = |suffix: &str| renamed(selector, format!("{name}{suffix}"));
                let count = self.increase(&part("_count"))?;
                let total = self.increase(&part("_sum"))?;
                let avg = (count > 0.0).then_some(total / count);
                let p95 = self.percentile(&part("_bucket"))?;
                Summary { total: Some(total), avg, p95, ..self.counted(count) }
            }
        };
        Ok(Summary { kind: Some(kind), ..summary })
    }

    /// What follows from how many there were.
    fn counted(&self, count: f64) -> Summary {
        let minutes = (self.window.end - self.window.start) as f64 / 60_000.0;
        let rate_per_minute = (minutes > 0.0).then_some(count / minutes);
        // Counts are whole numbers; that of a sum from elsewhere is rounded.
        Summary { count: Some(count.round() as u64), rate_per_minute, ..Summary::default() }
    }

    fn gauge(&self, selector: &VectorSelector) -> Result<Summary, QueryError> {
        let latest = self.latest(selector)?;
        let before = self.value(sum(Expr::Selector(selector.clone()), &[]), self.window.start)?;
        let looks = self.looks(selector);
        Ok(Summary {
            latest_value: latest,
            change: latest.zip(before).map(|(latest, before)| latest - before),
            avg: self.over_window(call(Function::AvgOverTime, vec![looks.clone()]))?,
            p95: self
                .over_window(call(Function::QuantileOverTime, vec![Expr::Number(0.95, NOWHERE), looks]))?,
            ..Summary::default()
        })
    }

    /// The sum of a gauge's label sets at each tick of the window.
    fn looks(&self, selector: &VectorSelector) -> Expr {
        let range = self.window.end - self.window.start;
        let tick = self.window.tick.max(1);
        let ticks = (range / LOOKS + tick - 1) / tick;
        Expr::Subquery(Subquery {
            expr: Box::new(sum(Expr::Selector(selector.clone()), &[])),
            range,
            step: Some(ticks.max(1) * tick),
            offset: 0,
            at: None,
            span: NOWHERE,
        })
    }

    fn latest(&self, selector: &VectorSelector) -> Result<Option<f64>, QueryError> {
        self.value(sum(Expr::Selector(selector.clone()), &[]), self.window.end)
    }

    fn increase(&self, selector: &VectorSelector) -> Result<f64, QueryError> {
        Ok(self.over_window(sum(self.increases(selector), &[]))?.unwrap_or(0.0))
    }

    fn percentile(&self, buckets: &VectorSelector) -> Result<Option<f64>, QueryError> {
        let buckets = sum(self.increases(buckets), &["le"]);
        self.over_window(call(Function::HistogramQuantile, vec![Expr::Number(0.95, NOWHERE), buckets]))
    }

    /// `increase(selector[window])`, exactly.
    fn increases(&self, selector: &VectorSelector) -> Expr {
        let selector = VectorSelector { extension: Some(Extension::Exact), ..selector.clone() };
        let range = self.window.end - self.window.start;
        call(Function::Increase, vec![Expr::Matrix(MatrixSelector { selector, range, span: NOWHERE })])
    }

    /// The value at the end of the window.
    fn over_window(&self, expr: Expr) -> Result<Option<f64>, QueryError> {
        self.value(expr, self.window.end)
    }

    /// The value of an expression that gives one series at most.
    fn value(&self, expr: Expr, time: i64) -> Result<Option<f64>, QueryError> {
        if self.clock.now().since(self.began) > self.timeout {
            return Err(EvalError::Timeout(self.timeout).into());
        }
        let value = match self.evaluator.instant(&Query::from(expr), time)?.value {
            Value::Vector(samples) => samples.first().map(|sample| sample.point.value),
            Value::Scalar(_) | Value::String(..) | Value::Matrix(_) => None,
        };
        Ok(value.filter(|value| !value.is_nan()))
    }
}

/// What is asked for: the one name, and the selector.
fn selector(text: &str) -> Result<(String, VectorSelector), QueryError> {
    let text = text.trim();
    // A name with dots or dashes is known by the name that it was given at the door.
    if !text.is_empty() && !text.contains(|letter: char| letter == '{' || letter.is_whitespace()) {
        let name = metric_name(text);
        let selector = named(&name);
        return Ok((name, selector));
    }
    let refused = || {
        EvalError::Execution(format!(
            "a summary is of one metric: its name, or a selector such as orders_total{{channel=\"web\"}}; this is {text:?}"
        ))
    };
    let query = Query::parse(text)?;
    let Expr::Selector(selector) = query.expr() else { return Err(refused().into()) };
    if selector.extension.is_some() {
        return Err(refused().into());
    }
    let name = selector.matchers.iter().find(|matcher| is_name(matcher)).ok_or_else(refused)?;
    Ok((name.value().to_owned(), selector.clone()))
}

fn is_name(matcher: &Matcher) -> bool {
    matcher.name() == NAME && matcher.op() == MatchOp::Equal
}

fn named(name: &str) -> VectorSelector {
    VectorSelector {
        name: Some(name.to_owned()),
        matchers: vec![Matcher::equal(NAME, name)],
        offset: 0,
        at: None,
        extension: None,
        span: NOWHERE,
    }
}

/// The same selector with another name.
fn renamed(selector: &VectorSelector, name: String) -> VectorSelector {
    let others = selector.matchers.iter().filter(|matcher| !is_name(matcher)).cloned();
    let matchers = [Matcher::equal(NAME, name.clone())].into_iter().chain(others).collect();
    VectorSelector { name: Some(name), matchers, ..selector.clone() }
}

fn call(function: Function, args: Vec<Expr>) -> Expr {
    Expr::Call(Call { function, args, span: NOWHERE })
}

fn sum(expr: Expr, by: &[&str]) -> Expr {
    Expr::Aggregation(Aggregation {
        op: AggregateOp::Sum,
        expr: Box::new(expr),
        param: None,
        grouping: Grouping::By(by.iter().map(|label| (*label).to_owned()).collect()),
        span: NOWHERE,
    })
}
