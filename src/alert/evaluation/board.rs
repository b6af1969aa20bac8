//! How all rules do, for those who look: set after each evaluation, read without waiting for one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::alert::Annotations;
use crate::alert::evaluation::instance::{AlertState, Instance};
use crate::alert::rules::{AlertingRule, RecordingRule};
use crate::series::Labels;

/// How all groups do. A clone shows the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Mutex<Arc<Vec<Arc<GroupStatus>>>>>);

impl Board {
    /// All groups in their order.
    pub(crate) fn groups(&self) -> Arc<Vec<Arc<GroupStatus>>> {
        Arc::clone(&self.lock())
    }

    pub(crate) fn set(&self, groups: Vec<Arc<GroupStatus>>) {
        let before = std::mem::replace(&mut *self.lock(), Arc::new(groups));
        // It may be the last hold of many alerts, which are not dropped under the lock.
        drop(before);
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<Arc<GroupStatus>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a group does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupStatus {
    /// Its name.
    pub name: String,
    /// The file that it is from, where it is from one.
    pub file: Option<PathBuf>,
    /// From one evaluation to the next.
    pub interval: Duration,
    /// How many results each of its rules may have; 0 for any number.
    pub limit: usize,
    /// How long its last evaluation took.
    pub evaluation_time: Duration,
    /// Of which time that was (milliseconds since the Unix epoch); `None` before the first.
    pub last_evaluation: Option<i64>,
    /// Its rules in their order.
    pub rules: Vec<Arc<RuleStatus>>,
}

/// How a rule does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuleStatus {
    /// The rule, and what it has found.
    pub kind: RuleKind,
    /// How its last evaluation went.
    pub health: RuleHealth,
    /// How long that took.
    pub evaluation_time: Duration,
    /// Of which time it was (milliseconds since the Unix epoch); `None` before the first.
    pub last_evaluation: Option<i64>,
}

impl RuleStatus {
    pub(crate) fn new(kind: RuleKind, health: RuleHealth, took: Duration, at: Option<i64>) -> Self {
        Self { kind, health, evaluation_time: took, last_evaluation: at }
    }
}

/// A rule, with the labels of its group among its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RuleKind {
    /// And what of it is pending or fires.
    Alerting(Arc<AlertingRule>, Vec<AlertStatus>),
    /// What it finds is in the series store.
    Recording(Arc<RecordingRule>),
}

/// How the last evaluation of a rule went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleHealth {
    /// There was none.
    Unknown,
    /// Well.
    Good,
    /// Not: why.
    Bad(Arc<str>),
}

/// An alert that is pending or fires. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AlertStatus {
    /// Who it is, without the labels of the process.
    pub labels: Labels,
    /// What is said about it.
    pub annotations: Arc<Annotations>,
    /// Whether it is pending or fires.
    pub state: AlertState,
    /// Since when its condition holds.
    pub active_at: i64,
    /// Since when it only fires because its rule keeps it (`keep_firing_for`).
    pub keep_firing_since: Option<i64>,
    /// What the expression was worth the last time that it had a result.
    pub value: f64,
}

impl AlertStatus {
    pub(crate) fn of(instance: &Instance) -> Self {
        Self {
            labels: instance.labels.clone(),
            annotations: Arc::clone(&instance.annotations),
            state: instance.state,
            active_at: instance.active_at,
            keep_firing_since: instance.keep_firing_since,
            value: instance.value,
        }
    }
}
