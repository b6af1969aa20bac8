//! Whether a group speaks.
//!
//! What a target was told of a group last is a [`Record`]. A group that is due compares it with what it would say now, as
//! Alertmanager does with its notification log: what was said is not said again until `repeat_interval` has passed.

use serde::{Deserialize, Serialize};

use crate::alert::Fingerprint;
use crate::alert::notify::Reason;

/// A set of alerts, small on disk and in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Set(Vec<u64>);

impl Set {
    pub(crate) fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.0.binary_search(&fingerprint.0).is_ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all of these are in it.
    pub(crate) fn covers(&self, others: &Self) -> bool {
        others.0.iter().all(|it| self.0.binary_search(it).is_ok())
    }

    pub(crate) fn add(&mut self, fingerprint: Fingerprint) {
        if let Err(place) = self.0.binary_search(&fingerprint.0) {
            self.0.insert(place, fingerprint.0);
        }
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, fingerprint: Fingerprint) -> bool {
        let found = self.0.binary_search(&fingerprint.0);
        found.is_ok_and(|place| {
            self.0.remove(place);
            true
        })
    }
}

impl FromIterator<Fingerprint> for Set {
    fn from_iter<I: IntoIterator<Item = Fingerprint>>(all: I) -> Self {
        let mut all: Vec<u64> = all.into_iter().map(|fingerprint| fingerprint.0).collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }
}

/// What a target was told of a group last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// When.
    pub(crate) at: i64,
    pub(crate) firing: Set,
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub(crate) resolved: Set,
    /// Those of them that it was told to come and go.
    #[serde(default, skip_serializing_if = "Set::is_empty")]
    pub(crate) flapping: Set,
}

/// What a group would say now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) firing: Set,
    pub(crate) resolved: Set,
    pub(crate) flapping: Set,
}

/// Whether the target is told this word, and why.
pub(crate) fn decide(
    last: Option<&Record>,
    word: &Word,
    send_resolved: bool,
    repeat_interval: i64,
    now: i64,
) -> Option<Reason> {
    let Some(last) = last else {
        return (!word.firing.is_empty()).then_some(Reason::News);
    };
    if !last.firing.covers(&word.firing) || !last.flapping.covers(&word.flapping) {
        return Some(Reason::News);
    }
    if word.firing.is_empty() {
        // Without an eye on `send_resolved`: what was said has to be struck from the record in any case.
        return (!last.firing.is_empty()).then_some(Reason::News);
    }
    if send_resolved && !last.resolved.covers(&word.resolved) {
        return Some(Reason::News);
    }
    (last.at < now.saturating_sub(repeat_interval)).then_some(Reason::Repeat)
}

#[cfg(test)]
mod tests {
    use super::{Record, Set, Word, decide};
    use crate::alert::Fingerprint;
    use crate::alert::notify::Reason;

    fn set(of: &[u64]) -> Set {
        of.iter().copied().map(Fingerprint).collect()
    }

    /// What Alertmanager's notifier does with each of these, at 100 with `repeat_interval` 10.
    #[test]
    fn what_was_said_is_not_said_again_too_early() {
        let news = Some(Reason::News);
        let record = |firing: &[u64], resolved: &[u64], at| {
            Some(Record { at, firing: set(firing), resolved: set(resolved), flapping: Set::default() })
        };
        #[rustfmt::skip]
        let table = [
            ("nothing was said", None, &[2][..], &[][..], true, news),
            ("nothing was said, and nothing is there", None, &[], &[2], true, None),
            ("nothing is new", record(&[1, 2, 3], &[], 99), &[1, 2, 3], &[], true, None),
            ("one is new", record(&[1, 2], &[], 99), &[1, 2, 3], &[], true, news),
            ("one is gone", record(&[1, 2, 3], &[], 99), &[1, 2], &[], true, None),
            ("one is another", record(&[1, 2, 3], &[], 99), &[1, 2, 4], &[], true, news),
            ("said just now", record(&[1], &[], 95), &[1], &[], true, None),
            ("said exactly that long ago", record(&[1], &[], 90), &[1], &[], true, None),
            ("said too long ago", record(&[1], &[], 89), &[1], &[], true, Some(Reason::Repeat)),
            ("all are over", record(&[1], &[], 99), &[], &[1], true, news),
            ("all are over, who does not care is noted", record(&[1], &[], 99), &[], &[1], false, news),
            ("came and went unseen", record(&[], &[1], 99), &[], &[2], true, None),
            ("came and went unseen, long ago", record(&[], &[1], 1), &[], &[2], true, None),
            ("one of two is over", record(&[1, 2], &[], 99), &[1], &[2], true, news),
            ("one of two is over, who cares not", record(&[1, 2], &[], 99), &[1], &[2], false, None),
            ("and was said to be", record(&[1], &[2], 99), &[1], &[2], true, None),
            ("another is over", record(&[1, 3], &[2], 99), &[1], &[2, 3], true, news),
            ("it came back", record(&[1], &[2], 99), &[1, 2], &[], true, news),
        ];
        for (what, last, firing, resolved, send_resolved, wanted) in table {
            let word = Word { firing: set(firing), resolved: set(resolved), flapping: Set::default() };
            assert_eq!(decide(last.as_ref(), &word, send_resolved, 10, 100), wanted, "{what}");
        }
    }

    #[test]
    fn that_it_comes_and_goes_is_said_once() {
        let mut last = Record { at: 99, firing: set(&[1]), ..Record::default() };
        let word = Word { firing: set(&[1]), flapping: set(&[1]), ..Word::default() };
        assert_eq!(decide(Some(&last), &word, true, 10, 100), Some(Reason::News));
        last.flapping = set(&[1]);
        assert_eq!(decide(Some(&last), &word, true, 10, 100), None);
    }
}
