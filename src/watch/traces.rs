//! What there is to say about traces.

use std::sync::Arc;

use tower_watch_layers::clock::Clock;
use tower_watch_layers::trace::{KeepTraces, Sampling, SamplingMode, TraceConfig, TraceObserver};
use tower_watch_layers::w3c::Propagation;

use crate::config::{self, SamplerVariables, variable};
use crate::watch::error::Problems;
use crate::watch::{Preset, Watch, WatchBuilder};

/// Settings of traces.
#[derive(Debug, Default)]
pub(crate) struct TraceSettings {
    config: Option<TraceConfig>,
    off: bool,
    /// What the environment says; it is the stronger word.
    environment: Option<SamplingMode>,
    /// The same.
    propagation: Option<Propagation>,
}

impl TraceSettings {
    /// Reads the environment, and notes what is wrong there.
    pub(crate) fn check(&mut self, problems: &mut Problems) {
        let SamplerVariables { mode, problems: wrong } = SamplerVariables::read(variable);
        self.environment = mode;
        for (name, problem) in wrong {
            problems.add(name, problem);
        }
        self.propagation = problems.ok("OTEL_PROPAGATORS", config::propagation(variable)).flatten();
    }

    /// The observer, where there are traces, and the handle to what is sampled.
    pub(crate) fn open(
        self,
        preset: Preset,
        clock: &Clock,
        keep: Option<Arc<dyn KeepTraces>>,
    ) -> (Option<TraceObserver>, Sampling) {
        let Self { config, off, environment, propagation } = self;
        let config = config.unwrap_or_else(|| {
            let config = preset.traces();
            let sampling = config.sampling().clone().with_clock(clock.clone());
            config.with_sampling(sampling)
        });
        if let Some(mode) = environment {
            config.sampling().set_mode(mode);
        }
        let config = match propagation {
            Some(propagation) => config.with_propagation(propagation),
            None => config,
        };
        let config = match keep {
            Some(keep) => config.with_keep(keep),
            None => config,
        };
        let sampling = config.sampling().clone();
        ((!off).then(|| TraceObserver::new(config)), sampling)
    }
}

impl WatchBuilder {
    /// Traces as this configuration says; by default as the preset does ([`TraceConfig::development`],
    /// [`TraceConfig::production`]).
    ///
    /// The environment is stronger in how much is sampled, and in what is read and handed on:
    ///
    /// | variable | accepts | does |
    /// |---|---|---|
    /// | `OTEL_TRACES_SAMPLER` | `always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off`, `parentbased_traceidratio` | how it is decided |
    /// | `OTEL_TRACES_SAMPLER_ARG` | 0 to 1 | the share of the two that have one; all where it is not set |
    /// | `OTEL_TRACES_SAMPLING_RATIO` | 0 to 1 | the share, parent-based, where those two do not say |
    /// | `OTEL_SDK_DISABLED` | `true` | nothing is sampled; ids are still made |
    /// | `OTEL_PROPAGATORS` | `tracecontext`, `baggage`, both with a comma, `none` | which headers are read, and sent by [`Watch::client`] |
    ///
    /// [`start`](Self::start) fails, and names the variable, where one of them is nonsense, but for `OTEL_SDK_DISABLED`.
    pub fn traces(mut self, config: TraceConfig) -> Self {
        self.traces.config = Some(config);
        self
    }

    /// Makes no spans and no trace ids.
    pub fn without_traces(mut self) -> Self {
        self.traces.off = true;
        self
    }
}

impl Watch {
    /// How much is sampled, to look at and to change while requests run. Where there are no traces, a change changes nothing.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use tower_watch::{Ratio, Watch};
    ///
    /// let watch = Watch::builder("shop").local().start()?;
    /// // Everything for the next ten minutes, then what was sampled before.
    /// watch.sampling().raise(Ratio::ALL, Duration::from_secs(600));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sampling(&self) -> &Sampling {
        &self.inner.sampling
    }
}
