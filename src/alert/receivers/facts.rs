//! What can be said about the alerts of a message together.

use jiff::Timestamp;

use crate::alert::notify::Notification;
use crate::alert::{Annotations, Severity, Status};
use crate::series::Labels;

/// The labels that all have alike.
pub(crate) fn common_labels(notification: &Notification) -> Labels {
    let mut alerts = notification.alerts.iter().map(|notice| &notice.alert.labels);
    let Some(first) = alerts.next() else { return Labels::default() };
    let rest: Vec<_> = alerts.collect();
    first.filter(|name| rest.iter().all(|labels| labels.get(name) == first.get(name)))
}

/// The annotations that all have alike.
pub(crate) fn common_annotations(notification: &Notification) -> Annotations {
    let mut alerts = notification.alerts.iter().map(|notice| &notice.alert.annotations);
    let Some(first) = alerts.next() else { return Annotations::new() };
    let mut common = first.clone();
    for annotations in alerts {
        common.retain(|name, text| annotations.get(name) == Some(text));
    }
    common
}

/// The worst of those that fire, or of all where none does.
pub(crate) fn severity(notification: &Notification) -> Severity {
    let status = notification.status();
    let alerts = notification.alerts.iter().filter(|notice| notice.status == status);
    let severities = alerts.map(|notice| Severity::from(notice.alert.labels.get("severity")));
    let worse = |severity: &Severity| match severity {
        Severity::Critical => 0,
        Severity::High => 1,
        Severity::Own(_) => 2,
        Severity::Warning => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Info => 6,
    };
    severities.min_by_key(worse).unwrap_or_else(|| Severity::Own(String::new()))
}

/// What a mail's subject or a title begins with: `[CRITICAL]`, `[RESOLVED]`.
pub(crate) fn mark(notification: &Notification) -> &'static str {
    match notification.status() {
        Status::Firing => severity(notification).subject(),
        Status::Resolved => "[RESOLVED]",
    }
}

/// What it is about, in a few words: `HighErrorRate (orders)`, `HighErrorRate and 3 more (orders)`.
pub(crate) fn name(notification: &Notification) -> String {
    let common = common_labels(notification);
    let status = notification.status();
    let of_status = notification.alerts.iter().filter(|notice| notice.status == status);
    let (mut count, mut name) = (0_usize, "");
    for notice in of_status {
        count += 1;
        if name.is_empty() {
            name = notice.alert.name();
        }
    }
    let mut text = if name.is_empty() { "an alert without a name".to_owned() } else { name.to_owned() };
    if count > 1 {
        text.push_str(&format!(" and {} more", count - 1));
    }
    let service = common.get("service");
    if !service.is_empty() {
        text.push_str(&format!(" ({service})"));
    }
    text
}

/// The first of these annotations that all have alike and that says something.
pub(crate) fn said<'a>(annotations: &'a Annotations, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| annotations.get(*name))
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}

/// A time (milliseconds since the Unix epoch) as in `2026-01-01T00:00:00.5Z`.
pub(crate) fn rfc3339(time: i64) -> String {
    match Timestamp::from_millisecond(time) {
        Ok(time) => time.to_string(),
        Err(_) if time < 0 => Timestamp::MIN.to_string(),
        Err(_) => Timestamp::MAX.to_string(),
    }
}

/// The first characters of a text, so many at most; where some are left out, the last one shows it.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    if text.chars().nth(characters).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(characters.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Where it leads: only to web pages, whatever a stranger's label made of it.
pub(crate) fn link(url: &str) -> Option<&str> {
    let url = url.trim();
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_plain = !url.contains(|char: char| char.is_whitespace() || char.is_control());
    (is_web && is_plain).then_some(url)
}
