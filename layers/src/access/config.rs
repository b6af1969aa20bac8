//! What a line shows, and which lines there are.

use std::time::Duration;

use tracing::Level;

use crate::peer::ClientAddress;
use crate::ratio::Ratio;
use crate::redact::Redaction;

/// Settings of an [`AccessLogLayer`](crate::access::AccessLogLayer).
///
/// By default every exchange leaves a line, errors at WARN, and nothing in it identifies a person.
#[derive(Clone, Debug)]
pub struct AccessLog {
    pub(crate) path: bool,
    pub(crate) query: bool,
    pub(crate) client_address: ClientAddress,
    pub(crate) user_agent: bool,
    pub(crate) successes: Ratio,
    pub(crate) slow: Duration,
    pub(crate) error_level: Level,
    pub(crate) redaction: Redaction,
}

impl Default for AccessLog {
    fn default() -> Self {
        Self {
            path: false,
            query: false,
            client_address: ClientAddress::Hidden,
            user_agent: false,
            successes: Ratio::ALL,
            slow: Duration::from_secs(1),
            error_level: Level::WARN,
            redaction: Redaction::default(),
        }
    }
}

impl AccessLog {
    /// The default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows the path as the client sent it, and not its template only. Paths carry ids, and sometimes secrets.
    #[must_use]
    pub fn with_path(mut self) -> Self {
        self.path = true;
        self
    }

    /// Shows the query string, without [the values of secret keys](Redaction::query).
    #[must_use]
    pub fn with_query(mut self) -> Self {
        self.query = true;
        self
    }

    /// Shows this much of the address of who is connected: the extension [`PeerAddr`](crate::context::PeerAddr), or under axum
    /// its connect info. Headers that claim another address are not believed.
    #[must_use]
    pub fn with_client_address(mut self, address: ClientAddress) -> Self {
        self.client_address = address;
        self
    }

    /// Shows the header `user-agent`, cleaned and cut to 1,024 bytes.
    #[must_use]
    pub fn with_user_agent(mut self) -> Self {
        self.user_agent = true;
        self
    }

    /// Writes a line for this share of the successes only: of what was complete with a status below 400 and not slow. It is
    /// chosen by the trace, or where there is none by the request id, so that services agree on it. All others leave a line.
    #[must_use]
    pub fn with_successes(mut self, share: Ratio) -> Self {
        self.successes = share;
        self
    }

    /// From when on an exchange is slow, where its route does not say. 1 s by default.
    #[must_use]
    pub fn with_slow(mut self, threshold: Duration) -> Self {
        self.slow = threshold;
        self
    }

    /// The level of errors: INFO, WARN (the default) or ERROR. What is weaker than INFO is taken as INFO.
    #[must_use]
    pub fn with_error_level(mut self, level: Level) -> Self {
        self.error_level = level;
        self
    }

    /// Says which values of the query string are secret.
    #[must_use]
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }
}
