//! How much is sampled of what no request asked for: a background job, a message from a queue.

use std::sync::{Arc, OnceLock};

use tower_watch_layers::trace::{Sampling, TraceConfig};
use tower_watch_layers::w3c::TraceId;

use crate::config::{SamplerVariables, variable};
use crate::telemetry::Identity;
use crate::telemetry::error::Problems;

/// Whether a trace is sampled that begins outside of all requests: as much as the first watch samples that uses this telemetry,
/// so that a share that is raised there counts here too.
///
/// Before there is one, as the environment says (`OTEL_TRACES_SAMPLER`, ...), else all, and in production one of ten.
#[derive(Clone, Debug)]
pub(crate) struct Roots {
    until_then: Sampling,
    of_watch: Arc<OnceLock<Sampling>>,
}

impl Roots {
    pub(crate) fn new(identity: &Identity, problems: &mut Problems) -> Self {
        let SamplerVariables { mode, problems: wrong } = SamplerVariables::read(variable);
        for (name, problem) in wrong {
            problems.add(name, problem);
        }
        let until_then = match mode {
            Some(mode) => Sampling::new(mode),
            None if identity.is_production() => TraceConfig::production().sampling().clone(),
            None => Sampling::default(),
        };
        Self { until_then, of_watch: Arc::default() }
    }

    pub(crate) fn follow(&self, sampling: Sampling) {
        let _ = self.of_watch.set(sampling);
    }

    pub(crate) fn includes(&self, trace: TraceId) -> bool {
        self.of_watch.get().unwrap_or(&self.until_then).ratio().includes(trace)
    }
}
