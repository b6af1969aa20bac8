//! Rules and alerts in Prometheus' words.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::rules::{AlertingRule, RecordingRule};
use crate::alert::{AlertState, AlertStatus, GroupStatus, RuleHealth, RuleKind, RuleStatus};
use crate::http::query_api::{json, rfc3339};

/// What Go writes for a time that never was.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// A group with these of its rules.
pub(crate) fn group(out: &mut String, group: &GroupStatus, rules: &[&Arc<RuleStatus>], alerts: bool) {
    let file = group.file.as_deref().map(|file| file.display().to_string()).unwrap_or_default();
    member(out, '{', "name", |out| json::string(out, &group.name));
    member(out, ',', "file", |out| json::string(out, &file));
    member(out, ',', "rules", |out| json::array(out, rules, |out, one| rule(out, one, alerts)));
    member(out, ',', "interval", |out| seconds(out, group.interval));
    member(out, ',', "limit", |out| number(out, group.limit));
    member(out, ',', "evaluationTime", |out| seconds(out, group.evaluation_time));
    member(out, ',', "lastEvaluation", |out| time(out, group.last_evaluation));
    out.push('}');
}

fn rule(out: &mut String, rule: &RuleStatus, alerts: bool) {
    let kind = match &rule.kind {
        RuleKind::Alerting(alerting, active) => {
            alerting_rule(out, alerting, active, alerts);
            "alerting"
        }
        RuleKind::Recording(recording) => {
            recording_rule(out, recording);
            "recording"
        }
    };
    let (health, error) = match &rule.health {
        RuleHealth::Unknown => ("unknown", None),
        RuleHealth::Good => ("ok", None),
        RuleHealth::Bad(error) => ("err", Some(error)),
    };
    member(out, ',', "health", |out| json::string(out, health));
    if let Some(error) = error {
        member(out, ',', "lastError", |out| json::string(out, error));
    }
    member(out, ',', "evaluationTime", |out| seconds(out, rule.evaluation_time));
    member(out, ',', "lastEvaluation", |out| time(out, rule.last_evaluation));
    member(out, ',', "type", |out| json::string(out, kind));
    out.push('}');
}

fn alerting_rule(out: &mut String, rule: &AlertingRule, active: &[AlertStatus], alerts: bool) {
    let state = active.iter().map(|alert| alert.state).max().unwrap_or(AlertState::Resolved);
    let shown = if alerts { active } else { &[] };
    member(out, '{', "state", |out| json::string(out, state.as_str()));
    member(out, ',', "name", |out| json::string(out, &rule.name));
    member(out, ',', "query", |out| json::string(out, &rule.query.to_string()));
    member(out, ',', "duration", |out| seconds(out, rule.for_));
    member(out, ',', "keepFiringFor", |out| seconds(out, rule.keep_firing_for));
    member(out, ',', "labels", |out| labels(out, &rule.labels));
    member(out, ',', "annotations", |out| texts(out, &rule.annotations));
    member(out, ',', "alerts", |out| json::array(out, shown, alert));
}

fn recording_rule(out: &mut String, rule: &RecordingRule) {
    member(out, '{', "name", |out| json::string(out, &rule.name));
    member(out, ',', "query", |out| json::string(out, &rule.query.to_string()));
    member(out, ',', "labels", |out| labels(out, &rule.labels));
}

/// An alert that is pending or fires.
pub(crate) fn alert(out: &mut String, alert: &AlertStatus) {
    member(out, '{', "labels", |out| json::labels(out, alert.labels.iter()));
    member(out, ',', "annotations", |out| texts(out, &alert.annotations));
    member(out, ',', "state", |out| json::string(out, alert.state.as_str()));
    member(out, ',', "activeAt", |out| time(out, Some(alert.active_at)));
    if alert.keep_firing_since.is_some() {
        member(out, ',', "keepFiringSince", |out| time(out, alert.keep_firing_since));
    }
    member(out, ',', "value", |out| json::exponential(out, alert.value));
    out.push('}');
}

fn member(out: &mut String, before: char, name: &str, write: impl FnOnce(&mut String)) {
    out.push(before);
    json::string(out, name);
    out.push(':');
    write(out);
}

fn labels(out: &mut String, labels: &[(String, String)]) {
    let mut labels: Vec<_> = labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    labels.sort_unstable();
    json::labels(out, labels);
}

fn texts(out: &mut String, texts: &std::collections::BTreeMap<String, String>) {
    json::labels(out, texts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
}

fn seconds(out: &mut String, duration: Duration) {
    let _ = write!(out, "{}", duration.as_secs_f64());
}

fn number(out: &mut String, number: usize) {
    let _ = write!(out, "{number}");
}

fn time(out: &mut String, time: Option<i64>) {
    json::string(out, &time.map_or_else(|| NEVER.to_owned(), rfc3339::format));
}
