//! Why there is no answer.

use std::fmt;
use std::time::Duration;

use crate::promql::ast::Span;

/// A text that is not PromQL, or not a part of it that is supported here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where in the text, in bytes.
    pub span: Span,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// As Prometheus writes it: `1:5: parse error: ...`.
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: parse error: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// An evaluation that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalError {
    /// It took longer than [`Limits::timeout`](crate::promql::Limits::timeout).
    Timeout(Duration),
    /// It would have more samples in memory than [`Limits::max_samples`](crate::promql::Limits::max_samples).
    TooManySamples(usize),
    /// It asks for more points than [`Limits::max_points`](crate::promql::Limits::max_points).
    TooManyPoints(usize),
    /// Nobody waits for it any more.
    Canceled,
    /// It has no value: duplicate series in a match, a label name that cannot be, and the like.
    Execution(String),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(limit) => {
                write!(
                    f,
                    "query timed out: it took longer than the limit of {limit:?}; ask for less, or raise the timeout"
                )
            }
            Self::TooManySamples(limit) => write!(
                f,
                "query processing would load too many samples into memory: the limit is {limit}; ask for fewer series or a shorter range"
            ),
            Self::TooManyPoints(limit) => write!(
                f,
                "exceeded maximum resolution of {limit} points per timeseries; use a larger step or a shorter range"
            ),
            Self::Canceled => f.write_str("query was canceled"),
            Self::Execution(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for EvalError {}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// Its text cannot be read.
    Parse(ParseError),
    /// Its evaluation failed.
    Eval(EvalError),
    /// The fault is ours, or the machine's: no thread could be had, or the evaluation panicked.
    Internal(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(f),
            Self::Eval(error) => error.fmt(f),
            Self::Internal(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for QueryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Parse(error) => Some(error),
            Self::Eval(error) => Some(error),
            Self::Internal(_) => None,
        }
    }
}

impl From<ParseError> for QueryError {
    fn from(error: ParseError) -> Self {
        Self::Parse(error)
    }
}

impl From<EvalError> for QueryError {
    fn from(error: EvalError) -> Self {
        Self::Eval(error)
    }
}
