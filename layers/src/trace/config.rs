//! What a span shows, and whom it believes.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, request, response};
use tracing::Span;

use crate::clean;
use crate::peer::{ClientAddress, Trust};
use crate::ratio::Ratio;
use crate::redact::Redaction;
use crate::trace::fields::{Fields, RequestFields, ResponseFields};
use crate::trace::headers;
use crate::trace::{HeaderError, KeepTraces, Sampling, StrangerPolicy, Strangers};
use crate::w3c::Propagation;

/// Settings of a [`TraceLayer`](crate::trace::TraceLayer).
///
/// | | `new` | `development` | `production` |
/// |---|---|---|---|
/// | sampled, of the traces that begin here | all | all | a tenth |
/// | whose trace is continued | everybody's | everybody's | that of loopback and private networks; others are linked |
/// | slow | from 1 s | from 1 s | from 5 s |
/// | `url.path` | the route's template | the path | the route's template |
/// | `url.query` | hidden | shown, secrets redacted | hidden |
/// | `client.address` | hidden | shown | hidden |
/// | `user_agent.original`, `server.address`, `server.port` | hidden | shown | hidden |
/// | headers | none | none | none |
///
/// What is shown beyond the template costs a header lookup or two, in requests that are sampled, and in the others where
/// somebody [keeps](KeepTraces) what is decided at its end.
#[derive(Clone, Debug)]
pub struct TraceConfig {
    pub(crate) sampling: Sampling,
    pub(crate) strangers: StrangerPolicy,
    pub(crate) propagation: Propagation,
    pub(crate) slow: Duration,
    pub(crate) unsampled_spans: bool,
    pub(crate) keep: Option<Arc<dyn KeepTraces>>,
    pub(crate) is_https: bool,
    pub(crate) raw_path: bool,
    pub(crate) query: bool,
    pub(crate) client_address: ClientAddress,
    pub(crate) user_agent: bool,
    pub(crate) server_address: bool,
    pub(crate) request_headers: Vec<HeaderName>,
    pub(crate) response_headers: Vec<HeaderName>,
    pub(crate) redaction: Redaction,
    pub(crate) value_limit: usize,
    pub(crate) id_header: Option<HeaderName>,
    pub(crate) request_fields: RequestFields,
    pub(crate) response_fields: ResponseFields,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self {
            sampling: Sampling::default(),
            strangers: StrangerPolicy::default(),
            propagation: Propagation::default(),
            slow: Duration::from_secs(1),
            unsampled_spans: false,
            keep: None,
            is_https: false,
            raw_path: false,
            query: false,
            client_address: ClientAddress::Hidden,
            user_agent: false,
            server_address: false,
            request_headers: Vec::new(),
            response_headers: Vec::new(),
            redaction: Redaction::default(),
            value_limit: clean::LONGEST,
            id_header: None,
            request_fields: Fields::default(),
            response_fields: Fields::default(),
        }
    }
}

impl TraceConfig {
    /// Everything is sampled, callers are believed, and nothing that identifies a person is shown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For a developer's machine: everything is sampled and shown, but headers.
    #[must_use]
    pub fn development() -> Self {
        Self::new()
            .with_raw_path(true)
            .with_query(true)
            .with_client_address(ClientAddress::Full)
            .with_user_agent(true)
            .with_server_address(true)
    }

    /// For production: a tenth is sampled, traces are continued from private networks only, and nothing that identifies a
    /// person is shown.
    #[must_use]
    pub fn production() -> Self {
        Self::new()
            .with_sampling(Sampling::parent_based(Ratio::new(0.1).expect("a tenth is a share")))
            .with_strangers(StrangerPolicy::trusting(Trust::private_networks(), Strangers::Link))
            .with_slow(Duration::from_secs(5))
    }

    /// Samples as this handle says.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// The handle to what is sampled.
    #[must_use]
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// Says what becomes of a trace that a caller claims.
    #[must_use]
    pub fn with_strangers(mut self, strangers: impl Into<StrangerPolicy>) -> Self {
        self.strangers = strangers.into();
        self
    }

    /// Says which headers of callers are read at all (default `traceparent`, `tracestate` and `baggage`). One that is not is as
    /// if it had not been sent.
    #[must_use]
    pub fn with_propagation(mut self, propagation: Propagation) -> Self {
        self.propagation = propagation;
        self
    }

    /// From when on an exchange is slow, where its route does not say. A stream is slow by the time to its head.
    #[must_use]
    pub fn with_slow(mut self, threshold: Duration) -> Self {
        self.slow = threshold;
        self
    }

    /// Makes a span also for an exchange that is not sampled, where layers of the subscriber that are not tower-watch's shall see
    /// one. By default there is none.
    ///
    /// The ids are there without it: in log lines, in `RequestContext`, in what goes out, and spans below belong to the exchange.
    /// What needs it is `Span::current()` where no other span is entered: without it a task that was spawned with
    /// `in_current_span()` is none of the exchange's, and its spans begin traces of their own; with
    /// [`in_context()`](crate::context::ContextExt::in_context) it is.
    ///
    /// Costs an allocation, and about as much time as everything else that a watch does with such a request.
    #[must_use]
    pub fn with_unsampled_spans(mut self, made: bool) -> Self {
        self.unsampled_spans = made;
        self
    }

