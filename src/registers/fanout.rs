//! One handle for a register and for the same metric in every branch.

use std::sync::Arc;

use metrics::{Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Recorder};

use crate::registers::cells::{CounterCell, GaugeCell, HistogramCell};

/// A recorder that gets everything that the registers get.
pub(crate) type Branch = Box<dyn Recorder + Send + Sync>;

struct Fanout<Cell, Handle> {
    own: Arc<Cell>,
    branches: Box<[Handle]>,
}

impl CounterFn for Fanout<CounterCell, Counter> {
    fn increment(&self, value: u64) {
        self.own.increment(value);
        self.branches.iter().for_each(|branch| branch.increment(value));
    }

    fn absolute(&self, value: u64) {
        self.own.absolute(value);
        self.branches.iter().for_each(|branch| branch.absolute(value));
    }
}

impl GaugeFn for Fanout<GaugeCell, Gauge> {
    fn increment(&self, value: f64) {
        self.own.increment(value);
        self.branches.iter().for_each(|branch| branch.increment(value));
    }

    fn decrement(&self, value: f64) {
        self.own.decrement(value);
        self.branches.iter().for_each(|branch| branch.decrement(value));
    }

    fn set(&self, value: f64) {
        self.own.set(value);
        self.branches.iter().for_each(|branch| branch.set(value));
    }
}

impl HistogramFn for Fanout<HistogramCell, Histogram> {
    fn record(&self, value: f64) {
        self.own.record(value);
        self.branches.iter().for_each(|branch| branch.record(value));
    }

    fn record_many(&self, value: f64, count: usize) {
        self.own.record_many(value, count);
        self.branches.iter().for_each(|branch| branch.record_many(value, count));
    }
}

/// A counter's handle. `register` is asked for each branch's own.
pub(crate) fn counter(
    own: Arc<CounterCell>,
    branches: &[Branch],
    register: impl Fn(&Branch) -> Counter,
) -> Counter {
    if branches.is_empty() {
        return Counter::from_arc(own);
    }
    Counter::from_arc(Arc::new(Fanout { own, branches: branches.iter().map(register).collect() }))
}

/// A gauge's handle.
pub(crate) fn gauge(own: Arc<GaugeCell>, branches: &[Branch], register: impl Fn(&Branch) -> Gauge) -> Gauge {
    if branches.is_empty() {
        return Gauge::from_arc(own);
    }
    Gauge::from_arc(Arc::new(Fanout { own, branches: branches.iter().map(register).collect() }))
}

/// A histogram's handle.
pub(crate) fn histogram(
    own: Arc<HistogramCell>,
    branches: &[Branch],
    register: impl Fn(&Branch) -> Histogram,
) -> Histogram {
    if branches.is_empty() {
        return Histogram::from_arc(own);
    }
    Histogram::from_arc(Arc::new(Fanout { own, branches: branches.iter().map(register).collect() }))
}
