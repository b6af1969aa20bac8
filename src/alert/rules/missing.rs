//! Selectors that find nothing.

use std::collections::HashSet;
use std::fmt;

use crate::alert::config::yaml::nearest;
use crate::alert::rules::bounds::name;
use crate::alert::rules::{Origin, Rule, RuleGroup};
use crate::promql::{Binary, BinaryOp, Expr, Function, VectorSelector};
use crate::series::Store;

/// A selector of a rule that no series passes: a rule that says nothing because there is nothing to say, or because of a
/// slip in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingSelector {
    /// The rule's group.
    pub group: String,
    /// The rule.
    pub rule: String,
    /// The selector, as PromQL.
    pub selector: String,
    /// Whether there are series of the metric, and only the labels pass none.
    pub metric_exists: bool,
    /// The metric that may have been meant.
    pub nearest: Option<String>,
}

impl fmt::Display for MissingSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { group, rule, selector, .. } = self;
        write!(f, "group {group:?}, rule {rule:?}: `{selector}` matches no series")?;
        match (&self.nearest, self.metric_exists) {
            (_, true) => f.write_str(": the metric is there, and none of its series has these labels"),
            (Some(near), _) => write!(f, "; did you mean `{near}`?"),
            (None, _) => Ok(()),
        }
    }
}

impl RuleGroup {
    /// The selectors of these rules that no series of the store passes now, each once for a rule. Left out are series that
    /// rules of the same groups record, arguments of `absent`, what is taken away with `unless`, one side of an `or` whose
    /// other side is there, and the ready set, which waits for metrics that may never come.
    ///
    /// Takes a look at the series of each selector's metric under the store's lock; made for the load of rules and for
    /// `explain`, not for each evaluation.
    #[must_use]
    pub fn missing(groups: &[Self], store: &Store) -> Vec<MissingSelector> {
        let rules = || groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        let mut made: HashSet<&str> = HashSet::from(["ALERTS", "ALERTS_FOR_STATE"]);
        made.extend(rules().filter_map(|(_, rule)| match rule {
            Rule::Recording(rule) => Some(rule.name.as_str()),
            Rule::Alerting(_) => None,
        }));
        let finds = |selector: &VectorSelector| {
            name(selector).is_some_and(|name| made.contains(name))
                || store.read().matching(&selector.matchers).next().is_some()
        };
        let mut missing: Vec<MissingSelector> = Vec::new();
        for (group, rule) in rules() {
            let mut selectors = Vec::new();
            collect(rule.query().expr(), &finds, &mut selectors);
            if let Rule::Alerting(rule) = rule {
                if rule.origin == Origin::Ready {
                    continue;
                }
                rule.keep_query.iter().for_each(|keep| collect(keep.expr(), &finds, &mut selectors));
            }
            for selector in selectors {
                let found = described(group, rule, selector, store);
                if !missing.contains(&found) {
                    missing.push(found);
                }
            }
        }
        missing
    }
}

fn described(group: &RuleGroup, rule: &Rule, selector: &VectorSelector, store: &Store) -> MissingSelector {
    let names = store.label_values("__name__", &[], i64::MIN, i64::MAX);
    let wanted = name(selector).unwrap_or_default();
    let metric_exists = names.iter().any(|name| **name == *wanted);
    // Without what is of no matter to what it passes.
    let shown = VectorSelector { offset: 0, at: None, extension: None, ..selector.clone() };
    MissingSelector {
        group: group.name.clone(),
        rule: rule.name().to_owned(),
        selector: Expr::Selector(shown).to_string(),
        metric_exists,
        nearest: nearest(wanted, names.iter().map(|name| &**name))
            .filter(|_| !metric_exists)
            .map(str::to_owned),
    }
}

/// The selectors that find nothing, where that is a lack.
fn collect<'a>(
    expr: &'a Expr,
    finds: &impl Fn(&VectorSelector) -> bool,
    missing: &mut Vec<&'a VectorSelector>,
) {
    let mut one = |selector: &'a VectorSelector| {
        if !finds(selector) {
            missing.push(selector);
        }
    };
    match expr {
        Expr::Selector(selector) => one(selector),
        Expr::Matrix(matrix) => one(&matrix.selector),
        Expr::Number(..) | Expr::Duration(..) | Expr::String(..) => {}
        Expr::Call(call) if matches!(call.function, Function::Absent | Function::AbsentOverTime) => {}
        Expr::Call(call) => call.args.iter().for_each(|argument| collect(argument, finds, missing)),
        Expr::Subquery(subquery) => collect(&subquery.expr, finds, missing),
        Expr::Aggregation(aggregation) => {
            aggregation.param.iter().for_each(|param| collect(param, finds, missing));
            collect(&aggregation.expr, finds, missing);
        }
        Expr::Unary(_, inner, _) | Expr::Paren(inner, _) => collect(inner, finds, missing),
        Expr::Binary(Binary { op: BinaryOp::Or, lhs, rhs, .. }) => {
            let (mut left, mut right) = (Vec::new(), Vec::new());
            collect(lhs, finds, &mut left);
            collect(rhs, finds, &mut right);
            if !left.is_empty() && !right.is_empty() {
                missing.extend(left.into_iter().chain(right));
            }
        }
        Expr::Binary(binary) => {
            collect(&binary.lhs, finds, missing);
            if binary.op != BinaryOp::Unless {
                collect(&binary.rhs, finds, missing);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::alert::rules::RuleGroup;
    use crate::series::{Labels, Store};

    fn missing(expr: &str) -> Vec<String> {
        let store = Store::new();
        let series = Labels::new([("__name__", "orders_total"), ("channel", "web")]);
        store.append(&series, 1_000, 1.0).unwrap();
        let text = format!(
            "groups:\n- name: g\n  rules:\n  - record: job:orders:rate5m\n    expr: rate(orders_total[5m])\n  - alert: A\n    expr: '{expr}'\n"
        );
        let groups = RuleGroup::from_yaml(&text).unwrap();
        RuleGroup::missing(&groups, &store).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_selector_without_series_is_named() {
        assert_eq!(
            missing("rate(order_total[5m]) > 1"),
            ["group \"g\", rule \"A\": `order_total` matches no series; did you mean `orders_total`?"]
        );
        assert_eq!(
            missing("orders_total{channel=\"shop\"} offset 5m > 1"),
            [
                "group \"g\", rule \"A\": `orders_total{channel=\"shop\"}` matches no series: the metric is there, and none of its series has these labels"
            ]
        );
        assert_eq!(missing("foo / foo > bar").len(), 2);
        assert_eq!(missing("foo or bar").len(), 2);
    }

    #[test]
    fn what_is_no_lack_is_not_named() {
        for expr in [
            "orders_total > 1",
            "{channel=~\"w.*\"} > 1",
            "job:orders:rate5m > 1",
            "absent(foo)",
            "absent_over_time(foo[5m])",
            "orders_total unless foo",
            "orders_total or foo",
            "(foo or orders_total) > 1",
            "ALERTS{alertname=\"B\"}",
            "vector(1)",
        ] {
            assert_eq!(missing(expr), [] as [String; 0], "{expr}");
        }
    }
}
