//! What a mail says where the configuration has no text of its own.

use std::fmt::Write as _;

use crate::alert::Status;
use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::facts::{link, mark, name, rfc3339, said};

/// Alerts that are told one by one.
const TOLD: usize = 100;

pub(crate) fn subject(notification: &Notification) -> String {
    format!("{} {}", mark(notification), name(notification))
}

pub(crate) fn text(notification: &Notification) -> String {
    let mut text = match notification.reason {
        Reason::Test => "This is a test.\n\n".to_owned(),
        Reason::Escalation => "Nobody has acknowledged this yet.\n\n".to_owned(),
        Reason::News | Reason::Repeat => String::new(),
    };
    for notice in notification.alerts.iter().take(TOLD) {
        about(notice, &mut text);
    }
    if notification.alerts.len() > TOLD {
        let _ = writeln!(text, "and {} more\n", notification.alerts.len() - TOLD);
    }
    if let Some(url) = link(&notification.external_url) {
        let _ = writeln!(text, "Sent by tower-watch: {url}");
    }
    text
}

fn about(notice: &Notice, text: &mut String) {
    let alert = &*notice.alert;
    let status = match notice.status {
        Status::Firing => "FIRING",
        Status::Resolved => "RESOLVED",
    };
    let _ = writeln!(text, "{status}: {}", alert.name());
    for annotation in ["summary", "description", "message"] {
        if let Some(said) = said(&alert.annotations, &[annotation]) {
            let _ = writeln!(text, "  {}", said.replace('\n', "\n  "));
        }
    }
    let _ = writeln!(text, "  since {}", rfc3339(alert.starts_at));
    if let (Status::Resolved, Some(end)) = (notice.status, alert.ends_at) {
        let _ = writeln!(text, "  until {}", rfc3339(end));
    }
    if let Some(value) = alert.value {
        let _ = writeln!(text, "  value {value}");
    }
    for (name, value) in alert.labels.iter().filter(|(name, _)| *name != "alertname") {
        let _ = writeln!(text, "  {name} = {}", value.replace('\n', " "));
    }
    for annotation in ["runbook_url", "dashboard_url"] {
        if let Some(url) = said(&alert.annotations, &[annotation]).and_then(link) {
            let _ = writeln!(text, "  {url}");
        }
    }
    if let Some(url) = link(&alert.generator_url) {
        let _ = writeln!(text, "  {url}");
    }
    text.push('\n');
}
