//! What there is to say about log lines.

use std::sync::Arc;

use tower_watch_layers::redact::Redaction;
use tracing_subscriber::Layer;

use crate::config;
use crate::telemetry::error::Problems;
use crate::telemetry::logs::level::{self, LevelControl};
use crate::telemetry::logs::outlet::LogOutlet;
use crate::telemetry::logs::text::wants_colour;
use crate::telemetry::logs::{JsonLayer, Keys, Sink, TextLayer};
use crate::telemetry::{Identity, Outlet, OutletLayer, TelemetryBuilder};

/// Log lines to one place.
///
/// ```
/// use tower_watch::telemetry::logs::{Keys, Logs, Sink};
///
/// let logs = Logs::json().keys(Keys::ecs()).to(Sink::file("logs/orders.log").keep(7)).level("info,orders=debug");
/// # let _ = logs;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "lines are written where the telemetry is told of them"]
pub struct Logs {
    form: Form,
    keys: Keys,
    sink: Sink,
    level: Option<String>,
    value_limit: Option<usize>,
    colour: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Form {
    /// Text at a terminal, JSON elsewhere.
    #[default]
    Either,
    Json,
    Text,
}

impl Logs {
    /// Text at a terminal, JSON elsewhere; on standard output.
    pub fn auto() -> Self {
        Self::default()
    }

    /// JSON, on standard output.
    pub fn json() -> Self {
        Self { form: Form::Json, ..Self::default() }
    }

    /// Text, on standard output.
    pub fn text() -> Self {
        Self { form: Form::Text, ..Self::default() }
    }

    /// Calls the parts of a JSON line as these say.
    pub fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// Writes elsewhere.
    pub fn to(mut self, sink: impl Into<Sink>) -> Self {
        self.sink = sink.into();
        self
    }

    /// Which lines are written, as `RUST_LOG` says it: `info,orders=debug`. `info` by default; the variable itself is stronger.
    ///
    /// It holds for lines only, and not for spans and what becomes of them. Access lines and business events are written at
    /// INFO whatever this says, unless it names their target (`tower_watch::access=off`) or is `off`.
    pub fn level(mut self, directives: impl Into<String>) -> Self {
        self.level = Some(directives.into());
        self
    }

    /// Cuts values at so many bytes: by default 8 KiB in JSON, 2 KiB in text.
    pub fn value_limit(mut self, bytes: usize) -> Self {
        self.value_limit = Some(bytes);
        self
    }

    /// Paints text, or does not. By default it does at a terminal, unless `NO_COLOR` is set.
    pub fn colour(mut self, colour: bool) -> Self {
        self.colour = Some(colour);
        self
    }

    fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        problems: &mut Problems,
    ) -> Option<LogOutlet> {
        let (place, directives) = level::directives(self.level.as_deref());
        let (filter, level) = problems.ok(place, directives.and_then(LevelControl::new))?;
        let is_terminal = self.sink.is_terminal();
        let writer = problems.ok("logs.to", self.sink.open())?;
        let is_text = match self.form {
            Form::Either => is_terminal,
            Form::Json => false,
            Form::Text => true,
        };
        layers.push(if is_text {
            let colour = self.colour.unwrap_or_else(|| wants_colour(is_terminal, &config::of_process));
            let layer = TextLayer::new(writer.clone()).with_redaction(redaction.clone()).with_colour(colour);
            match self.value_limit {
                Some(bytes) => layer.with_value_limit(bytes).with_filter(filter).boxed(),
                None => layer.with_filter(filter).boxed(),
            }
        } else {
            let layer = JsonLayer::new(writer.clone()).with_keys(self.keys).with_identity(identity.clone());
            let layer = layer.with_redaction(redaction.clone());
            match self.value_limit {
                Some(bytes) => layer.with_value_limit(bytes).with_filter(filter).boxed(),
                None => layer.with_filter(filter).boxed(),
            }
        });
        Some(LogOutlet::new(writer, level))
    }
}

/// Settings of log lines: each place to which they go.
#[derive(Debug, Default)]
pub(crate) struct LogSettings {
    places: Vec<Logs>,
    off: bool,
}

impl LogSettings {
    /// Starts, and hands back what changes the levels.
    pub(crate) fn start(
        self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) -> Vec<LevelControl> {
        let places = match self {
            Self { off: true, .. } => Vec::new(),
            Self { places, .. } if places.is_empty() => vec![Logs::auto()],
            Self { places, .. } => places,
        };
        let started: Vec<_> =
            places.into_iter().filter_map(|logs| logs.start(identity, redaction, layers, problems)).collect();
        let levels = started.iter().map(|outlet| outlet.level().clone()).collect();
        outlets.extend(started.into_iter().map(|outlet| Arc::new(outlet) as Arc<dyn Outlet>));
        levels
    }
}

impl TelemetryBuilder {
    /// Writes lines to this place. Called again, to this one too. Without it: [`Logs::auto`].
    pub fn logs(mut self, logs: Logs) -> Self {
        self.logs.places.push(logs);
        self.logs.off = false;
        self
    }

    /// Writes no lines.
    pub fn without_logs(mut self) -> Self {
        self.logs.off = true;
        self
    }
}
