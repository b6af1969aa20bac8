//! What an expression evaluates to.

use std::fmt;

use crate::series::Labels;

/// The types of PromQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// A string.
    String,
    /// Series with one value each.
    Vector,
    /// Series with a range of values each.
    Matrix,
}

impl ValueType {
    /// The name that messages use: "instant vector".
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::String => "string",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
        }
    }
}

/// The name in Prometheus' HTTP API.
impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::String => "string",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
        })
    }
}

/// A value and its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Milliseconds since the Unix epoch.
    pub time: i64,
    /// The value.
    pub value: f64,
}

/// One series with one value.
#[derive(Clone, Debug, PartialEq)]
pub struct InstantSample {
    /// The series.
    pub labels: Labels,
    /// Its value and time.
    pub point: Point,
}

/// One series with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSeries {
    /// The series.
    pub labels: Labels,
    /// Its values, in the order of time.
    pub points: Vec<Point>,
}

/// A result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Scalar(Point),
    /// A string, and the time of its evaluation.
    String(i64, String),
    /// Series with one value each, in the order that the expression gives them.
    Vector(Vec<InstantSample>),
    /// Series with a range of values each, in the order of their labels.
    Matrix(Vec<RangeSeries>),
}
