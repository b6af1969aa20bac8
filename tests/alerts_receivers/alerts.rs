//! Alerts to tell of.

use tower_watch::alert::notify::{Notice, Notification};
use tower_watch::alert::{Alert, Severity, Status};

/// 2026-01-01T00:00:00Z.
pub(crate) const START: i64 = 1_767_225_600_000;

pub(crate) fn alert(name: &str) -> Alert {
    let mut alert = Alert::new(name.to_owned())
        .severity(Severity::Critical)
        .label("service", "orders")
        .label("instance", "orders-0")
        .annotate("summary", "5 % of the requests fail");
    alert.starts_at = START;
    alert.updated_at = START;
    alert
}

pub(crate) fn firing(name: &str) -> Notification {
    Notification::new("ops", vec![Notice::new(alert(name), Status::Firing)], START + 60_000)
}

pub(crate) fn resolved(name: &str) -> Notification {
    let mut alert = alert(name);
    alert.ends_at = Some(START + 90_000);
    Notification::new("ops", vec![Notice::new(alert, Status::Resolved)], START + 120_000)
}
