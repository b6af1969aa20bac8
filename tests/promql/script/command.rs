//! What a script can say.

use tower_watch::promql::TimeRange;
use tower_watch::series::Labels;

use crate::script::expect::Expect;

/// One step of a script.
#[derive(Debug)]
pub(crate) enum Command {
    /// Forgets all series.
    Clear,
    /// Adds samples.
    Load(Load),
    /// Evaluates a query.
    Eval(Box<Case>),
}

/// Series whose samples are `step` milliseconds apart, from time 0 on.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) step: i64,
    pub(crate) series: Vec<Series>,
    /// `load_with_nhcb`: native histograms are to be made of the classic ones too.
    pub(crate) with_native: bool,
}

/// A series and its values, one for each step.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) labels: Labels,
    pub(crate) values: Vec<Item>,
}

/// What a series has at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item {
    /// `_`: nothing.
    Omitted,
    /// A float, or a staleness marker.
    Float(f64),
    /// `{{...}}`: a native histogram, which cannot be here.
    Histogram,
}

/// A query and what it should give.
#[derive(Debug)]
pub(crate) struct Case {
    /// Its place in the script, from 1.
    pub(crate) line: usize,
    pub(crate) query: String,
    pub(crate) moment: Moment,
    pub(crate) expect: Expect,
    pub(crate) result: Expected,
}

/// When a query is evaluated, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    Instant(i64),
    Range(TimeRange),
}

/// A result as the script gives it.
#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// A number.
    Scalar(f64),
    /// A string.
    Text(String),
    /// Series with a value each; or with many, beside the times of `at`.
    Series { series: Vec<Series>, at: Option<TimeRange> },
}