    /// Keeps what was not sampled and ends in an error, or is slow.
    #[must_use]
    pub fn with_keep(mut self, keep: Arc<dyn KeepTraces>) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Says that clients come over https, where TLS ends before this service: `url.scheme`. What the request itself says
    /// (HTTP/2 does) is stronger.
    #[must_use]
    pub fn with_https(mut self, is_https: bool) -> Self {
        self.is_https = is_https;
        self
    }

    /// Whether `url.path` is the path as the client sent it, or the route's template.
    #[must_use]
    pub fn with_raw_path(mut self, shown: bool) -> Self {
        self.raw_path = shown;
        self
    }

    /// Whether `url.query` is shown, with the values of secret keys [redacted](Self::with_redaction).
    #[must_use]
    pub fn with_query(mut self, shown: bool) -> Self {
        self.query = shown;
        self
    }

    /// How much of `client.address` is shown: the peer of the connection, where the server made it known.
    #[must_use]
    pub fn with_client_address(mut self, shown: ClientAddress) -> Self {
        self.client_address = shown;
        self
    }

    /// Whether `user_agent.original` is shown.
    #[must_use]
    pub fn with_user_agent(mut self, shown: bool) -> Self {
        self.user_agent = shown;
        self
    }

    /// Whether `server.address` and `server.port` are shown: whom the client meant, by its `Host`.
    #[must_use]
    pub fn with_server_address(mut self, shown: bool) -> Self {
        self.server_address = shown;
        self
    }

    /// Shows these headers of a request, as `http.request.header.NAME`. A header that was sent several times is shown once,
    /// with its first value.
    ///
    /// # Errors
    ///
    /// Names a header that carries a credential (`authorization`, `proxy-authorization`, `cookie`, `set-cookie`,
    /// `x-api-key`, and whatever else is secret by [`Redaction::default`]), and what is no name of a header.
    pub fn with_request_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, HeaderError> {
        headers::add(&mut self.request_headers, names)?;
        Ok(self)
    }

    /// Shows these headers of a response, as `http.response.header.NAME`.
    ///
    /// # Errors
    ///
    /// As [`with_request_headers`](Self::with_request_headers).
    pub fn with_response_headers<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, HeaderError> {
        headers::add(&mut self.response_headers, names)?;
        Ok(self)
    }

    /// Says which values are secret, by their keys: in the query, and headers of such a name.
    #[must_use]
    pub fn with_redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Cuts the texts of strangers to this many bytes (default 1,024), each cut counted in
    /// `tower_watch_span_attributes_truncated_total`.
    #[must_use]
    pub fn with_value_limit(mut self, bytes: usize) -> Self {
        self.value_limit = bytes;
        self
    }

    /// Sends the trace's id back in this header of the response: in `traceresponse` in the form of
    /// <https://www.w3.org/TR/trace-context-2/#traceresponse-header>, in any other as 32 hexadecimal digits. One that the
    /// service set itself stays. Costs an allocation and an insertion.
    #[must_use]
    pub fn with_id_header(mut self, name: HeaderName) -> Self {
        self.id_header = Some(name);
        self
    }

    /// Adds fields of one's own, from the head of the request. The names must be said here, as a span's fields are fixed
    /// before it is made; `add` records values for them. It runs after the span was made and before it is entered, so it may
    /// set another parent too.
    ///
    /// Called in each exchange whose span is enabled, sampled or not. A function that panics has added nothing.
    ///
    /// ```
    /// # use tower_watch_layers::trace::TraceConfig;
    /// let config = TraceConfig::new().with_request_fields(&["shop.locale"], |span, head| {
    ///     if let Some(locale) = head.uri.path().split('/').nth(1).filter(|locale| locale.len() == 2) {
    ///         span.record("shop.locale", locale);
    ///     }
    /// });
    /// # let _ = config;
    /// ```
    #[must_use]
    pub fn with_request_fields(
        mut self,
        names: &[&'static str],
        add: impl Fn(&Span, &request::Parts) + Send + Sync + 'static,
    ) -> Self {
        self.request_fields = Fields::new(names, add);
        self
    }

    /// The same from the head of the response.
    #[must_use]
    pub fn with_response_fields(
        mut self,
        names: &[&'static str],
        add: impl Fn(&Span, &response::Parts) + Send + Sync + 'static,
    ) -> Self {
        self.response_fields = Fields::new(names, add);
        self
    }

    /// Takes off the lists of headers what turned out to be secret by the other settings.
    pub(crate) fn settled(mut self) -> Self {
        let Self { sampling, redaction, request_headers, response_headers, .. } = &mut self;
        let is_shown =
            |name: &HeaderName| sampling.debug_header() != Some(name) && !redaction.is_secret(name.as_str());
        request_headers.retain(is_shown);
        response_headers.retain(is_shown);
        self
    }

    /// The names of the fields that a span has by these settings, beside those that it always has: headers of the request,
    /// headers of the response, the application's own.
    pub(crate) fn field_names(&self) -> impl Iterator<Item = String> {
        let request = self.request_headers.iter().map(|name| format!("http.request.header.{name}"));
        let response = self.response_headers.iter().map(|name| format!("http.response.header.{name}"));
        let own = self.request_fields.names.iter().chain(&self.response_fields.names);
        request.chain(response).chain(own.map(|name| (*name).to_owned()))
    }

    /// Whether anything is shown of the head of a request that has to be taken from it at the start.
    pub(crate) fn shows_head(&self) -> bool {
        self.raw_path
            || self.query
            || self.user_agent
            || self.server_address
            || self.client_address != ClientAddress::Hidden
            || !self.request_headers.is_empty()
            || !self.response_headers.is_empty()
    }
}
