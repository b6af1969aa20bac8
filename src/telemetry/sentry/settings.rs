//! What there is to say about Sentry.

use std::fmt;
use std::sync::Arc;

use sentry_core::types::Dsn;
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::redact::Redaction;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;

use crate::config::{VariableError, variable};
use crate::outgoing::HttpClient;
use crate::telemetry::error::Problems;
use crate::telemetry::sentry::layer::SentryLayer;
use crate::telemetry::sentry::panics;
use crate::telemetry::sentry::worker::{self, Terms};
use crate::telemetry::{Identity, Outlet, OutletLayer, TelemetryBuilder};

/// Settings of Sentry; the environment is stronger. See the [module](crate::telemetry::sentry).
#[derive(Clone)]
#[must_use = "give it to TelemetryBuilder::sentry"]
pub struct SentrySettings {
    dsn: Option<String>,
    traces: Option<Ratio>,
    breadcrumbs: usize,
    queue: usize,
    sends_users: bool,
    hooks_panics: bool,
    client: Option<HttpClient>,
}

impl Default for SentrySettings {
    fn default() -> Self {
        Self {
            dsn: None,
            traces: None,
            breadcrumbs: 50,
            queue: 100,
            sends_users: false,
            hooks_panics: true,
            client: None,
        }
    }
}

impl SentrySettings {
    /// Nothing is said yet: nothing is sent unless the environment says where to.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where to send: `https://PUBLIC_KEY@HOST/PROJECT_ID`.
    pub fn with_dsn(mut self, dsn: impl Into<String>) -> Self {
        self.dsn = Some(dsn.into());
        self
    }

    /// Of the exchanges that are sampled, sends those whose traces are within this share of all. By default all that are
    /// sampled; [`Ratio::NONE`] for issues only.
    pub fn with_traces(mut self, share: Ratio) -> Self {
        self.traces = Some(share);
        self
    }

    /// How many of the last events of an exchange go with an issue. By default 50.
    pub fn with_breadcrumbs(mut self, count: usize) -> Self {
        self.breadcrumbs = count;
        self
    }

    /// How many issues and transactions wait at most. By default 100.
    pub fn with_queue(mut self, places: usize) -> Self {
        self.queue = places;
        self
    }

    /// Sends the user of the request too ([`RequestContext::set_user`](crate::RequestContext::set_user)).
    pub fn with_users(mut self) -> Self {
        self.sends_users = true;
        self
    }

    /// Leaves the panic hook of the process alone: only panics that a handler logs are reported.
    pub fn without_panic_hook(mut self) -> Self {
        self.hooks_panics = false;
        self
    }

    /// Sends with a client of one's own: other certificates, another proxy.
    pub fn with_client(mut self, client: HttpClient) -> Self {
        self.client = Some(client);
        self
    }

    pub(crate) fn start(
        mut self,
        identity: &Identity,
        redaction: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) {
        let Some(dsn) = self.dsn(problems) else { return };
        let traces = match said("SENTRY_TRACES_SAMPLE_RATE", problems) {
            Some(share) => problems.ok("SENTRY_TRACES_SAMPLE_RATE", share.parse()),
            None => self.traces,
        };
        let client = match self.client.take() {
            Some(client) => Some(client),
            None => HttpClient::builder()
                .build()
                .map_err(|error| problems.add(error.place(), error.message()))
                .ok(),
        };
        let release = said("SENTRY_RELEASE", problems).or_else(|| identity.version.clone());
        let environment = said("SENTRY_ENVIRONMENT", problems).or_else(|| identity.environment.clone());
        let Some(client) = client else { return };
        let terms = Terms {
            dsn,
            client,
            release,
            environment,
            service: identity.service.clone(),
            redaction: redaction.clone(),
            queue: self.queue.max(1),
            sends_users: self.sends_users,
        };
        // A process that will not start gets no panic hook.
        if !problems.is_empty() {
            return;
        }
        let Some(queue) = problems.ok("sentry", worker::start(terms)) else { return };
        if self.hooks_panics {
            panics::hook(Arc::clone(&queue));
        }
        let layer = SentryLayer::new(
            Arc::clone(&queue),
            traces.unwrap_or(Ratio::ALL),
            self.breadcrumbs,
            self.sends_users,
        );
        layers.push(layer.with_filter(LevelFilter::INFO).boxed());
        outlets.push(Arc::new(queue));
    }

    /// The errors do not quote it: there is a key in it.
    fn dsn(&self, problems: &mut Problems) -> Option<Dsn> {
        let (place, text) = match variable("SENTRY_DSN") {
            Ok(text) => ("SENTRY_DSN", text),
            Err(VariableError::NotSet) => ("SentrySettings::with_dsn", self.dsn.clone()?),
            Err(error) => {
                problems.add("SENTRY_DSN", error);
                return None;
            }
        };
        if text.trim().is_empty() {
            return None;
        }
        let dsn = text
            .trim()
            .parse()
            .map_err(|_| "this is no DSN; one looks like https://PUBLIC_KEY@HOST/PROJECT_ID");
        problems.ok(place, dsn)
    }
}

/// The value of a variable that is set and not empty.
fn said(name: &'static str, problems: &mut Problems) -> Option<String> {
    match variable(name) {
        Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Err(VariableError::NotSet) => None,
        Err(error) => {
            problems.add(name, error);
            None
        }
    }
}

impl fmt::Debug for SentrySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentrySettings")
            .field("has_dsn", &self.dsn.is_some())
            .field("traces", &self.traces)
            .field("breadcrumbs", &self.breadcrumbs)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl TelemetryBuilder {
    /// Says what there is to say about Sentry.
    pub fn sentry(mut self, settings: SentrySettings) -> Self {
        self.sentry = settings;
        self
    }
}
