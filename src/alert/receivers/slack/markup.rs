//! What a stranger's words must not do in Slack: mention people, pretend to be a link.
//!
//! The escaping itself is [`escape::slack`](crate::alert::template::escape::slack): what is in alerts is text, letter by letter.

use std::sync::Arc;

use crate::alert::notify::{Notice, Notification};
use crate::alert::template::escape::slack as escaped;
use crate::alert::{Alert, Annotations};
use crate::series::Labels;

/// The same notification with every label and annotation escaped, for templates: what is markup in those is meant, what is
/// markup in an alert is not.
pub(crate) fn escaped_notification(notification: &Notification) -> Notification {
    let escaped_notice = |notice: &Notice| {
        let alert = &*notice.alert;
        let annotations = alert.annotations.iter().map(|(name, text)| (name.clone(), escaped(text)));
        let alert = Alert {
            labels: escaped_labels(&alert.labels),
            annotations: Annotations::from_iter(annotations),
            generator_url: harmless_url(&alert.generator_url),
            ..alert.clone()
        };
        Notice { alert: Arc::new(alert), status: notice.status }
    };
    Notification {
        group_labels: escaped_labels(&notification.group_labels),
        alerts: notification.alerts.iter().map(escaped_notice).collect(),
        ..notification.clone()
    }
}

fn escaped_labels(labels: &Labels) -> Labels {
    Labels::new(labels.iter().map(|(name, value)| (name, escaped(value))))
}

/// A URL cannot hold what would end the link that it stands in.
fn harmless_url(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace('|', "%7C")
}

#[cfg(test)]
mod tests {
    use super::harmless_url;

    #[test]
    fn a_url_cannot_end_its_link() {
        assert_eq!(harmless_url("https://a/?x=1&y=<!here>|z"), "https://a/?x=1&y=%3C!here%3E%7Cz");
    }
}
