//! What the disk remembers of alerts.
//!
//! A record for each alert that is pending or fires, under the key of its rule and its labels; written when that begins, not
//! at each evaluation, and deleted with its end, in the same commit in which others write down that it has ended. And, while something is pending, one for each group
//! that says when it was evaluated last, so that a downtime has a length.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::evaluation::identity::labels_key;
use crate::alert::evaluation::instance::{AlertState, Instance};
use crate::alert::rules::AlertingRule;
use crate::alert::state::{Disk, Table, Writes};
use crate::alert::{Alert, Annotations, Source, wire};
use crate::series::Labels;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Record {
    Instance(InstanceRecord),
    Evaluated { at: i64 },
}

/// An alert as it is written down: with all that it takes to tell of it where its rule is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InstanceRecord {
    #[serde(with = "wire::labels")]
    labels: Labels,
    #[serde(with = "wire::labels")]
    result: Labels,
    annotations: Annotations,
    state: AlertState,
    active_at: i64,
    #[serde(default)]
    fired_at: Option<i64>,
    #[serde(default)]
    keep_firing_since: Option<i64>,
    #[serde(with = "wire::value")]
    value: Option<f64>,
    #[serde(default)]
    notify: Vec<String>,
    #[serde(default)]
    generator_url: String,
}

impl InstanceRecord {
    /// The alert as it was.
    pub(crate) fn instance(self) -> Instance {
        let annotations = Arc::new(self.annotations);
        let value = self.value.unwrap_or(f64::NAN);
        let mut instance = Instance::new(self.labels, self.result, annotations, value, self.active_at);
        instance.state = self.state;
        instance.fired_at = self.fired_at;
        instance.keep_firing_since = self.keep_firing_since;
        instance.is_unseen = true;
        instance.known = Some(instance.to_know());
        instance
    }

    /// What there is to tell of its end, now that its rule is gone; nothing where nobody was told of it.
    fn end(&self, external_labels: &[(String, String)], now: i64) -> Option<Alert> {
        let telling = Telling { generator_url: &self.generator_url, notify: &self.notify, external_labels };
        let mut instance = self.clone().instance();
        let fired = instance.state == AlertState::Firing;
        instance.resolve(now);
        fired.then(|| telling.alert(&instance, now))
    }
}

/// What the disk remembers, by rule and by group.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) instances: HashMap<String, Vec<InstanceRecord>>,
    pub(crate) evaluated: HashMap<String, i64>,
}

impl Memory {
    /// What there is to tell of the end of alerts whose rules are gone, and all keys that are left.
    pub(crate) fn end(
        self,
        external_labels: &[(String, String)],
        now: i64,
    ) -> (Vec<Arc<Alert>>, Vec<String>) {
        let (mut news, mut keys) = (Vec::new(), Vec::from_iter(self.evaluated.into_keys()));
        for (rule, records) in self.instances {
            for record in records {
                news.extend(record.end(external_labels, now).map(Arc::new));
                keys.push(key(&rule, &record.labels));
            }
        }
        (news, keys)
    }

    pub(crate) fn load(disk: &Disk) -> Self {
        Self::new(disk.load(Table::Instances))
    }

    pub(crate) fn new(records: Vec<(String, Record)>) -> Self {
        let mut memory = Self::default();
        for (key, record) in records {
            match record {
                Record::Instance(record) => {
                    let rule = key.split('/').next().unwrap_or_default().to_owned();
                    memory.instances.entry(rule).or_default().push(record);
                }
                Record::Evaluated { at } => {
                    memory.evaluated.insert(key, at);
                }
            }
        }
        memory
    }
}

fn key(rule: &str, labels: &Labels) -> String {
    format!("{rule}/{}", labels_key(labels))
}

/// Writes an alert down, if it is not as the disk knows it.
pub(crate) fn remember(rule: &str, instance: &mut Instance, told: &Telling<'_>, writes: &mut Writes) {
    let known = instance.to_know();
    if instance.known == Some(known) {
        return;
    }
    instance.known = Some(known);
    let record = Record::Instance(InstanceRecord {
        labels: instance.labels.clone(),
        result: instance.result.clone(),
        annotations: (*instance.annotations).clone(),
        state: instance.state,
        active_at: instance.active_at,
        fired_at: instance.fired_at,
        keep_firing_since: instance.keep_firing_since,
        value: Some(instance.value),
        notify: told.notify.to_vec(),
        generator_url: told.generator_url.to_owned(),
    });
    writes.put(Table::Instances, key(rule, &instance.labels), &record);
}

/// Forgets an alert.
pub(crate) fn forget(rule: &str, labels: &Labels, writes: &mut Writes) {
    writes.delete(Table::Instances, key(rule, labels));
}

/// Forgets what nobody knows any more.
pub(crate) fn forget_all(keys: Vec<String>, writes: &mut Writes) {
    for key in keys {
        writes.delete(Table::Instances, key);
    }
}

/// Says when a group was evaluated last.
pub(crate) fn evaluated(group: &str, at: i64, writes: &mut Writes) {
    writes.put(Table::Instances, group, &Record::Evaluated { at });
}

/// What is the same for all alerts of a rule when they are told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) generator_url: &'a str,
    pub(crate) notify: &'a [String],
    pub(crate) external_labels: &'a [(String, String)],
}

impl<'a> Telling<'a> {
    pub(crate) fn new(
        rule: &'a AlertingRule,
        generator_url: &'a str,
        external_labels: &'a [(String, String)],
    ) -> Self {
        Self { generator_url, notify: &rule.notify, external_labels }
    }

    /// What goes on to those who route it.
    pub(crate) fn alert(&self, instance: &Instance, now: i64) -> Alert {
        let absent = self.external_labels.iter().filter(|(name, _)| instance.labels.get(name).is_empty());
        let labels =
            absent.fold(instance.labels.clone(), |labels, (name, value)| labels.with(name, value.as_str()));
        Alert {
            annotations: (*instance.annotations).clone(),
            starts_at: instance.fired_at.unwrap_or(instance.active_at),
            ends_at: instance.resolved_at,
            updated_at: now,
            generator_url: self.generator_url.to_owned(),
            value: Some(instance.value),
            notify: self.notify.to_vec(),
            source: Source::Rule,
            ..Alert::with_labels(labels)
        }
    }
}
