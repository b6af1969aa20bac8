//! What is said about a request that goes out, and to whom.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;

use crate::client::{HostPattern, HostPatternError};
use crate::redact::Redaction;
use crate::w3c::{Propagation, TraceId};

type Sampler = dyn Fn(TraceId) -> bool + Send + Sync;

/// Settings of a [`ClientLayer`](crate::client::ClientLayer).
///
/// ```
/// use tower_watch_layers::client::{ClientConfig, ClientLayer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ClientConfig::new().with_trusted_host("orders.internal")?.with_trusted_host("*.shop.example")?;
/// let layer = ClientLayer::new(config);
/// # let _ = layer;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ClientConfig {
    pub(crate) trusted: Vec<HostPattern>,
    pub(crate) request_id: HeaderName,
    pub(crate) tenant: HeaderName,
    pub(crate) server: Option<String>,
    pub(crate) url: Option<Redaction>,
    pub(crate) host_cap: usize,
    pub(crate) traces: bool,
    pub(crate) propagation: Propagation,
    pub(crate) sampler: Option<Arc<Sampler>>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            trusted: Vec::new(),
            request_id: HeaderName::from_static("x-request-id"),
            tenant: HeaderName::from_static("x-tenant-id"),
            server: None,
            url: None,
            host_cap: 100,
            traces: true,
            propagation: Propagation::default(),
            sampler: None,
        }
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("trusted", &self.trusted)
            .field("request_id", &self.request_id)
            .field("tenant", &self.tenant)
            .field("server", &self.server)
            .field("shows_url", &self.url.is_some())
            .field("host_cap", &self.host_cap)
            .field("traces", &self.traces)
            .field("propagation", &self.propagation)
            .finish_non_exhaustive()
    }
}

impl ClientConfig {
    /// No host is trusted, the URL is not shown, 100 hosts have numbers of their own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands the request id, the tenant and the baggage on to this host, or to all below a domain (`*.internal`). Beware of
    /// clients that follow redirects by themselves: they take the headers along.
    ///
    /// # Errors
    ///
    /// Names a text that is no host.
    pub fn with_trusted_host(mut self, host: &str) -> Result<Self, HostPatternError> {
        self.trusted.push(host.parse()?);
        Ok(self)
    }

    /// The header that carries the request id (default `x-request-id`).
    #[must_use]
    pub fn with_request_id_header(mut self, name: HeaderName) -> Self {
        self.request_id = name;
        self
    }

    /// The header that carries the tenant (default `x-tenant-id`).
    #[must_use]
    pub fn with_tenant_header(mut self, name: HeaderName) -> Self {
        self.tenant = name;
        self
    }

    /// Where requests go that do not say so themselves, as `host` or `host:port`: those through a tonic channel, which adds
    /// the host further in.
    #[must_use]
    pub fn with_server(mut self, authority: impl Into<String>) -> Self {
        self.server = Some(authority.into());
        self
    }

    /// Shows the whole URL as `url.full`: without name and password, without the values of secret query keys, and cut at
    /// 2,048 bytes. Costs an allocation per request. Not by default: paths and queries say who and what.
    #[must_use]
    pub fn with_url(mut self, redaction: Redaction) -> Self {
        self.url = Some(redaction);
        self
    }

    /// The most hosts that are told apart in the numbers (default 100), trusted ones aside. Where there is no place left,
    /// a host that was silent for an hour loses its own.
    #[must_use]
    pub fn with_host_cap(mut self, cap: usize) -> Self {
        self.host_cap = cap;
        self
    }

    /// Makes no spans, and hands no trace on.
    #[must_use]
    pub fn without_traces(mut self) -> Self {
        self.traces = false;
        self
    }

    /// Says which headers carry the trace on (default `traceparent` and `tracestate`, and to trusted hosts `baggage`).
    #[must_use]
    pub fn with_propagation(mut self, propagation: Propagation) -> Self {
        self.propagation = propagation;
        self
    }

    /// Decides which traces are sampled that begin here: those of requests that are sent outside of any exchange and span.
    /// By default all.
    #[must_use]
    pub fn with_sampler(mut self, sampler: impl Fn(TraceId) -> bool + Send + Sync + 'static) -> Self {
        self.sampler = Some(Arc::new(sampler));
        self
    }

    pub(crate) fn trusts(&self, host: &str) -> bool {
        self.trusted.iter().any(|pattern| pattern.matches(host))
    }
}
