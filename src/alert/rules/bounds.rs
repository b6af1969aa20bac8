//! Between which numbers the values of an expression surely lie.
//!
//! Only what follows from the language and from conventions that no exporter breaks: counters, counts and histograms'
//! buckets are not negative, `up` is 0 or 1, a part is no more than its whole. Anything else is between the infinities.
//! `NaN` is left aside: no comparison but `!=` holds for it.

use crate::promql::{
    AggregateOp, Aggregation, Binary, BinaryOp, Call, Expr, Function, UnaryOp, ValueType, VectorSelector,
};
use crate::series::{MatchOp, Matcher};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

const ANY: Bounds = Bounds { low: f64::NEG_INFINITY, high: f64::INFINITY };
const NOT_NEGATIVE: Bounds = Bounds { low: 0.0, high: f64::INFINITY };
const SHARE: Bounds = Bounds { low: 0.0, high: 1.0 };
const ONE: Bounds = Bounds { low: 1.0, high: 1.0 };

impl Bounds {
    fn around(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// Those of an operation's result from the results at the corners.
    fn of_corners(self, other: Self, apply: impl Fn(f64, f64) -> f64) -> Self {
        let corners = [
            apply(self.low, other.low),
            apply(self.low, other.high),
            apply(self.high, other.low),
            apply(self.high, other.high),
        ];
        if corners.iter().any(|corner| corner.is_nan()) {
            return ANY;
        }
        let low = corners.iter().copied().fold(f64::INFINITY, f64::min);
        let high = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { low, high }
    }
}

/// The bounds of what an expression evaluates to.
pub(super) fn bounds(expr: &Expr) -> Bounds {
    match expr {
        Expr::Number(value, _) | Expr::Duration(value, _) if value.is_nan() => ANY,
        Expr::Number(value, _) | Expr::Duration(value, _) => Bounds { low: *value, high: *value },
        Expr::String(..) => ANY,
        Expr::Selector(selector) => of_selector(selector),
        Expr::Matrix(matrix) => of_selector(&matrix.selector),
        Expr::Subquery(subquery) => bounds(&subquery.expr),
        Expr::Call(call) => of_call(call),
        Expr::Aggregation(aggregation) => of_aggregation(aggregation),
        Expr::Binary(binary) => of_binary(binary),
        Expr::Unary(UnaryOp::Plus, inner, _) | Expr::Paren(inner, _) => bounds(inner),
        Expr::Unary(UnaryOp::Minus, inner, _) => {
            let inner = bounds(inner);
            Bounds { low: -inner.high, high: -inner.low }
        }
    }
}

fn of_selector(selector: &VectorSelector) -> Bounds {
    match name(selector) {
        Some("up" | "health_check_status") => SHARE,
        Some("ALERTS") => ONE,
        Some(name) if ["_total", "_bucket", "_count"].iter().any(|end| name.ends_with(end)) => NOT_NEGATIVE,
        _ => ANY,
    }
}

/// The metric's name, where there is exactly one.
pub(super) fn name(selector: &VectorSelector) -> Option<&str> {
    let is_name = |matcher: &&Matcher| matcher.name() == "__name__" && matcher.op() == MatchOp::Equal;
    selector.matchers.iter().find(is_name).map(Matcher::value)
}

fn of_call(call: &Call) -> Bounds {
    let argument = |index: usize| call.args.get(index).map_or(ANY, bounds);
    match call.function {
        Function::Absent | Function::AbsentOverTime | Function::PresentOverTime => ONE,
        Function::Abs
        | Function::Sqrt
        | Function::Exp
        | Function::Changes
        | Function::CountOverTime
        | Function::Resets
        | Function::StddevOverTime
        | Function::StdvarOverTime => NOT_NEGATIVE,
        Function::Sgn => Bounds { low: -1.0, high: 1.0 },
        Function::HistogramFraction => SHARE,
        Function::Rate | Function::Increase | Function::Irate | Function::SumOverTime
            if argument(0).low >= 0.0 =>
        {
            NOT_NEGATIVE
        }
        Function::AvgOverTime
        | Function::MaxOverTime
        | Function::MinOverTime
        | Function::LastOverTime
        | Function::Sort
        | Function::SortDesc
        | Function::Vector
        | Function::Scalar
        | Function::LabelReplace
        | Function::LabelJoin => argument(0),
        Function::ClampMin => {
            let (value, least) = (argument(0), argument(1));
            Bounds { low: value.low.max(least.low), high: value.high.max(least.high) }
        }
        Function::ClampMax => {
            let (value, most) = (argument(0), argument(1));
            Bounds { low: value.low.min(most.low), high: value.high.min(most.high) }
        }
        _ => ANY,
    }
}

fn of_aggregation(aggregation: &Aggregation) -> Bounds {
    let inner = bounds(&aggregation.expr);
    match aggregation.op {
        AggregateOp::Sum if inner.low >= 0.0 => NOT_NEGATIVE,
        AggregateOp::Sum | AggregateOp::Quantile => ANY,
        AggregateOp::Avg | AggregateOp::Min | AggregateOp::Max | AggregateOp::Topk | AggregateOp::Bottomk => {
            inner
        }
        AggregateOp::Count | AggregateOp::CountValues => Bounds { low: 1.0, high: f64::INFINITY },
        AggregateOp::Group => ONE,
        AggregateOp::Stddev | AggregateOp::Stdvar => NOT_NEGATIVE,
    }
}

fn of_binary(binary: &Binary) -> Bounds {
    let (left, right) = (bounds(&binary.lhs), bounds(&binary.rhs));
    match binary.op {
        _ if binary.bool_modifier => SHARE,
        BinaryOp::Add => left.of_corners(right, |a, b| a + b),
        BinaryOp::Sub => left.of_corners(right, |a, b| a - b),
        BinaryOp::Mul => left.of_corners(right, |a, b| a * b),
        BinaryOp::Div if is_share(&binary.lhs, &binary.rhs) => SHARE,
        BinaryOp::Div if left.low >= 0.0 && right.low >= 0.0 => match right.low > 0.0 {
            true => Bounds { low: 0.0, high: left.high / right.low },
            false => NOT_NEGATIVE,
        },
        // A comparison leaves the values of its vector, which is the right side where the left is a number.
        op if op.is_comparison() => match binary.lhs.value_type() {
            ValueType::Scalar => right,
            _ => left,
        },
        BinaryOp::And | BinaryOp::Unless => left,
        BinaryOp::Or => left.around(right),
        _ => ANY,
    }
}

/// Whether the first is surely a part of the second: the same sum of the same metric with more conditions on its labels,
/// or one of the terms of a sum of which none is negative.
fn is_share(part: &Expr, whole: &Expr) -> bool {
    let (part, whole) = (inside(part), inside(whole));
    if bounds(part).low < 0.0 || bounds(whole).low < 0.0 {
        return false;
    }
    if let Expr::Binary(Binary { op: BinaryOp::Add, lhs, rhs, .. }) = whole {
        return is_share(part, lhs) || is_share(part, rhs);
    }
    is_narrower(part, whole)
}

fn is_narrower(part: &Expr, whole: &Expr) -> bool {
    match (inside(part), inside(whole)) {
        (Expr::Selector(part), Expr::Selector(whole)) => selects_less(part, whole),
        (Expr::Matrix(part), Expr::Matrix(whole)) => {
            part.range == whole.range && selects_less(&part.selector, &whole.selector)
        }
        (Expr::Call(part), Expr::Call(whole)) => {
            let counts = matches!(part.function, Function::Rate | Function::Increase);
            counts && part.function == whole.function && is_narrower(&part.args[0], &whole.args[0])
        }
        (Expr::Aggregation(part), Expr::Aggregation(whole)) => {
            (part.op, whole.op) == (AggregateOp::Sum, AggregateOp::Sum)
                && part.grouping == whole.grouping
                && is_narrower(&part.expr, &whole.expr)
        }
        _ => false,
    }
}

fn selects_less(part: &VectorSelector, whole: &VectorSelector) -> bool {
    name(part).is_some()
        && (part.offset, part.at, part.extension) == (whole.offset, whole.at, whole.extension)
        && whole.matchers.iter().all(|matcher| part.matchers.contains(matcher))
}

fn inside(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner, _) => inside(inner),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use crate::alert::rules::bounds::{Bounds, bounds};
    use crate::promql::Query;

