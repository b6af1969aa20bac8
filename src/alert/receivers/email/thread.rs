//! Which mails belong together.
//!
//! A mail program puts those into one thread that refer to the same message (<https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4>).
//! That one is never sent: its id is made of what the mails are about, so that it is the same after a restart, and from every
//! replica.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::alert::notify::Notification;

const DAY: i64 = 86_400_000;

/// Which mails a mail program shows as one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threads {
    /// None.
    Off,
    /// All of a group of alerts.
    Group,
    /// Those of a group of alerts that began on the same day (in UTC).
    #[default]
    Day,
    /// Those of one alert, from its start to its end. Each alert is told in a mail of its own then.
    Alert,
}

/// The message that all mails of a thread refer to; nothing where there are no threads.
pub(crate) fn root(threads: Threads, notification: &Notification, domain: &str) -> Option<String> {
    let began = notification.alerts.iter().map(|notice| notice.alert.starts_at).min().unwrap_or_default();
    let about = match threads {
        Threads::Off => return None,
        Threads::Group => notification.group_key.to_string(),
        Threads::Day => format!("{} {}", notification.group_key, began.div_euclid(DAY)),
        Threads::Alert => {
            let alert = &notification.alerts.first()?.alert;
            format!("{} {}", alert.fingerprint(), alert.starts_at)
        }
    };
    Some(id(&[&notification.receiver, &about], domain))
}

/// The id of this mail: the same when it is sent a second time, so that a mailbox can drop one of the two.
pub(crate) fn message(notification: &Notification, domain: &str) -> String {
    let mut about = format!("{} {:?} {}", notification.group_key, notification.reason, notification.time);
    for notice in &notification.alerts {
        let alert = &notice.alert;
        let _ = write!(about, " {} {} {}", alert.fingerprint(), alert.starts_at, notice.status);
    }
    id(&[&notification.receiver, &about], domain)
}

fn id(parts: &[&str], domain: &str) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut id = "<".to_owned();
    for byte in &hash.finalize()[..16] {
        let _ = write!(id, "{byte:02x}");
    }
    let _ = write!(id, "@{domain}>");
    id
}
