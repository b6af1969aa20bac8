//! Why a rule did not make an alert: what a dispatcher that never saw it cannot know.

use crate::alert::engine::driver::Engine;
use crate::alert::evaluation::{AlertState, AlertStatus, RuleHealth, RuleKind, RuleStatus};
use crate::alert::rules::{AlertingRule, MissingSelector, Rule, RuleGroup};
use crate::alert::{Explained, Explanation, Verdict};
use crate::series::Labels;

impl Engine {
    /// Why an alert with these labels is told, or not; or why it does not fire.
    pub(crate) fn explain(&self, labels: &Labels) -> Explanation {
        let core = self.core();
        let mut explanation = core.dispatcher.explain(labels, &core.book, self.present());
        drop(core);
        if matches!(explanation.verdict, Verdict::Absent | Verdict::Over) {
            let reasons = self.reasons(labels);
            if reasons.iter().any(|reason| matches!(reason, Explained::Pending { .. })) {
                explanation.verdict = Verdict::Pending;
            }
            explanation.steps.splice(0..0, reasons);
        }
        explanation
    }

    fn reasons(&self, labels: &Labels) -> Vec<Explained> {
        let mut reasons = Vec::new();
        for group in self.board.groups().iter() {
            for status in &group.rules {
                let Some((rule, alerts)) = alerting(status) else { continue };
                if rule.name != labels.get("alertname") {
                    continue;
                }
                let is_it =
                    |alert: &&AlertStatus| alert.labels == *labels || self.labelled(&alert.labels) == *labels;
                let pending = alerts.iter().filter(|alert| alert.state == AlertState::Pending).find(is_it);
                reasons.extend(self.reasons_of(&group.name, rule, status, pending));
            }
        }
        reasons
    }

    fn reasons_of(
        &self,
        group: &str,
        rule: &AlertingRule,
        status: &RuleStatus,
        pending: Option<&AlertStatus>,
    ) -> Vec<Explained> {
        let name = || rule.name.clone();
        let mut reasons = Vec::new();
        if let RuleHealth::Bad(error) = &status.health {
            reasons.push(Explained::Failing { rule: name(), error: error.to_string() });
        }
        match pending {
            Some(AlertStatus { active_at, .. }) => {
                let wait = i64::try_from(rule.for_.as_millis()).unwrap_or(i64::MAX);
                let fires_at = active_at.saturating_add(wait);
                reasons.push(Explained::Pending { rule: name(), since: *active_at, fires_at });
            }
            None => {
                let (query, at) = (rule.query.to_string(), status.last_evaluation);
                reasons.push(Explained::NotFound { rule: name(), query, at });
                let alone = RuleGroup { rules: vec![Rule::Alerting(rule.clone())], ..RuleGroup::new(group) };
                let missing = RuleGroup::missing(&[alone], &self.store);
                reasons.extend(missing.iter().map(no_data));
            }
        }
        reasons
    }
}

/// For the API, which asks by names and matchers.
#[cfg(feature = "axum")]
impl Engine {
    /// The labels of what is pending, as it would fire.
    pub(crate) fn pending(&self) -> Vec<Labels> {
        let groups = self.board.groups();
        let statuses = groups.iter().flat_map(|group| &group.rules).filter_map(|rule| alerting(rule));
        let pending = statuses.flat_map(|(_, alerts)| alerts).filter(|it| it.state == AlertState::Pending);
        pending.map(|alert| self.labelled(&alert.labels)).collect()
    }

    /// Whether there is an alerting rule of this name.
    pub(crate) fn has_rule(&self, name: &str) -> bool {
        let groups = self.board.groups();
        let mut rules = groups.iter().flat_map(|group| &group.rules).filter_map(|rule| alerting(rule));
        rules.any(|(rule, _)| rule.name == name)
    }
}

fn alerting(status: &RuleStatus) -> Option<(&AlertingRule, &[AlertStatus])> {
    match &status.kind {
        RuleKind::Alerting(rule, alerts) => Some((rule, alerts)),
        RuleKind::Recording(_) => None,
    }
}

fn no_data(missing: &MissingSelector) -> Explained {
    Explained::NoData { selector: missing.to_string() }
}
