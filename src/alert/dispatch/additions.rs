//! What routing can do here that an Alertmanager configuration has no words for.

use std::time::Duration;

use crate::alert::config::{self, Escalation, Flapping};

/// Switches and steps beside the configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Additions {
    /// Whether a target that was told of an alert is told its end in any case: silenced, inhibited, muted, routed elsewhere.
    /// True; with false it is as in Alertmanager.
    pub(crate) every_end: bool,
    /// When an alert counts as coming and going; never where this is `None`.
    pub(crate) flapping: Option<Flapping>,
    /// Who is told next where nobody acknowledges an alert.
    pub(crate) escalation: Vec<Escalation>,
    /// For how long an acknowledgement counts that names no end; `None` until the alert ends.
    pub(crate) acknowledgement_expiry: Option<Duration>,
}

impl From<&config::Additions> for Additions {
    fn from(configured: &config::Additions) -> Self {
        Self {
            every_end: true,
            flapping: configured.flapping().cloned(),
            escalation: configured.escalation(),
            acknowledgement_expiry: configured.acknowledgement_expiry(),
        }
    }
}

impl Default for Additions {
    fn default() -> Self {
        Self::from(&config::Additions::new())
    }
}

#[cfg(test)]
impl Additions {
    /// None: as Alertmanager does it.
    pub(crate) fn none() -> Self {
        Self { every_end: false, flapping: None, escalation: Vec::new(), acknowledgement_expiry: None }
    }
}
