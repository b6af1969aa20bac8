//! What templates are told, as they see it.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::alert::notify::{Notice, Notification};
use crate::alert::template::go;
use crate::alert::template::rule::RuleData;
use crate::alert::template::value::{ListKind, MapKind, Value};
use crate::alert::{Annotations, Status};
use crate::series::Labels;

/// The start of the year 1 in seconds: what Go takes for no time.
pub(crate) const ZERO_SECONDS: i64 = -62_135_596_800;

/// The variables of a rule's template.
pub(crate) const RULE_VARIABLES: [&str; 4] = ["labels", "externalLabels", "externalURL", "value"];

/// The dot of a rule's template, and [`RULE_VARIABLES`].
pub(crate) fn rule(data: &RuleData<'_>) -> (Value, Vec<Value>) {
    let external = data.external_labels.iter().map(|(name, value)| (&**name, &**value));
    let variables = vec![
        Value::map(MapKind::Plain, data.labels.iter()),
        Value::map(MapKind::Plain, external),
        Value::text(data.external_url),
        Value::Float(data.value),
    ];
    let names = ["Labels", "ExternalLabels", "ExternalURL", "Value"];
    let fields = names.into_iter().zip(variables.iter().cloned()).collect();
    (Value::record("the data of a rule", fields), variables)
}

/// The dot of a notification's template: Alertmanager's `Data`
/// (<https://prometheus.io/docs/alerting/latest/notifications/#data>).
pub(crate) fn notification(notification: &Notification) -> Value {
    let alerts = notification.alerts.iter().map(alert);
    Value::record(
        "the data of a notification",
        vec![
            ("Receiver", Value::text(&*notification.receiver)),
            ("Status", Value::text(notification.status().as_str())),
            ("Alerts", Value::list(ListKind::Alerts, alerts)),
            ("GroupLabels", labels(&notification.group_labels)),
            ("CommonLabels", labels(&notification.common_labels())),
            ("CommonAnnotations", annotations(&notification.common_annotations())),
            ("ExternalURL", Value::text(&*notification.external_url)),
            ("Reason", Value::text(notification.reason.as_str())),
        ],
    )
}

/// One alert. Its value stands there as text beside what Alertmanager knows, and is empty where it has none.
fn alert(notice: &Notice) -> Value {
    let alert = &notice.alert;
    let ends_at = match notice.status {
        Status::Firing => None,
        Status::Resolved => alert.ends_at,
    };
    Value::record(
        "an alert",
        vec![
            ("Status", Value::text(notice.status.as_str())),
            ("Labels", labels(&alert.labels)),
            ("Annotations", annotations(&alert.annotations)),
            ("StartsAt", Value::Time(time(Some(alert.starts_at)))),
            ("EndsAt", Value::Time(time(ends_at))),
            ("GeneratorURL", Value::text(&*alert.generator_url)),
            ("Fingerprint", Value::text(alert.fingerprint().to_string())),
            ("ValueString", Value::text(alert.value.map(|value| go::general(value, 4)).unwrap_or_default())),
        ],
    )
}

fn labels(labels: &Labels) -> Value {
    Value::map(MapKind::Kv, labels.iter())
}

fn annotations(annotations: &Annotations) -> Value {
    Value::map(MapKind::Kv, annotations.iter().map(|(name, text)| (&**name, &**text)))
}

/// A time of the timeline; no time is the year 1, as in Go.
fn time(milliseconds: Option<i64>) -> Zoned {
    let time = milliseconds.and_then(|time| Timestamp::from_millisecond(time).ok());
    let zero = || Timestamp::from_second(ZERO_SECONDS).unwrap_or_default();
    time.unwrap_or_else(zero).to_zoned(TimeZone::UTC)
}
