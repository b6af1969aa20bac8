//! Who a rule is, over reloads and restarts.
//!
//! The group's name, the rule's, and its labels, as in Prometheus. Not its file, so that files can be moved; not the
//! expression, `for` nor the annotations, which may change while an alert fires: who changes a threshold is not told that all
//! is over, and that it fires anew. Rules that are alike in all of that are told apart by their order.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::alert::rules::Rule;
use crate::series::Labels;

/// The identity of a rule: 32 hexadecimal digits, and a number where there are several.
pub(crate) type RuleKey = Arc<str>;

/// Gives rules their keys.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<String, usize>);

impl Keys {
    pub(crate) fn next(&mut self, group: &str, rule: &Rule) -> RuleKey {
        let key = rule_key(group, rule);
        let count = self.0.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 { key.into() } else { format!("{key}-{count}").into() }
    }

    pub(crate) fn next_group(&mut self, name: &str) -> Arc<str> {
        let key = digest([name]);
        let count = self.0.entry(key.clone()).or_default();
        *count += 1;
        if *count == 1 { key.into() } else { format!("{key}-{count}").into() }
    }
}

fn rule_key(group: &str, rule: &Rule) -> String {
    let (kind, labels) = match rule {
        Rule::Alerting(rule) => ("alerting", &rule.labels),
        Rule::Recording(rule) => ("recording", &rule.labels),
    };
    let mut labels: Vec<_> = labels.iter().collect();
    labels.sort();
    let names = [group, kind, rule.name()];
    digest(names.into_iter().chain(labels.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()])))
}

/// The key of a label set among those of a rule.
pub(crate) fn labels_key(labels: &Labels) -> String {
    digest(labels.iter().flat_map(|(name, value)| [name, value]))
}

/// 128 bits of SHA-256: values come from strangers, and none may stand in for another.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
