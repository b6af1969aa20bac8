//! The tree of an expression.

use crate::promql::functions::Function;
use crate::promql::value::ValueType;
use crate::series::Matcher;

/// Where something stands in the text: bytes, the end excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one.
    pub end: usize,
}

/// An expression, its types checked. Times and durations are milliseconds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expr {
    /// A number.
    Number(f64, Span),
    /// A number that is written as a duration, such as `5m`: its seconds.
    Duration(f64, Span),
    /// A string.
    String(String, Span),
    /// `name{label="value"}`
    Selector(VectorSelector),
    /// `name[5m]`
    Matrix(MatrixSelector),
    /// `expression[1h:1m]`
    Subquery(Subquery),
    /// `rate(...)`
    Call(Call),
    /// `sum by (job) (...)`
    Aggregation(Aggregation),
    /// `a + b`
    Binary(Binary),
    /// `-a`
    Unary(UnaryOp, Box<Expr>, Span),
    /// `(a)`
    Paren(Box<Expr>, Span),
}

impl Expr {
    /// The type of what it evaluates to.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Number(..) | Self::Duration(..) => ValueType::Scalar,
            Self::String(..) => ValueType::String,
            Self::Selector(_) | Self::Aggregation(_) => ValueType::Vector,
            Self::Matrix(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Call(call) => call.function.returns(),
            Self::Binary(binary) => match (binary.lhs.value_type(), binary.rhs.value_type()) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
            Self::Unary(_, inner, _) | Self::Paren(inner, _) => inner.value_type(),
        }
    }

    /// Calls `each` with this expression and every one inside it, the outer before the inner, the left before the
    /// right. The selector of a [`MatrixSelector`] is part of it and not an expression of its own.
    pub fn visit(&self, each: &mut impl FnMut(&Self)) {
        each(self);
        match self {
            Self::Number(..)
            | Self::Duration(..)
            | Self::String(..)
            | Self::Selector(_)
            | Self::Matrix(_) => {}
            Self::Subquery(subquery) => subquery.expr.visit(each),
            Self::Call(call) => call.args.iter().for_each(|argument| argument.visit(each)),
            Self::Aggregation(aggregation) => {
                if let Some(param) = &aggregation.param {
                    param.visit(each);
                }
                aggregation.expr.visit(each);
            }
            Self::Binary(binary) => {
                binary.lhs.visit(each);
                binary.rhs.visit(each);
            }
            Self::Unary(_, inner, _) | Self::Paren(inner, _) => inner.visit(each),
        }
    }

    /// With [`Extension::Exact`] on the range selectors that stand directly (or in parentheses) in `rate`, `increase`
    /// and `delta` and have no extension of their own. So our own rules count what happened between two samples, and
    /// not what Prometheus would extrapolate; the text of the expression stays the same.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.make_exact();
        self
    }

    fn make_exact(&mut self) {
        match self {
            Self::Number(..)
            | Self::Duration(..)
            | Self::String(..)
            | Self::Selector(_)
            | Self::Matrix(_) => {}
            Self::Subquery(subquery) => subquery.expr.make_exact(),
            Self::Call(call) => {
                let counts = matches!(call.function, Function::Rate | Function::Increase | Function::Delta);
                for argument in &mut call.args {
                    match argument.inside_parens() {
                        Self::Matrix(matrix) if counts => {
                            matrix.selector.extension.get_or_insert(Extension::Exact);
                        }
                        other => other.make_exact(),
                    }
                }
            }
            Self::Aggregation(aggregation) => {
                if let Some(param) = &mut aggregation.param {
                    param.make_exact();
                }
                aggregation.expr.make_exact();
            }
            Self::Binary(binary) => {
                binary.lhs.make_exact();
                binary.rhs.make_exact();
            }
            Self::Unary(_, inner, _) | Self::Paren(inner, _) => inner.make_exact(),
        }
    }

    fn inside_parens(&mut self) -> &mut Self {
        match self {
            Self::Paren(inner, _) => inner.inside_parens(),
            other => other,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Number(_, span)
            | Self::Duration(_, span)
            | Self::String(_, span)
            | Self::Unary(_, _, span)
            | Self::Paren(_, span) => *span,
            Self::Selector(selector) => selector.span,
            Self::Matrix(matrix) => matrix.span,
            Self::Subquery(subquery) => subquery.span,
            Self::Call(call) => call.span,
            Self::Aggregation(aggregation) => aggregation.span,
            Self::Binary(binary) => binary.span,
        }
    }
}

/// The `@` modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// `@ 1609746000`, in milliseconds.
    Time(i64),
    /// `@ start()`
    Start,
    /// `@ end()`
    End,
}

