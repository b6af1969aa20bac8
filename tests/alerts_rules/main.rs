//! Rules: files, their way back into files, rules in code, the ready set.
#![allow(clippy::unwrap_used, reason = "tests")]

mod code;
mod export;
mod files;
mod promtool;
mod ready;
mod seed;
mod verdicts;

use tower_watch::alert::rules::{AlertingRule, Rule, RuleGroup};

/// The alerting rule of this name.
fn alert<'a>(groups: &'a [RuleGroup], name: &str) -> &'a AlertingRule {
    let rules = groups.iter().flat_map(|group| &group.rules);
    let mut alerts = rules.filter_map(|rule| match rule {
        Rule::Alerting(rule) => Some(rule),
        _ => None,
    });
    alerts.find(|rule| rule.name == name).unwrap_or_else(|| panic!("no alert {name}"))
}
