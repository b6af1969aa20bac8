//! The observer that writes the line.

use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{Version, header};
use tower_layer::Layer;
use tracing::Level;

use crate::access::{AccessLog, line};
use crate::clean::{self, clean};
use crate::observe::{End, Exchange, Observe, ObserveLayer, Observer, Outcome, Settings, Start};
use crate::peer::ClientAddress;

/// Writes one line per exchange. Alone it is a layer; in a preset it is the last observer.
#[derive(Clone, Debug)]
pub struct AccessLogLayer {
    observe: ObserveLayer<AccessObserver>,
}

/// The service of [`AccessLogLayer`].
pub type AccessLogged<S> = Observe<S, AccessObserver>;

impl Default for AccessLogLayer {
    fn default() -> Self {
        Self::new(AccessLog::default())
    }
}

impl AccessLogLayer {
    /// A layer that writes lines only.
    #[must_use]
    pub fn new(config: AccessLog) -> Self {
        Self { observe: ObserveLayer::new(AccessObserver::new(config)) }
    }

    /// The same with settings of one's own.
    #[must_use]
    pub fn with_settings(config: AccessLog, settings: Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(AccessObserver::new(config), settings) }
    }
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLogged<S>;

    fn layer(&self, inner: S) -> AccessLogged<S> {
        self.observe.layer(inner)
    }
}

/// Writes one line per exchange; see [`AccessLogLayer`].
#[derive(Clone, Debug)]
pub struct AccessObserver {
    config: Arc<AccessLog>,
}

impl AccessObserver {
    /// Writes as the configuration says.
    #[must_use]
    pub fn new(config: AccessLog) -> Self {
        Self { config: Arc::new(config) }
    }
}

impl Observer for AccessObserver {
    type Exchange = AccessExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<AccessExchange> {
        // An exchange leaves one line, however often a layer like this one is in the stack.
        if !line::is_wanted(Level::ERROR) || !start.slot().claim_access_line() {
            return None;
        }
        let head = start.head();
        Some(AccessExchange {
            config: Arc::clone(&self.config),
            version: head.version,
            details: Details::of(head, &self.config),
        })
    }
}

/// One exchange of [`AccessObserver`].
#[derive(Debug)]
pub struct AccessExchange {
    config: Arc<AccessLog>,
    version: Version,
    details: Option<Box<Details>>,
}

/// What is shown of a request because somebody asked for it.
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) path: Option<String>,
    pub(crate) query: Option<String>,
    pub(crate) client_address: Option<IpAddr>,
    pub(crate) user_agent: Option<String>,
}

impl Details {
    fn of(head: &Parts, config: &AccessLog) -> Option<Box<Self>> {
        let client_address = config.client_address != ClientAddress::Hidden;
        if !(config.path || config.query || config.user_agent || client_address) {
            return None;
        }
        let shown = |text: &[u8]| clean(text, clean::LONGEST, &mut 0).into_owned();
        let query = head.uri.query().filter(|_| config.query);
        let user_agent = head.headers.get(header::USER_AGENT).filter(|_| config.user_agent);
        Some(Box::new(Self {
            path: config.path.then(|| shown(head.uri.path().as_bytes())),
            query: query.map(|query| shown(config.redaction.query(query).as_bytes())),
            client_address: config.client_address.of(&head.extensions),
            user_agent: user_agent.map(|agent| shown(agent.as_bytes())),
        }))
    }
}

impl AccessExchange {
    /// Whether the exchange has a line: not where its route says no, and of what went well only the share that is wanted.
    fn is_wanted(&self, end: &End<'_>) -> bool {
        if end.slot.access_line() == Some(false) {
            return false;
        }
        let is_success = end.error().is_none()
            && matches!(end.outcome, Outcome::Complete | Outcome::Upgraded)
            && end.is_served()
            && (end.streaming || end.duration < end.slot.slow_threshold().unwrap_or(self.config.slow));
        !is_success || line::is_chosen(end.slot, self.config.successes)
    }
}

impl Exchange for AccessExchange {
    fn end(self, end: &End<'_>) {
        // Where a retry stands between two layers, the next attempt is one more.
        end.slot.release_access_line();
        if self.is_wanted(end) {
            line::write(end, self.version, self.details.as_deref(), self.config.error_level);
        }
    }
}
