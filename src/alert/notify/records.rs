//! How debts are written down.
//!
//! The texts of alerts are records of their own, written when they are owed; what is owed of them is a small one. So settling
//! a message about many alerts writes next to nothing, and a target's belief needs no word beyond the text that is still
//! there: an alert with a text and nothing owed was told as firing.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::notify::debts::{Debt, Debts};
use crate::alert::notify::outbox::{Group, Target};
use crate::alert::state::{Table, Writes};
use crate::alert::{Alert, Fingerprint, wire};
use crate::series::Labels;

/// A record of [`Table::Debts`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Record<'a> {
    /// A group with anything below.
    Group {
        #[serde(with = "wire::labels")]
        labels: Labels,
        receiver: String,
    },
    /// An alert, as it is said to fire or to be over.
    Alert(Cow<'a, Alert>),
    /// What is owed of an alert, whether the target was told that it fires, and whether that is the last of it.
    Owed {
        told: bool,
        owed: Vec<Debt>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ended: bool,
    },
}

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Group,
    Firing(Fingerprint),
    Resolved(Fingerprint),
    Owed(Fingerprint),
}

/// The key of a record. A target and a group can be any text, so the first is written with its length, and what follows the
/// second has none of its marks.
pub(crate) fn key(target: &Target, group: &str, part: Part) -> String {
    let Target(target) = target;
    let part = match part {
        Part::Group => "group".to_owned(),
        Part::Firing(alert) => format!("{alert}/firing"),
        Part::Resolved(alert) => format!("{alert}/resolved"),
        Part::Owed(alert) => format!("{alert}/owed"),
    };
    format!("{}:{target}:{group}:{part}", target.len())
}

/// Target, group and part of a key.
pub(crate) fn parts(key: &str) -> Option<(Target, &str, Part)> {
    let (length, rest) = key.split_once(':')?;
    let (target, rest) = rest.split_at_checked(length.parse().ok()?)?;
    let (group, part) = rest.strip_prefix(':')?.rsplit_once(':')?;
    let part = match part.split_once('/') {
        None if part == "group" => Part::Group,
        Some((alert, kind)) => {
            let alert = Fingerprint(u64::from_str_radix(alert, 16).ok()?);
            match kind {
                "firing" => Part::Firing(alert),
                "resolved" => Part::Resolved(alert),
                "owed" => Part::Owed(alert),
                _ => return None,
            }
        }
        None => return None,
    };
    Some((Target(target.into()), group, part))
}

pub(crate) fn put_group(target: &Target, group: &Group, writes: &mut Writes) {
    let record = Record::Group { labels: group.labels.clone(), receiver: group.receiver.to_string() };
    writes.put(Table::Debts, key(target, &group.key, Part::Group), &record);
}

pub(crate) fn delete_group(target: &Target, group: &str, writes: &mut Writes) {
    writes.delete(Table::Debts, key(target, group, Part::Group));
}

/// Writes down what is different.
pub(crate) fn put_changes(
    target: &Target,
    group: &str,
    alert: Fingerprint,
    before: &Debts,
    after: &Debts,
    writes: &mut Writes,
) {
    let mut text = |before: &Option<Arc<Alert>>, after: &Option<Arc<Alert>>, part| match (before, after) {
        (Some(before), Some(after)) if Arc::ptr_eq(before, after) || before == after => {}
        (_, Some(after)) => {
            writes.put(Table::Debts, key(target, group, part), &Record::Alert(Cow::Borrowed(after)));
        }
        (Some(_), None) => writes.delete(Table::Debts, key(target, group, part)),
        (None, None) => {}
    };
    text(&before.firing, &after.firing, Part::Firing(alert));
    text(&before.resolved, &after.resolved, Part::Resolved(alert));
    let owed = key(target, group, Part::Owed(alert));
    if after.owed.is_empty() {
        if !before.owed.is_empty() {
            writes.delete(Table::Debts, owed);
        }
    } else if (before.told, before.ended, before.owed) != (after.told, after.ended, after.owed) {
        let record = Record::Owed { told: after.told, owed: after.owed.iter().collect(), ended: after.ended };
        writes.put(Table::Debts, owed, &record);
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, key, parts};
    use crate::alert::Fingerprint;
    use crate::alert::notify::outbox::Target;

    #[test]
    fn keys_say_what_they_are_of_whatever_the_names() {
        for target in ["team-a/slack[0]", "", "7:a:group", "Größe:\0"] {
            for group in ["{}:{alertname=\"Down\"}", "", ":0:group", "a/firing"] {
                for part in [
                    Part::Group,
                    Part::Firing(Fingerprint(7)),
                    Part::Resolved(Fingerprint(u64::MAX)),
                    Part::Owed(Fingerprint(0)),
                ] {
                    let target = Target(target.into());
                    assert_eq!(parts(&key(&target, group, part)), Some((target, group, part)));
                }
            }
        }
        for wrong in ["", "x", "9:a", "1:a:group", "1:a:b:", "1:ä:b:group", "1:a:b:xyz/firing"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }
}
