//! What stands in the fields of a message where the configuration has none of its own.

use crate::alert::notify::{Notice, Notification};
use crate::alert::receivers::facts::{cut, rfc3339};
use crate::alert::receivers::slack::message::ShownField;
use crate::alert::template::escape::slack as escaped;
use crate::alert::{Severity, Status};

/// Characters of all labels together.
const LABELS: usize = 600;
/// Labels that have a field of their own, or stand in the title.
const ELSEWHERE: [&str; 6] = ["alertname", "severity", "service", "environment", "instance", "job"];

/// Severity, source, times, value and labels: what all alerts have alike.
pub(crate) fn ready_fields(notification: &Notification) -> Vec<ShownField> {
    let labels = notification.common_labels();
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
    add("Labels", escaped(&cut(&rest.join("\n"), LABELS)), false);
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
