//! PromQL: the language that rules, dashboards and people ask the series store in.
//!
//! Text goes through the lexer and the Pratt parser ([`Query::parse`]) into a typed tree ([`Expr`]), and an
//! [`Evaluator`] answers it from a [`Store`](crate::series::Store), at one moment or over a range of them. A
//! [`QueryEngine`] does both for those who serve requests meanwhile, on a thread beside them.
//!
//! What lives here knows nothing of HTTP, rules or the clock of the process; an evaluation has limits
//! ([`Limits`]) and belongs on a thread that serves no request.
//!
//! ```
//! use tower_watch::promql::{Evaluator, Query, Value};
//! use tower_watch::series::{Labels, Store};
//!
//! let store = Store::new();
//! for (time, value) in [(0, 0.0), (30_000, 12.0), (60_000, 24.0)] {
//!     store.append(&Labels::new([("__name__", "orders_total"), ("channel", "web")]), time, value)?;
//! }
//! let query = Query::parse("sum by (channel) (increase(orders_total[1m]))")?;
//! let Value::Vector(samples) = Evaluator::new(&store).instant(&query, 60_000)?.value else { unreachable!() };
//! assert_eq!(samples[0].labels.get("channel"), "web");
//! assert_eq!(samples[0].point.value, 24.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it means
//!
//! The text means exactly what it means in Prometheus 3 with its flags as they come, `anchored` and `smoothed`
//! (experimental there) included. Its own test scripts are run against this evaluator. What is not supported is
//! refused when it is parsed, with its name and its place: native histograms and experimental functions, aggregators
//! and modifiers. Beyond that it differs in this:
//!
//! | | Prometheus | here |
//! |---|---|---|
//! | the past behind a quarter of an hour | as fine as the present | coarser: a sample speaks for at least twice its resolution, and a range shorter than four times that is widened to it, with an info |
//! | nesting | as deep as memory | 128 levels, and a text of 1 MiB |
//! | samples in memory | 50 million | 5 million by default, points that are absent included |
//! | strings | any bytes | UTF-8 |
//! | `day_of_week` and its like, of `NaN` or an infinity | what the processor makes of it | `NaN` |
//!
//! # Exact rules
//!
//! `rate` and `increase` estimate: they extrapolate to the ends of their range, so a counter that went from 3 to 4 may
//! have increased by 1.07. Rules of our own carry a flag in their tree ([`Query::exact`], [`Extension::Exact`]) and count
//! instead: the difference between the last samples at or before each end of the range, resets added. Printed, they are
//! the plain text. A process and a Prometheus that evaluate the same rule can differ where
//!
//! | | plain | exact |
//! |---|---|---|
//! | the counter moved once in the range | 1.07, or 0.93 | 1 |
//! | one sample in the range, and one before it | nothing | the difference |
//! | the series began in the range | extrapolated towards the beginning | from its first sample |
//! | scrapes and ticks fall at different times | by up to one scrape interval | by up to one tick |

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
pub(crate) mod position;
mod print;
mod query;
mod token;
pub(crate) mod units;
mod value;
mod workers;

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
