//! What is exported, and where to: the program's word and the environment's, put together.

use std::fmt;
use std::time::Duration;

use crate::config::{Lookup, PROPAGATORS, Reader, Variable};
use crate::telemetry::TelemetryError;
use crate::telemetry::error::Problems;
use crate::telemetry::otlp::OtlpConfig;
use crate::telemetry::otlp::destination::QueueConfig;
use crate::telemetry::otlp::settings::limits::{AttributeLimits, SpanLimits};
use crate::telemetry::otlp::settings::route::{Route, Routes};
use crate::telemetry::otlp::settings::signals::SignalKind;
use crate::telemetry::otlp::settings::variables::{
    DISABLED, HISTOGRAM_AGGREGATION, LOG_BATCH, LOG_DELAY, LOG_QUEUE, LOG_TIMEOUT, METRIC_INTERVAL,
    METRIC_TIMEOUT, METRICS_EXEMPLARS, SPAN_BATCH, SPAN_DELAY, SPAN_QUEUE, SPAN_TIMEOUT,
    TEMPORALITY_PREFERENCE,
};

/// What is exported, and where to, as the program and the environment say. Its text shows it, a line for each signal, without
/// the values of headers: to print at the start, or to check a deployment's variables in a test.
///
/// ```
/// use tower_watch::telemetry::otlp::OtlpPlan;
///
/// let deployment = |name: &str| match name {
///     "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://collector:4318".to_owned()),
///     "OTEL_METRICS_EXPORTER" => Some("none".to_owned()),
///     _ => None,
/// };
/// let plan = OtlpPlan::resolve([], &deployment)?;
/// assert_eq!(
///     plan.to_string(),
///     "traces: http/protobuf to http://collector:4318/v1/traces within 10s\n\
///      metrics: not exported\n\
///      logs: http/protobuf to http://collector:4318/v1/logs within 10s",
/// );
/// # Ok::<(), tower_watch::telemetry::TelemetryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct OtlpPlan {
    /// By [`SignalKind`].
    routes: [Route; 3],
    pub(crate) span_queue: QueueConfig,
    pub(crate) span_limits: SpanLimits,
    pub(crate) log_queue: QueueConfig,
    pub(crate) log_limits: AttributeLimits,
    pub(crate) metrics: MetricsPlan,
}

/// When metrics are exported, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MetricsPlan {
    pub(crate) interval: Duration,
    /// One export, all its attempts together.
    pub(crate) export_timeout: Duration,
    pub(crate) exemplars: bool,
}

impl OtlpPlan {
    /// Puts together what the program says and what `lookup` finds, which is stronger.
    ///
    /// # Errors
    ///
    /// All variables and destinations that cannot be understood, each with what is accepted.
    pub fn resolve(
        destinations: impl IntoIterator<Item = OtlpConfig>,
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, TelemetryError> {
        let mut problems = Problems::default();
        let destinations: Vec<OtlpConfig> = destinations.into_iter().collect();
        let plan = Self::read(&destinations, lookup, &mut problems);
        problems.into_result().map(|()| plan)
    }

    /// The same, among other things that can be wrong.
    pub(super) fn read(configs: &[OtlpConfig], lookup: Lookup<'_>, problems: &mut Problems) -> Self {
        for problem in configs.iter().flat_map(|config| &config.problems) {
            problems.add("otlp", problem);
        }
        let mut reader = Reader::new(lookup);
        reader.read(&PROPAGATORS);
        let plan = if reader.read(&DISABLED) == Some(true) {
            Self::new(Default::default(), &mut Reader::new(&|_| None))
        } else {
            let mut routes = Routes { configs, reader: &mut reader, problems };
            let routes = SignalKind::ALL.map(|kind| routes.of(kind));
            Self::new(routes, &mut reader)
        };
        for (name, problem) in reader.into_problems() {
            problems.add(name, problem);
        }
        plan
    }

    fn new(routes: [Route; 3], reader: &mut Reader<'_>) -> Self {
        reader.read(&TEMPORALITY_PREFERENCE);
        reader.read(&HISTOGRAM_AGGREGATION);
        Self {
            routes,
            span_queue: queue(
                reader,
                [&SPAN_QUEUE, &SPAN_BATCH],
                [&SPAN_DELAY, &SPAN_TIMEOUT],
                SPAN_DELAY_DEFAULT,
            ),
            span_limits: SpanLimits::read(reader),
            log_queue: queue(reader, [&LOG_QUEUE, &LOG_BATCH], [&LOG_DELAY, &LOG_TIMEOUT], LOG_DELAY_DEFAULT),
            log_limits: AttributeLimits::of_log_records(reader),
            metrics: MetricsPlan {
                interval: reader.read(&METRIC_INTERVAL).unwrap_or(METRIC_INTERVAL_DEFAULT),
                export_timeout: reader.read(&METRIC_TIMEOUT).unwrap_or(EXPORT_TIMEOUT_DEFAULT),
                exemplars: reader.read(&METRICS_EXEMPLARS).unwrap_or(true),
            },
        }
    }

    pub(crate) fn route(&self, kind: SignalKind) -> &Route {
        &self.routes[kind as usize]
    }
}

const SPAN_DELAY_DEFAULT: Duration = Duration::from_secs(5);
const LOG_DELAY_DEFAULT: Duration = Duration::from_secs(1);
const EXPORT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
const METRIC_INTERVAL_DEFAULT: Duration = Duration::from_secs(60);
const QUEUE_DEFAULT: usize = 2_048;
const BATCH_DEFAULT: usize = 512;

fn queue(
    reader: &mut Reader<'_>,
    [size, batch]: [&Variable<usize>; 2],
    [delay, timeout]: [&Variable<Duration>; 2],
    default_delay: Duration,
) -> QueueConfig {
    let max_queue = reader.read(size).unwrap_or(QUEUE_DEFAULT);
    let max_batch = reader.read(batch);
    if let Some(asked) = max_batch.filter(|asked| *asked > max_queue) {
        let message = format!(
            "{asked} is more than the queue takes ({} is {max_queue}); give as much at most",
            size.names[0]
        );
        reader.note(batch.names[0], message);
    }
    QueueConfig {
        max_queue,
        max_batch: max_batch.unwrap_or(BATCH_DEFAULT).min(max_queue),
        delay: reader.read(delay).unwrap_or(default_delay),
        export_timeout: reader.read(timeout).unwrap_or(EXPORT_TIMEOUT_DEFAULT),
    }
}

impl fmt::Display for OtlpPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in SignalKind::ALL {
            let separator = if kind == SignalKind::Traces { "" } else { "\n" };
            write!(f, "{separator}{}: {}", kind.as_str(), self.route(kind))?;
        }
        Ok(())
    }
}
