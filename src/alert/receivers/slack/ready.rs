//! What a message says where the configuration has no text of its own.

use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::facts::{
    common_annotations, common_labels, cut, link, mark, name, rfc3339, said,
};
use crate::alert::receivers::slack::markup;
use crate::alert::receivers::slack::message::ShownField;
use crate::alert::template::escape::slack as escaped;
use crate::alert::{Severity, Status};

/// Alerts that are told one by one; a longer list is read by nobody.
const TOLD: usize = 10;
/// Characters of a text about one alert.
const SAID: usize = 600;
/// Labels that have a field of their own, or stand in the title.
const ELSEWHERE: [&str; 6] = ["alertname", "severity", "service", "environment", "instance", "job"];

pub(crate) fn title(notification: &Notification) -> String {
    escaped(&format!("{} {}", mark(notification), name(notification)))
}

/// Slack shows it where there is no room for more, on a phone that is locked.
pub(crate) fn fallback(notification: &Notification) -> String {
    let annotations = common_annotations(notification);
    match said(&annotations, &["summary", "description", "message"]) {
        Some(said) => format!("{}: {}", title(notification), escaped(said)),
        None => title(notification),
    }
}

pub(crate) fn title_link(notification: &Notification) -> String {
    let own = match &notification.alerts[..] {
        [only] => link(&only.alert.generator_url),
        _ => None,
    };
    own.or_else(|| link(&notification.external_url)).unwrap_or_default().to_owned()
}

pub(crate) fn pretext(notification: &Notification) -> String {
    match notification.reason {
        Reason::Test => "This is a test.".to_owned(),
        Reason::Escalation => "Nobody has acknowledged this yet.".to_owned(),
        Reason::News | Reason::Repeat => String::new(),
    }
}

pub(crate) fn text(notification: &Notification) -> String {
    let alerts = &notification.alerts;
    let mut lines: Vec<String> = match &alerts[..] {
        [only] => about(only).into_iter().collect(),
        _ => alerts.iter().take(TOLD).map(|notice| listed(notice, notification)).collect(),
    };
    if alerts.len() > TOLD {
        lines.push(format!("and {} more", alerts.len() - TOLD));
    }
    let annotations = common_annotations(notification);
    let runbook = said(&annotations, &["runbook_url"]).and_then(link);
    lines.extend(runbook.map(|url| markup::link(url, "Runbook")));
    let dashboard = said(&annotations, &["dashboard_url"]).and_then(link);
    lines.extend(dashboard.map(|url| markup::link(url, "Dashboard")));
    lines.join("\n")
}

fn about(notice: &Notice) -> Option<String> {
    let annotations = &notice.alert.annotations;
    let summary = said(annotations, &["summary"]);
    let description = said(annotations, &["description", "message"]);
    match (summary, description) {
        (Some(summary), Some(description)) if summary != description => {
            Some(format!("*{}*\n{}", escaped(&cut(summary, SAID)), escaped(&cut(description, SAID))))
        }
        (Some(said), _) | (None, Some(said)) => Some(escaped(&cut(said, SAID))),
        (None, None) => None,
    }
}

/// One line of many: what it is, and what tells it from the others.
fn listed(notice: &Notice, notification: &Notification) -> String {
    let common = common_labels(notification);
    let labels = notice.alert.labels.iter().filter(|(name, _)| common.get(name).is_empty());
    let labels: Vec<_> = labels
        .filter(|(name, _)| *name != "alertname")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let status = match notice.status {
        Status::Firing => "",
        Status::Resolved => "resolved: ",
    };
    let mut line = format!("• {status}*{}*", escaped(notice.alert.name()));
    if !labels.is_empty() {
        line.push_str(&format!(" ({})", escaped(&cut(&labels.join(", "), SAID))));
    }
    if let Some(said) = said(&notice.alert.annotations, &["summary", "description", "message"]) {
        line.push_str(&format!(": {}", escaped(&cut(said, SAID / 2))));
    }
    line
}

pub(crate) fn fields(notification: &Notification) -> Vec<ShownField> {
    let labels = common_labels(notification);
    let mut fields = Vec::new();
    let mut add = |title: &str, value: String, short| {
        if !value.is_empty() {
            fields.push(ShownField { title: title.to_owned(), value, short });
        }
    };
    add("Severity", escaped(Severity::from(labels.get("severity")).as_str()), true);
    let source = ["service", "environment", "instance", "job"].map(|name| escaped(labels.get(name)));
    let source: Vec<_> = source.into_iter().filter(|part| !part.is_empty()).collect();
    add("Source", source.join(" / "), true);
    add("Since", since(notification), true);
    if let [Notice { alert, status: Status::Resolved }] = &notification.alerts[..]
        && let Some(end) = alert.ends_at
    {
        add("Until", date(end), true);
    }
    if let [Notice { alert, .. }] = &notification.alerts[..]
        && let Some(value) = alert.value
    {
        add("Value", value.to_string(), true);
    }
    let rest = labels.iter().filter(|(name, _)| !ELSEWHERE.contains(name));
    let rest: Vec<_> = rest.map(|(name, value)| format!("{name} = {value}")).collect();
    add("Labels", escaped(&cut(&rest.join("\n"), SAID)), false);
    fields
}

fn since(notification: &Notification) -> String {
    let starts = notification.alerts.iter().map(|notice| notice.alert.starts_at);
    starts.min().map(date).unwrap_or_default()
}

/// Slack shows it in the reader's own zone (<https://api.slack.com/reference/surfaces/formatting#date-formatting>).
fn date(time: i64) -> String {
    let seconds = time.div_euclid(1_000);
    format!("<!date^{seconds}^{{date_short_pretty}} {{time_secs}}|{}>", rfc3339(seconds * 1_000))
}
