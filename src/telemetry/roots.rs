//! How much is sampled of what no request asked for: a background job, a message from a queue.

use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::trace::{SamplingMode, TraceConfig};
use tower_watch_layers::w3c::TraceId;

use crate::config::{SamplerVariables, variable};
use crate::telemetry::Identity;
use crate::telemetry::error::Problems;

/// Whether a trace is sampled that begins outside of all requests: as the environment says (`OTEL_TRACES_SAMPLER`, ...), else
/// as requests are by default, in production one of ten.
pub(super) fn sampling(
    identity: &Identity,
    problems: &mut Problems,
) -> impl Fn(TraceId) -> bool + Send + Sync + 'static {
    let SamplerVariables { mode, problems: wrong } = SamplerVariables::read(variable);
    for (name, problem) in wrong {
        problems.add(name, problem);
    }
    let ratio = match mode {
        Some(SamplingMode::AlwaysOn) => Ratio::ALL,
        Some(SamplingMode::AlwaysOff) => Ratio::NONE,
        Some(SamplingMode::Ratio(ratio) | SamplingMode::ParentBased(ratio)) => ratio,
        None if identity.is_production() => TraceConfig::production().sampling().ratio(),
        None => Ratio::ALL,
    };
    move |trace| ratio.includes(trace)
}
