//! PromQL: the language that rules, dashboards and people ask the series store in.
//!
//! Text goes through the lexer and the Pratt parser ([`Query::parse`]) into a typed tree ([`Expr`]), and an
//! [`Evaluator`] answers it from a [`Store`](crate::series::Store), at one moment or over a range of them. The text
//! means exactly what it means in Prometheus 3. What is not supported (native histograms, experimental functions)
//! is refused when it is parsed, with its name and its place.
//!
//! A [`QueryEngine`] does both for those who serve requests meanwhile, on a thread beside them.
//!
//! What lives here knows nothing of HTTP, rules or the clock of the process; an evaluation has limits
//! ([`Limits`]) and belongs on a thread that serves no request.

mod annotations;
mod ast;
mod engine;
mod error;
mod eval;
mod fault;
mod functions;
mod lexer;
mod limits;
mod parser;
mod position;
mod print;
mod query;
mod token;
mod units;
mod value;

pub use crate::promql::annotations::Annotations;
pub use crate::promql::ast::{
    AggregateOp, Aggregation, At, Binary, BinaryOp, Call, Cardinality, Expr, Extension, Grouping, Matching,
    MatrixSelector, Span, Subquery, UnaryOp, VectorSelector,
};
#[cfg(feature = "axum")]
pub(crate) use crate::promql::engine::Job;
pub use crate::promql::engine::QueryEngine;
pub use crate::promql::error::{EvalError, ParseError, QueryError};
pub use crate::promql::eval::{Evaluator, Output, TimeRange};
pub use crate::promql::functions::Function;
pub use crate::promql::limits::Limits;
pub use crate::promql::query::Query;
pub use crate::promql::value::{InstantSample, Point, RangeSeries, Value, ValueType};
