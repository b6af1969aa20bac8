//! The canonical text of an expression, on one line.

use std::fmt::{self, Write as _};

use crate::promql::ast::{
    Aggregation, At, Binary, BinaryOp, Cardinality, Expr, Extension, Grouping, MatrixSelector, Subquery,
    UnaryOp, VectorSelector,
};
use crate::promql::print::quote::{Duration, LabelName};
use crate::series::Quoted;
use crate::series::{MatchOp, Matcher};

/// The canonical text, which means the same as the tree; [`Extension::Exact`] has no spelling and is not in it.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value, _) => number(*value, f),
            Self::Duration(seconds, _) => Duration((seconds * 1000.0).round() as i64).fmt(f),
            Self::String(value, _) => Quoted(value).fmt(f),
            Self::Selector(selector) => {
                names(selector, f)?;
                time(selector.at, f)?;
                extension(selector.extension, f)?;
                offset(selector.offset, f)
            }
            Self::Matrix(MatrixSelector { selector, range, .. }) => {
                names(selector, f)?;
                write!(f, "[{}]", Duration(*range))?;
                extension(selector.extension, f)?;
                time(selector.at, f)?;
                offset(selector.offset, f)
            }
            Self::Subquery(subquery) => write!(f, "{}{}", subquery.expr, SubqueryTail(subquery)),
            Self::Call(call) => {
                write!(f, "{}(", call.function.name())?;
                list(&call.args, f)?;
                f.write_char(')')
            }
            Self::Aggregation(aggregation) => {
                write!(f, "{}(", AggregationHead(aggregation))?;
                if let Some(param) = &aggregation.param {
                    write!(f, "{param}, ")?;
                }
                write!(f, "{})", aggregation.expr)
            }
            Self::Binary(binary) => {
                if is_power_of_infinity(binary) {
                    f.write_str(INFINITY)?;
                } else {
                    binary.lhs.fmt(f)?;
                }
                write!(f, " {} {}", Operator(binary), binary.rhs)
            }
            Self::Unary(op, inner, _) => write!(f, "{}{inner}", sign(*op)),
            Self::Paren(inner, _) => write!(f, "({inner})"),
        }
    }
}

/// Infinity where it cannot have its sign.
pub(crate) const INFINITY: &str = "Inf";

/// The sign that Prometheus writes before infinity would be that of the whole power when it is read again.
pub(crate) fn is_power_of_infinity(binary: &Binary) -> bool {
    binary.op == BinaryOp::Pow && matches!(*binary.lhs, Expr::Number(f64::INFINITY, _))
}

pub(crate) fn sign(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Plus => "+",
        UnaryOp::Minus => "-",
    }
}

fn number(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if value == f64::INFINITY {
        return f.write_str("+Inf");
    }
    if value == f64::NEG_INFINITY {
        return f.write_str("-Inf");
    }
    write!(f, "{value}")
}

/// The name and the braces.
fn names(selector: &VectorSelector, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let name = selector.name.as_deref().unwrap_or("");
    f.write_str(name)?;
    let is_name = |matcher: &&Matcher| {
        !name.is_empty()
            && matcher.name() == "__name__"
            && matcher.op() == MatchOp::Equal
            && matcher.value() == name
    };
    let mut others: Vec<String> =
        selector.matchers.iter().filter(|matcher| !is_name(matcher)).map(one).collect();
    if others.is_empty() {
        return Ok(());
    }
    others.sort_unstable();
    write!(f, "{{{}}}", others.join(","))
}

fn one(matcher: &Matcher) -> String {
    format!("{}{}{}", LabelName(matcher.name()), matcher.op().as_str(), Quoted(matcher.value()))
}

fn time(at: Option<At>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match at {
        None => Ok(()),
        Some(At::Time(milliseconds)) => write!(f, " @ {:.3}", milliseconds as f64 / 1000.0),
        Some(At::Start) => f.write_str(" @ start()"),
        Some(At::End) => f.write_str(" @ end()"),
    }
}

fn extension(extension: Option<Extension>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match extension {
        Some(Extension::Anchored) => " anchored",
        Some(Extension::Smoothed) => " smoothed",
        Some(Extension::Exact) | None => "",
    })
}

fn offset(milliseconds: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if milliseconds == 0 { Ok(()) } else { write!(f, " offset {}", Duration(milliseconds)) }
}

fn list(items: &[impl fmt::Display], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{item}")?;
    }
    Ok(())
}

fn labels(labels: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, label) in labels.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{}", LabelName(label))?;
    }
    Ok(())
}

/// What follows the expression of a subquery.
pub(crate) struct SubqueryTail<'a>(pub(crate) &'a Subquery);

impl fmt::Display for SubqueryTail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}:", Duration(self.0.range))?;
        if let Some(step) = self.0.step {
            Duration(step).fmt(f)?;
        }
        f.write_char(']')?;
        time(self.0.at, f)?;
        offset(self.0.offset, f)
    }
}

/// What stands before the parentheses of an aggregation.
pub(crate) struct AggregationHead<'a>(pub(crate) &'a Aggregation);

impl fmt::Display for AggregationHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.op.name())?;
        let (word, names) = match &self.0.grouping {
            Grouping::By(names) if names.is_empty() => return Ok(()),
            Grouping::By(names) => ("by", names),
            Grouping::Without(names) => ("without", names),
        };
        write!(f, " {word} (")?;
        labels(names, f)?;
        f.write_str(") ")
    }
}

/// A binary operator with its modifiers.
pub(crate) struct Operator<'a>(pub(crate) &'a Binary);

impl fmt::Display for Operator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.op.as_str())?;
        if self.0.bool_modifier {
            f.write_str(" bool")?;
        }
        let Some(matching) = &self.0.matching else {
            return Ok(());
        };
        let group = match matching.cardinality {
            Cardinality::ManyToOne => Some("group_left"),
            Cardinality::OneToMany => Some("group_right"),
            Cardinality::OneToOne | Cardinality::ManyToMany => None,
        };
        if matching.on || !matching.labels.is_empty() || group.is_some() {
            write!(f, " {} (", if matching.on { "on" } else { "ignoring" })?;
            labels(&matching.labels, f)?;
            f.write_char(')')?;
        }
        if let Some(group) = group {
            write!(f, " {group} (")?;
            labels(&matching.include, f)?;
            f.write_char(')')?;
        }
        Ok(())
    }
}
