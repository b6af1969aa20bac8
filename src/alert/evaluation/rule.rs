//! A rule of either kind, and how it does.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::evaluation::alerting::{Alerting, Out};
use crate::alert::evaluation::board::{RuleHealth, RuleKind, RuleStatus};
use crate::alert::evaluation::identity::RuleKey;
use crate::alert::evaluation::published::Published;
use crate::alert::evaluation::recording::Recording;
use crate::alert::evaluation::round::Round;
use crate::alert::rules::{Rule, RuleGroup};

/// A rule, and how its last evaluation went.
#[derive(Debug)]
pub(crate) struct Evaluated {
    pub(crate) key: RuleKey,
    pub(crate) machine: Machine,
    pub(crate) published: Published,
    health: RuleHealth,
    took: Duration,
    at: Option<i64>,
}

/// What turns a query's results into something.
#[derive(Debug)]
pub(crate) enum Machine {
    Alerting(Box<Alerting>),
    Recording(Recording),
}

impl Evaluated {
    pub(crate) fn new(key: RuleKey, rule: &Rule, group: &RuleGroup, external_url: &str) -> Self {
        let machine = match rule {
            Rule::Alerting(rule) => {
                let mut rule = rule.clone();
                rule.labels = with_group(rule.labels, &group.labels);
                Machine::Alerting(Box::new(Alerting::new(Arc::clone(&key), Arc::new(rule), external_url)))
            }
            Rule::Recording(rule) => {
                let mut rule = rule.clone();
                rule.labels = with_group(rule.labels, &group.labels);
                Machine::Recording(Recording::new(Arc::new(rule)))
            }
        };
        Self {
            key,
            machine,
            published: Published::default(),
            health: RuleHealth::Unknown,
            took: Duration::ZERO,
            at: None,
        }
    }

    /// Goes on as the same rule did before a reload.
    pub(crate) fn continue_from(&mut self, before: Self) {
        (self.published, self.health, self.took, self.at) =
            (before.published, before.health, before.took, before.at);
        if let (Machine::Alerting(alerting), Machine::Alerting(before)) = (&mut self.machine, before.machine)
        {
            alerting.continue_from(*before);
        }
    }

    /// One evaluation. Returns whether it went well.
    pub(crate) fn evaluate(&mut self, round: &Round<'_>, out: &mut Out<'_>) -> bool {
        let clock = &round.settings.clock;
        let began = clock.now();
        let samples = match &mut self.machine {
            Machine::Alerting(alerting) => alerting.evaluate(round, out),
            Machine::Recording(recording) => recording.evaluate(round),
        };
        let outcome = samples.and_then(|samples| {
            self.published.publish(round.store, samples, round.at).map_err(|error| error.to_string())
        });
        self.took = clock.now().since(began);
        self.at = Some(round.time);
        self.health = match outcome {
            Ok(()) => RuleHealth::Good,
            Err(error) => RuleHealth::Bad(error.into()),
        };
        self.health == RuleHealth::Good
    }

    pub(crate) fn has_had_a_turn(&self) -> bool {
        self.at.is_some()
    }

    pub(crate) fn status(&self) -> Arc<RuleStatus> {
        let kind = match &self.machine {
            Machine::Alerting(alerting) => RuleKind::Alerting(Arc::clone(alerting.rule()), alerting.status()),
            Machine::Recording(recording) => RuleKind::Recording(Arc::clone(recording.rule())),
        };
        Arc::new(RuleStatus::new(kind, self.health.clone(), self.took, self.at))
    }
}

/// A rule's labels, and those of its group that it does not set.
fn with_group(rule: Vec<(String, String)>, group: &[(String, String)]) -> Vec<(String, String)> {
    let others = group.iter().filter(|(name, _)| rule.iter().all(|(own, _)| own != name));
    let others: Vec<_> = others.cloned().collect();
    rule.into_iter().chain(others).collect()
}
