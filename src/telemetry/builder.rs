//! What there is to say about telemetry.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;
use tower_watch_layers::spans::SpanLayer;
use tracing::dispatcher;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::config;
use crate::telemetry::error::Problems;
use crate::telemetry::logs::LogSettings;
use crate::telemetry::otlp::OtlpSettings;
use crate::telemetry::roots::Roots;
use crate::telemetry::sentry::SentrySettings;
use crate::telemetry::silence::NoAccessLines;
use crate::telemetry::{Identity, Outlet, OutletLayer, Telemetry, TelemetryError};

/// Sets up the subscriber of the process as the environment says: log lines on standard output (text on a terminal, JSON
/// otherwise, `RUST_LOG`), and with the feature `otlp` what the `OTEL_*` variables ask for.
///
/// # Errors
///
/// All variables that cannot be understood; and a subscriber that is there already.
pub fn init() -> Result<Telemetry, TelemetryError> {
    TelemetryBuilder::new().init()
}

/// What HTTP libraries say of each frame at `TRACE` would be marked and thrown away, once for each span and event.
const SPANS: LevelFilter = LevelFilter::INFO;

const SUBSCRIBER_IS_THERE: &str = "this process has a subscriber, or a logger of the log crate; call init once, before anybody \
     else sets one, or add the layers of TelemetryBuilder::start to the subscriber that is there";

/// Describes the telemetry of a process. The environment is stronger than what is said here.
#[derive(Debug, Default)]
#[must_use = "nothing is set up before init"]
pub struct TelemetryBuilder {
    service: Option<String>,
    pub(crate) redaction: Redaction,
    pub(crate) logs: LogSettings,
    pub(crate) otlp: OtlpSettings,
    pub(crate) sentry: SentrySettings,
}

impl TelemetryBuilder {
    /// Nothing is said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of the service. By default that of the executable.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Says which values never leave, by their keys.
    pub fn redact(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Starts, and makes this the subscriber of the process.
    ///
    /// # Errors
    ///
    /// Everything that cannot be understood; and a subscriber that is there already.
    pub fn init(self) -> Result<Telemetry, TelemetryError> {
        let mut problems = Problems::default();
        if dispatcher::has_been_set() {
            problems.add("init", SUBSCRIBER_IS_THERE);
        }
        problems.into_result()?;
        let (layers, telemetry) = self.start()?;
        let mut problems = Problems::default();
        let silence = (!telemetry.writes_lines()).then_some(NoAccessLines);
        if let Err(error) = tracing_subscriber::registry().with(layers).with(silence).try_init() {
            problems.add("init", format_args!("{error}; {SUBSCRIBER_IS_THERE}"));
        }
        problems.into_result()?;
        Ok(telemetry)
    }

    /// Starts, and returns the layers for a subscriber of one's own: `tracing_subscriber::registry().with(layers)`, before any
    /// other layer.
    ///
    /// # Errors
    ///
    /// Everything that cannot be understood.
    pub fn start(self) -> Result<(impl Layer<Registry> + Send + Sync, Telemetry), TelemetryError> {
        let mut problems = Problems::default();
        let Self { service, redaction, logs, otlp, sentry } = self;
        let identity = Identity::read(service, &config::of_process, &mut problems);
        let roots = Roots::new(&identity, &mut problems);
        let follow = roots.clone();
        let marks = SpanLayer::new()
            .with_max_level(SPANS)
            .with_redaction(redaction.clone())
            .with_root_sampling(move |trace| follow.includes(trace));
        let marks: OutletLayer = marks.boxed();
        let mut layers: Vec<OutletLayer> = Vec::new();
        let mut outlets: Vec<Arc<dyn Outlet>> = Vec::new();
        let mut levels = otlp.start(&identity, &redaction, &mut layers, &mut outlets, &mut problems);
        levels.extend(logs.start(&identity, &redaction, &mut layers, &mut outlets, &mut problems));
        sentry.start(&identity, &redaction, &mut layers, &mut outlets, &mut problems);
        problems.into_result()?;
        // One around the other: a `Vec` of layers does not tell them which dispatch they are part of.
        let layers = layers.into_iter().fold(marks, |inner, outer| inner.and_then(outer).boxed());
        Ok((layers, Telemetry::new(identity, outlets, levels, roots)))
    }
}
