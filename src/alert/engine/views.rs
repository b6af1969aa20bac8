//! How alerts stand, put together for those who look at all of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::alert::dispatch::Standing;
use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::state::Writes;
use crate::alert::{Alert, Fingerprint};
use crate::series::Labels;

/// An alert, and what becomes of it.
#[derive(Clone, Debug)]
pub(crate) struct AlertView {
    pub(crate) alert: Arc<Alert>,
    /// The receivers that it goes to.
    pub(crate) receivers: Vec<Arc<str>>,
    /// Ids of silences.
    pub(crate) silenced_by: Vec<String>,
    /// Fingerprints of alerts.
    pub(crate) inhibited_by: Vec<String>,
    /// Names of time intervals.
    pub(crate) muted_by: Vec<String>,
    /// Whether it was routed yet.
    pub(crate) processed: bool,
}

impl AlertView {
    fn new(alert: &Arc<Alert>, standing: Standing) -> Self {
        Self {
            alert: Arc::clone(alert),
            processed: !standing.receivers.is_empty(),
            receivers: standing.receivers,
            silenced_by: standing.silenced_by,
            inhibited_by: standing.inhibited_by.iter().map(ToString::to_string).collect(),
            muted_by: standing.muted_by,
        }
    }

    /// One that is over: nothing becomes of it any more.
    fn over(alert: &Arc<Alert>) -> Self {
        Self {
            alert: Arc::clone(alert),
            receivers: Vec::new(),
            silenced_by: Vec::new(),
            inhibited_by: Vec::new(),
            muted_by: Vec::new(),
            processed: true,
        }
    }

    /// Whether nobody is told of it now.
    pub(crate) fn is_suppressed(&self) -> bool {
        !(self.silenced_by.is_empty() && self.inhibited_by.is_empty() && self.muted_by.is_empty())
    }
}

/// Alerts that are told together.
#[derive(Clone, Debug)]
pub(crate) struct GroupOfViews {
    pub(crate) receiver: Arc<str>,
    pub(crate) labels: Labels,
    pub(crate) alerts: Vec<AlertView>,
}

impl Engine {
    /// Takes in what was left in the inbox, and routes, without an evaluation: whoever posts alerts sees them at once. Returns
    /// when it is on disk.
    pub(crate) fn take_in(self: &Arc<Self>) {
        self.route(self.core(), self.present(), Writes::new());
        // The thread sleeps until what was due before; a group may be due earlier now.
        self.bell.ring();
    }

    /// All alerts that fire, in the order of their fingerprints.
    pub(crate) fn views(&self) -> Vec<AlertView> {
        let now = self.present();
        let core = self.core();
        let mut views: Vec<_> = views(&core, now).into_iter().collect();
        drop(core);
        views.sort_by_key(|(fingerprint, _)| *fingerprint);
        views.into_iter().map(|(_, view)| view).collect()
    }

    /// The same alerts in their groups; an alert can be in several.
    pub(crate) fn group_views(&self) -> Vec<GroupOfViews> {
        let now = self.present();
        let core = self.core();
        let views = views(&core, now);
        let mut groups: Vec<GroupOfViews> = core
            .dispatcher
            .groups()
            .map(|group| GroupOfViews {
                receiver: group.receiver,
                labels: group.labels,
                alerts: group.members.iter().filter_map(|member| views.get(member).cloned()).collect(),
            })
            .collect();
        drop(core);
        groups.sort_by(|a, b| (&a.labels, &a.receiver).cmp(&(&b.labels, &b.receiver)));
        groups
    }

    /// Alerts that are over.
    pub(crate) fn past_views(&self) -> Vec<AlertView> {
        self.core().book.history().map(AlertView::over).collect()
    }
}

fn views(core: &Core, now: i64) -> HashMap<Fingerprint, AlertView> {
    core.book
        .active()
        .map(|alert| {
            let fingerprint = alert.fingerprint();
            let standing = core.dispatcher.standing(fingerprint, &alert.labels, now);
            (fingerprint, AlertView::new(alert, standing))
        })
        .collect()
}
