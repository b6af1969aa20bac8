//! Which alerts keep others quiet.
//!
//! For each rule, the alerts that fire and could be a source of it are kept by their values of `equal`. To ask whether an
//! alert is inhibited is one look-up a rule, however many alerts there are
//! (<https://prometheus.io/docs/alerting/latest/alertmanager/#inhibition>).

use std::collections::{BTreeSet, HashMap};

use crate::alert::config::InhibitRule;
use crate::alert::dispatch::matching::all_match;
use crate::alert::{Alert, Fingerprint, Status};
use crate::series::Labels;

/// The sources of one rule that have the same values.
#[derive(Debug, Default)]
struct Sources {
    /// Those that pass the matchers of the target too: they inhibit only what is not a source itself.
    both: BTreeSet<Fingerprint>,
    only: BTreeSet<Fingerprint>,
}

#[derive(Debug, Default)]
pub(crate) struct Inhibition {
    rules: Vec<InhibitRule>,
    sources: Vec<HashMap<String, Sources>>,
}

impl Inhibition {
    pub(crate) fn new(rules: &[InhibitRule]) -> Self {
        Self { rules: rules.to_vec(), sources: rules.iter().map(|_| HashMap::new()).collect() }
    }

    /// An alert came or went.
    pub(crate) fn learn(&mut self, fingerprint: Fingerprint, alert: &Alert, status: Status) {
        for (rule, sources) in self.rules.iter().zip(&mut self.sources) {
            if !all_match(&rule.source, &alert.labels) {
                continue;
            }
            let both = all_match(&rule.target, &alert.labels);
            let values = values(&rule.equal, &alert.labels);
            if status == Status::Firing {
                let sources = sources.entry(values).or_default();
                if both { &mut sources.both } else { &mut sources.only }.insert(fingerprint);
            } else if let Some(found) = sources.get_mut(&values) {
                if both { &mut found.both } else { &mut found.only }.remove(&fingerprint);
                if found.both.is_empty() && found.only.is_empty() {
                    sources.remove(&values);
                }
            }
        }
    }

    /// The rule, by its index, and an alert that keeps these labels quiet.
    pub(crate) fn inhibited_by(&self, labels: &Labels) -> Option<(usize, Fingerprint)> {
        self.rules.iter().zip(&self.sources).enumerate().find_map(|(index, (rule, sources))| {
            if sources.is_empty() || !all_match(&rule.target, labels) {
                return None;
            }
            let found = sources.get(&values(&rule.equal, labels))?;
            let one = match found.only.first() {
                Some(one) => Some(one),
                // What is on both sides is not kept quiet by what is on both sides, itself included.
                None => found.both.first().filter(|_| !all_match(&rule.source, labels)),
            };
            one.map(|one| (index, *one))
        })
    }

    pub(crate) fn rule(&self, index: usize) -> Option<&InhibitRule> {
        self.rules.get(index)
    }
}

/// Values of labels as one text, each with its length before it so that no two sets look alike.
fn values(names: &[String], labels: &Labels) -> String {
    let mut text = String::new();
    for name in names {
        let value = labels.get(name);
        text.push_str(&value.len().to_string());
        text.push(':');
        text.push_str(value);
    }
    text
}