    #[test]
    fn bounds_are_what_is_sure() {
        let infinity = f64::INFINITY;
        for (text, low, high) in [
            ("3", 3.0, 3.0),
            ("foo", -infinity, infinity),
            ("up", 0.0, 1.0),
            ("1 - up", 0.0, 1.0),
            ("-up", -1.0, 0.0),
            ("rate(a_total[5m])", 0.0, infinity),
            ("rate(a[5m])", -infinity, infinity),
            ("sum(rate(a_total[5m])) * 2 + 1", 1.0, infinity),
            ("sum(rate(a_total{x=\"1\"}[5m])) / sum(rate(a_total[5m]))", 0.0, 1.0),
            ("100 * sum(rate(a_total{x=\"1\"}[5m])) / sum(rate(a_total[5m]))", 0.0, infinity),
            ("100 * (sum(rate(a_total{x=\"1\"}[5m])) / sum(rate(a_total[5m])))", 0.0, 100.0),
            ("sum(rate(a_total{x=\"1\"}[5m])) / sum(rate(a_total{y=\"1\"}[5m]))", 0.0, infinity),
            ("sum by (x) (rate(a_total[5m])) / sum(rate(a_total[5m]))", 0.0, infinity),
            ("sum(rate(a_total[5m])) / sum(rate(a_total[1h]))", 0.0, infinity),
            ("rate(b_total[5m]) / (rate(a_total[5m]) + rate(b_total[5m]))", 0.0, 1.0),
            ("rate(a[5m]) / (rate(a[5m]) + rate(b[5m]))", -infinity, infinity),
            ("clamp_max(a_total, 5)", 0.0, 5.0),
            ("up or vector(7)", 0.0, 7.0),
            ("up > bool 3", 0.0, 1.0),
            ("count(foo)", 1.0, infinity),
        ] {
            let found = bounds(Query::parse(text).unwrap().expr());
            assert_eq!(found, Bounds { low, high }, "{text}");
        }
    }
}
