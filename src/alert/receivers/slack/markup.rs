//! What a stranger's words must not do in Slack: mention people, pretend to be a link.
//!
//! `&`, `<` and `>` are what Slack's markup is made of (<https://api.slack.com/reference/surfaces/formatting#escaping>). `@here`
//! and the like without it are turned into mentions only where names are linked; they get a character between that has no
//! width.

use std::sync::Arc;

use crate::alert::notify::{Notice, Notification};
use crate::alert::{Alert, Annotations};
use crate::series::Labels;

/// A zero-width space.
const NOTHING: char = '\u{200b}';

/// A text as Slack shows it letter by letter.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.extend(['@', NOTHING]),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The same notification with every label and annotation escaped, for templates: what is markup in those is meant, what is
/// markup in an alert is not.
pub(crate) fn escaped_notification(notification: &Notification) -> Notification {
    let escaped_notice = |notice: &Notice| {
        let alert = &*notice.alert;
        let annotations = alert.annotations.iter().map(|(name, text)| (name.clone(), escaped(text)));
        let alert = Alert {
            labels: escaped_labels(&alert.labels),
            annotations: Annotations::from_iter(annotations),
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

/// A link. A URL cannot hold what would end it.
pub(crate) fn link(url: &str, text: &str) -> String {
    let url = url.replace('&', "&amp;").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C");
    format!("<{url}|{}>", escaped(text))
}

#[cfg(test)]
mod tests {
    use super::{escaped, link};

    #[test]
    fn what_strangers_write_is_shown_and_does_nothing() {
        for (text, shown) in [
            ("a & b < c", "a &amp; b &lt; c"),
            ("<!channel> now", "&lt;!channel&gt; now"),
            ("<https://evil.example|your bank>", "&lt;https://evil.example|your bank&gt;"),
            ("@here", "@\u{200b}here"),
        ] {
            assert_eq!(escaped(text), shown);
        }
        let url = "https://a/?x=1&y=<!here>|z";
        assert_eq!(link(url, "a>b"), "<https://a/?x=1&amp;y=%3C!here%3E%7Cz|a&gt;b>");
    }
}
