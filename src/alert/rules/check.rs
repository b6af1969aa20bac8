//! What is surely not meant: comparisons that can never hold, quantiles that are none, rules that are there twice.

use std::collections::HashSet;

use crate::alert::rules::bounds::{Bounds, bounds};
use crate::alert::rules::{Origin, Rule, RuleGroup, RuleProblem};
use crate::promql::{AggregateOp, BinaryOp, Expr, Function, Query, ValueType};

impl RuleGroup {
    /// What is surely not meant and no error: rules that are there twice, thresholds that can never be crossed, quantiles
    /// outside of 0 to 1. Of rules in code the latter two are errors already.
    #[must_use]
    pub fn warnings(groups: &[Self]) -> Vec<RuleProblem> {
        let mut warnings = Vec::new();
        for group in groups {
            let mut seen = HashSet::new();
            for rule in &group.rules {
                let (labels, origin, keep) = match rule {
                    Rule::Alerting(rule) => (&rule.labels, rule.origin, rule.keep_query.as_ref()),
                    Rule::Recording(rule) => (&rule.labels, rule.origin, None),
                };
                let place = match origin {
                    Origin::File { line, column } => Some((line, column)),
                    Origin::Code | Origin::Ready => None,
                };
                let mut warn = |message: String| {
                    warnings.push(RuleProblem {
                        file: group.file.clone(),
                        place,
                        group: group.name.clone(),
                        rule: rule.name().to_owned(),
                        message,
                    });
                };
                let mut labels = labels.clone();
                labels.sort_unstable();
                if !seen.insert((rule.name(), labels)) {
                    warn("the group has a rule of this name with these labels already; their series or alerts may be the same".to_owned());
                }
                impossible(rule.query()).into_iter().for_each(&mut warn);
                keep.into_iter().flat_map(impossible).for_each(&mut warn);
            }
        }
        warnings
    }
}

/// What can never be in a query, with its place in the text.
pub(super) fn impossible(query: &Query) -> Vec<String> {
    let mut found = Vec::new();
    query.expr().visit(&mut |expr| {
        let Some(message) = never(expr).or_else(|| no_quantile(expr)) else { return };
        let (line, column) = query.position(expr.span().start);
        found.push(format!("{line}:{column}: {message}"));
    });
    found
}

/// Why a comparison holds for no value.
fn never(expr: &Expr) -> Option<String> {
    let Expr::Binary(binary) = expr else { return None };
    if !binary.op.is_comparison() || binary.op == BinaryOp::Ne || binary.bool_modifier {
        return None;
    }
    let is_scalar = |expr: &Expr| expr.value_type() == ValueType::Scalar;
    if is_scalar(&binary.lhs) && is_scalar(&binary.rhs) {
        return None;
    }
    let is_nan = |expr: &Expr| matches!(expr, Expr::Number(value, _) if value.is_nan());
    if is_nan(&binary.lhs) || is_nan(&binary.rhs) {
        return Some(format!("`{expr}` can never hold: NaN compares with nothing"));
    }
    let (left, right) = (bounds(&binary.lhs), bounds(&binary.rhs));
    let can_hold = match binary.op {
        BinaryOp::Gt => left.high > right.low,
        BinaryOp::Ge => left.high >= right.low,
        BinaryOp::Lt => left.low < right.high,
        BinaryOp::Le => left.low <= right.high,
        _ => left.low <= right.high && right.low <= left.high,
    };
    if can_hold {
        return None;
    }
    let side = if is_scalar(&binary.lhs) { (&binary.rhs, right) } else { (&binary.lhs, left) };
    Some(format!("`{expr}` can never hold: `{}` is {}; change the threshold", side.0, shown(side.1)))
}

fn shown(bounds: Bounds) -> String {
    match (bounds.low.is_finite(), bounds.high.is_finite()) {
        (true, true) if bounds.low == bounds.high => format!("always {}", bounds.low),
        (true, true) => format!("always between {} and {}", bounds.low, bounds.high),
        (true, false) => format!("never less than {}", bounds.low),
        (false, true) => format!("never more than {}", bounds.high),
        (false, false) => "a finite number".to_owned(),
    }
}

fn no_quantile(expr: &Expr) -> Option<String> {
    let quantile = match expr {
        Expr::Call(call)
            if matches!(call.function, Function::HistogramQuantile | Function::QuantileOverTime) =>
        {
            call.args.first()?
        }
        Expr::Aggregation(aggregation) if aggregation.op == AggregateOp::Quantile => {
            aggregation.param.as_deref()?
        }
        _ => return None,
    };
    let Bounds { low, high } = bounds(quantile);
    (low > 1.0 || high < 0.0)
        .then(|| format!("the quantile `{quantile}` is not between 0 and 1: 95 % are 0.95"))
}

#[cfg(test)]
mod tests {
    use crate::alert::rules::RuleGroup;
    use crate::alert::rules::check::impossible;
    use crate::promql::Query;

    fn messages(text: &str) -> Vec<String> {
        impossible(&Query::parse(text).unwrap())
    }

    #[test]
    fn what_can_never_hold_is_said() {
        for text in [
            "rate(a_total[5m]) < 0",
            "0 > rate(a_total[5m])",
            "a_total == -1",
            "up < 0",
            "up > 1",
            "up == 2",
            "foo > +Inf",
            "foo < -Inf",
            "foo > NaN",
            "sum(rate(a_total{s=\"5\"}[5m])) / sum(rate(a_total[5m])) > 1",
            "sum(rate(a_total{s=\"5\"}[5m])) / sum(rate(a_total[5m])) > 5",
            "absent(foo) > 1",
            "count(foo) < 1",
            "vector(0) > 1 or foo > 2",
            "histogram_quantile(95, sum by (le) (rate(a_bucket[5m]))) > 1",
            "quantile(-0.5, foo) > 1",
            "quantile_over_time(99, foo[5m]) > 1",
        ] {
            assert_eq!(messages(text).len(), 1, "{text}: {:?}", messages(text));
        }
        assert_eq!(
            messages("foo > 1 and up > 1"),
            ["1:13: `up > 1` can never hold: `up` is always between 0 and 1; change the threshold"]
        );
    }

    #[test]
    fn what_may_hold_is_left_alone() {
        for text in [
            "rate(a_total[5m]) <= 0",
            "foo < 0",
            "delta(a_total[5m]) < 0",
            "a_total - b_total < 0",
            "up == 0",
            "up != 2",
            "up > bool 1",
            "foo >= +Inf",
            "a_total / b_total > 3",
            "sum(rate(a_total{s=\"5\"}[5m])) / sum(rate(a_total[5m])) >= 1",
            "histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m]))) > 1",
            "vector(1) > 0",
            "count(foo) > 0",
        ] {
            assert_eq!(messages(text), [] as [String; 0], "{text}");
        }
    }

    #[test]
    fn files_are_warned() {
        let text = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0}\n  - {alert: A, expr: up < 0}\n  - {alert: A, expr: up == 0, labels: {x: y}}\n";
        let groups = RuleGroup::from_yaml(text).unwrap();
        let warnings: Vec<String> = RuleGroup::warnings(&groups).iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].starts_with("5:5: group \"g\", rule \"A\": the group has a rule of this name"),
            "{warnings:?}"
        );
        assert!(
            warnings[1].starts_with("5:5: group \"g\", rule \"A\": 1:1: `up < 0` can never hold"),
            "{warnings:?}"
        );
    }
}
