//! The log: one line for each alert.

use crate::alert::notify::{Notice, Notification};
use crate::alert::receivers::{Delivery, Receiver};
use crate::alert::{Severity, Status};

/// Writes each alert as one line of `tracing`, with the target `tower_watch::alerts`.
///
/// | severity | level |
/// |---|---|
/// | `critical`, `high`, none, your own | ERROR |
/// | `warning`, `medium` | WARN |
/// | `low`, `info`, and whatever is over | INFO |
///
/// It never fails, and costs what the subscriber costs. It is the receiver of who has configured none.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Log {}

impl Log {
    /// The log.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }
}

impl Receiver for Log {
    fn kind(&self) -> &'static str {
        "log"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        for notice in &notification.alerts {
            say(notification, notice);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

/// One line. The level is part of a callsite, so that there is one for each.
fn say(notification: &Notification, notice: &Notice) {
    let alert = &*notice.alert;
    let severity = Severity::from(alert.labels.get("severity"));
    let said = |name: &str| alert.annotations.get(name).map(String::as_str);
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                target: "tower_watch::alerts",
                $level,
                alertname = alert.name(),
                status = notice.status.as_str(),
                severity = severity.as_str(),
                labels = %alert.labels,
                summary = said("summary"),
                description = said("description"),
                value = alert.value,
                fingerprint = %alert.fingerprint(),
                receiver = &*notification.receiver,
                "alert"
            )
        };
    }
    match (notice.status, severity.pagerduty()) {
        (Status::Resolved, _) | (_, "info") => line!(tracing::Level::INFO),
        (_, "warning") => line!(tracing::Level::WARN),
        _ => line!(tracing::Level::ERROR),
    }
}
