//! The threshold of the end, said in PromQL.
//!
//! A rule of ours may end at another threshold than that at which it fires. Prometheus has no word for that, but its rules
//! can look at their own alerts: what holds the lower threshold and fires already goes on. Between the two there is this
//! difference: where Prometheus was down for more than its lookback (5 minutes), it has forgotten that something fired.

use std::collections::BTreeSet;

use crate::alert::rules::AlertingRule;
use crate::promql::{Binary, BinaryOp, Expr, Query};
use crate::series::Quoted;

/// `(when) or ((keep) and ignoring (...) ALERTS{...})`, of which the labels that the rule adds are ignored.
pub(super) fn expression(
    rule: &AlertingRule,
    when: &Query,
    keep: &Query,
    group_labels: &[(String, String)],
) -> String {
    let own = |name: &str| rule.labels.iter().any(|(label, _)| label == name);
    let inherited = group_labels.iter().filter(|(name, _)| !own(name));
    let labels: Vec<&(String, String)> = rule.labels.iter().chain(inherited).collect();
    let mut matchers = format!("alertname={},alertstate=\"firing\"", Quoted(&rule.name));
    for (name, value) in labels.iter().filter(|(name, value)| name != "alertname" && !value.contains("{{")) {
        matchers.push_str(&format!(",{name}={}", Quoted(value)));
    }
    let mut ignored: BTreeSet<&str> = labels.iter().map(|(name, _)| name.as_str()).collect();
    ignored.extend(["alertname", "alertstate"]);
    let ignored: Vec<&str> = ignored.into_iter().collect();
    format!("({when}) or (({keep}) and ignoring ({}) ALERTS{{{matchers}}})", ignored.join(", "))
}

/// Takes apart what [`expression`] made, and nothing else.
pub(super) fn restore(rule: &mut AlertingRule, group_labels: &[(String, String)]) {
    let Some((when, keep)) = parts(rule.query.expr()) else { return };
    let (Ok(when), Ok(keep)) = (Query::parse(&when), Query::parse(&keep)) else { return };
    if expression(rule, &when, &keep, group_labels) == rule.query.text() {
        (rule.query, rule.keep_query) = (when, Some(keep));
    }
}

fn parts(expr: &Expr) -> Option<(String, String)> {
    let (when, kept) = sides(expr, BinaryOp::Or)?;
    let (Expr::Paren(when, _), Expr::Paren(kept, _)) = (when, kept) else { return None };
    let (Expr::Paren(keep, _), _) = sides(kept, BinaryOp::And)? else { return None };
    Some((when.to_string(), keep.to_string()))
}

fn sides(expr: &Expr, wanted: BinaryOp) -> Option<(&Expr, &Expr)> {
    match expr {
        Expr::Binary(Binary { op, lhs, rhs, .. }) if *op == wanted => Some((lhs, rhs)),
        _ => None,
    }
}
