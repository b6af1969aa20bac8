//! What becomes of a trace that a caller claims.

use std::fmt;
use std::sync::Arc;

use http::request::Parts;

use crate::caught;
use crate::peer::Trust;

/// What becomes of a `traceparent` that comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// The exchange is part of the caller's trace, and the caller's sampling decision is followed where sampling is
    /// parent-based. What else came along (`tracestate`, `baggage`) is handed on.
    #[default]
    Continue,
    /// The exchange begins a trace of its own, with a link to the caller's.
    Link,
    /// The exchange begins a trace of its own.
    Ignore,
}

/// From whom a trace is continued: one answer for all, by the peer, or by a function of the request.
///
/// It is asked only where a valid `traceparent` came in. Who is allowed to continue a trace can also have it sampled.
///
/// ```
/// use tower_watch_layers::peer::Trust;
/// use tower_watch_layers::trace::{StrangerPolicy, Strangers, TraceConfig};
///
/// // Balancers and services nearby are believed; all others begin a trace of their own.
/// let policy = StrangerPolicy::trusting(Trust::private_networks(), Strangers::Link);
/// let config = TraceConfig::new().with_strangers(policy);
/// # let _ = config;
/// ```
#[derive(Clone)]
pub struct StrangerPolicy(Rule);

type Judge = dyn Fn(&Parts) -> Strangers + Send + Sync;

#[derive(Clone)]
enum Rule {
    Always(Strangers),
    Trusting(Trust, Strangers),
    By(Arc<Judge>),
}

impl StrangerPolicy {
    /// Continues the traces of those who are trusted; what becomes of the others' says `others`.
    #[must_use]
    pub fn trusting(trust: Trust, others: Strangers) -> Self {
        Self(Rule::Trusting(trust, others))
    }

    /// Asks a function of the request's head. One that panics has said [`Strangers::Ignore`].
    #[must_use]
    pub fn by(judge: impl Fn(&Parts) -> Strangers + Send + Sync + 'static) -> Self {
        Self(Rule::By(Arc::new(judge)))
    }

    pub(crate) fn judge(&self, head: &Parts) -> Strangers {
        match &self.0 {
            Rule::Always(answer) => *answer,
            Rule::Trusting(trust, _) if trust.holds(&head.extensions) => Strangers::Continue,
            Rule::Trusting(_, others) => *others,
            Rule::By(judge) => caught::ask("strangers", || judge(head)).unwrap_or(Strangers::Ignore),
        }
    }
}

impl Default for StrangerPolicy {
    /// Continues everybody's trace.
    fn default() -> Self {
        Strangers::default().into()
    }
}

impl From<Strangers> for StrangerPolicy {
    fn from(answer: Strangers) -> Self {
        Self(Rule::Always(answer))
    }
}

impl fmt::Debug for StrangerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Always(answer) => write!(f, "{answer:?}"),
            Rule::Trusting(trust, others) => f.debug_tuple("Trusting").field(trust).field(others).finish(),
            Rule::By(_) => f.write_str("By(function)"),
        }
    }
}
