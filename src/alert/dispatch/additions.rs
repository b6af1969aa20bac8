//! What routing can do here that an Alertmanager configuration has no words for.

use std::time::Duration;

use crate::alert::config;

/// Switches and steps beside the configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Additions {
    /// Whether a target that was told of an alert is told its end in any case: silenced, inhibited, muted, routed elsewhere.
    /// True; with false it is as in Alertmanager.
    pub(crate) every_end: bool,
    /// When an alert counts as coming and going; never where this is `None`.
    pub(crate) flapping: Option<Flapping>,
    /// Who is told next where nobody acknowledges an alert.
    pub(crate) escalation: Vec<EscalationStep>,
}

/// When an alert counts as coming and going, and when no longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flapping {
    /// More than so many changes from firing to resolved and back. 6.
    pub(crate) changes: usize,
    /// In this time. 15 minutes.
    pub(crate) window: Duration,
    /// Until there was none for so long. 10 minutes.
    pub(crate) calm: Duration,
}

/// One step of escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EscalationStep {
    /// The severity that it is for.
    pub(crate) severity: String,
    /// How long after an alert was told first. 5 minutes for critical alerts, 15 for high ones, by convention.
    pub(crate) after: Duration,
    /// The receiver that is told then.
    pub(crate) receiver: String,
}

impl Default for Additions {
    fn default() -> Self {
        Self { every_end: true, flapping: Some(Flapping::default()), escalation: Vec::new() }
    }
}

impl Additions {
    /// None: as Alertmanager does it.
    pub(crate) fn none() -> Self {
        Self { every_end: false, flapping: None, escalation: Vec::new() }
    }
}

impl Default for Flapping {
    fn default() -> Self {
        Self { changes: 6, window: Duration::from_secs(15 * 60), calm: Duration::from_secs(10 * 60) }
    }
}

impl From<&config::Additions> for Additions {
    fn from(given: &config::Additions) -> Self {
        let flapping = given.flapping().map(|flapping| Flapping {
            changes: flapping.changes,
            window: flapping.window,
            calm: flapping.calm,
        });
        let steps = given.escalation().into_iter().map(|step| EscalationStep {
            severity: step.severity,
            after: step.after,
            receiver: step.receiver,
        });
        Self { every_end: true, flapping, escalation: steps.collect() }
    }
}