/// What a selector sees beside the samples that lie in its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extension {
    /// `anchored`: the last sample at or before each end of the range stands at that end.
    Anchored,
    /// `smoothed`: at each end, the value interpolated between the samples around it.
    Smoothed,
    /// Of our own rules, without a spelling: the difference between the last samples at or before each end, resets
    /// added.
    Exact,
}

/// `name{label="value"} offset 5m @ 1609746000`
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSelector {
    /// The metric's name as it stands before the braces, if it does; it is among the matchers too.
    pub name: Option<String>,
    /// All matchers, that of the name included, in the order of the text (the name's first).
    pub matchers: Vec<Matcher>,
    /// `offset`, negative for the future.
    pub offset: i64,
    /// `@`
    pub at: Option<At>,
    /// `anchored` or `smoothed`, for an instant selector (inside a [`MatrixSelector`] it stands here too).
    pub extension: Option<Extension>,
    /// Where it stands.
    pub span: Span,
}

/// `name[5m]`; offset, `@` and extension are those of the selector.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSelector {
    /// What is selected.
    pub selector: VectorSelector,
    /// The range.
    pub range: i64,
    /// Where it stands.
    pub span: Span,
}

/// `expression[1h:1m] offset 5m @ end()`
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// What is evaluated.
    pub expr: Box<Expr>,
    /// The range.
    pub range: i64,
    /// The step; where it is absent, the evaluator's default.
    pub step: Option<i64>,
    /// `offset`
    pub offset: i64,
    /// `@`
    pub at: Option<At>,
    /// Where it stands.
    pub span: Span,
}

/// A function's call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: Function,
    /// Its arguments, as many as were written.
    pub args: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// An aggregation operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the operators of the language")]
pub enum AggregateOp {
    Sum,
    Avg,
    Min,
    Max,
    Count,
    Stddev,
    Stdvar,
    Group,
    Topk,
    Bottomk,
    Quantile,
    CountValues,
}

impl AggregateOp {
    const ALL: [(Self, &str); 12] = [
        (Self::Sum, "sum"),
        (Self::Avg, "avg"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Count, "count"),
        (Self::Stddev, "stddev"),
        (Self::Stdvar, "stdvar"),
        (Self::Group, "group"),
        (Self::Topk, "topk"),
        (Self::Bottomk, "bottomk"),
        (Self::Quantile, "quantile"),
        (Self::CountValues, "count_values"),
    ];

    /// The operator of this name, which is in small letters.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(op, _)| *op)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The type of its parameter, if it takes one.
    #[must_use]
    pub fn param(self) -> Option<ValueType> {
        match self {
            Self::Topk | Self::Bottomk | Self::Quantile => Some(ValueType::Scalar),
            Self::CountValues => Some(ValueType::String),
            _ => None,
        }
    }
}

/// By which labels series are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `by (...)`; empty where nothing was written.
    By(Vec<String>),
    /// `without (...)`
    Without(Vec<String>),
}

/// `sum by (job) (expression)`
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// The operator.
    pub op: AggregateOp,
    /// What is aggregated.
    pub expr: Box<Expr>,
    /// The parameter of `topk`, `bottomk`, `quantile` and `count_values`.
    pub param: Option<Box<Expr>>,
    /// By which labels.
    pub grouping: Grouping,
    /// Where it stands.
    pub span: Span,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the operators of the language")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    And,
    Or,
    Unless,
}

impl BinaryOp {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
            Self::Atan2 => "atan2",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Gt => ">",
            Self::Lt => "<",
            Self::Ge => ">=",
            Self::Le => "<=",
            Self::And => "and",
            Self::Or => "or",
            Self::Unless => "unless",
        }
    }

    /// Whether it compares.
    #[must_use]
    pub fn is_comparison(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Gt | Self::Lt | Self::Ge | Self::Le)
    }

    /// Whether it is about which series there are: `and`, `or`, `unless`.
    #[must_use]
    pub fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

/// How many series of one side go with one of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One with one.
    OneToOne,
    /// `group_left`
    ManyToOne,
    /// `group_right`
    OneToMany,
    /// The set operators.
    ManyToMany,
}

/// How the series of two sides find each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// How many with how many.
    pub cardinality: Cardinality,
    /// Whether `labels` are those of `on`, and not those of `ignoring`.
    pub on: bool,
    /// The labels of `on` or `ignoring`.
    pub labels: Vec<String>,
    /// The labels in `group_left(...)` or `group_right(...)`.
    pub include: Vec<String>,
}

/// `a + on (job) b`
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The operator.
    pub op: BinaryOp,
    /// The left side.
    pub lhs: Box<Expr>,
    /// The right side.
    pub rhs: Box<Expr>,
    /// `bool`
    pub bool_modifier: bool,
    /// Between two vectors.
    pub matching: Option<Matching>,
    /// Where it stands.
    pub span: Span,
}

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
}
