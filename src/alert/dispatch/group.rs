//! Alerts that are told together.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::alert::Fingerprint;
use crate::alert::dispatch::ledger::Page;
use crate::alert::dispatch::tree::NodeId;
use crate::series::Labels;

/// A group, by a number that no other gets while the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupId(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) node: NodeId,
    /// As Alertmanager writes it: `{}/{severity="critical"}:{alertname="Down"}`.
    pub(crate) key: Arc<str>,
    pub(crate) labels: Labels,
    pub(crate) page: Page,
    pub(crate) members: BTreeSet<Fingerprint>,
    /// When it speaks next.
    pub(crate) due: i64,
    pub(crate) flushed: bool,
}

/// The next of the moments that lie whole intervals after this one, and after now.
pub(crate) fn next_flush(last: i64, interval: i64, now: i64) -> i64 {
    let next = last.saturating_add(interval);
    if next > now {
        return next;
    }
    let behind = now - next;
    next.saturating_add((behind / interval + 1).saturating_mul(interval))
}

#[cfg(test)]
mod tests {
    use super::next_flush;

    #[test]
    fn who_is_late_stays_in_step() {
        assert_eq!(next_flush(100, 10, 100), 110);
        assert_eq!(next_flush(100, 10, 109), 110);
        assert_eq!(next_flush(100, 10, 110), 120);
        assert_eq!(next_flush(100, 10, 131), 140);
    }
}
