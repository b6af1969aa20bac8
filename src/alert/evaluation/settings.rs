//! What holds for all groups.

use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::Clock;

use crate::promql::Limits;
use crate::registers::WeakRegisters;

/// What holds for all groups.
#[derive(Clone, Debug)]
pub(crate) struct EvaluationSettings {
    /// Of groups that say none. 15 s.
    pub(crate) interval: Duration,
    /// Labels that every alert has on its way out, unless it has them (`service`, `environment`, `instance`): Prometheus'
    /// `external_labels`.
    pub(crate) external_labels: Vec<(String, String)>,
    /// The start of links. May be empty.
    pub(crate) external_url: Arc<str>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    /// Where evaluations are counted.
    pub(crate) registers: WeakRegisters,
}

/// Milliseconds, as times are counted here.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
