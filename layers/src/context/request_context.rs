//! What an application sees of an exchange, and says to it.

use std::borrow::Cow;
use std::sync::Arc;

use http::Extensions;

use crate::context::{Captured, InContext};
use crate::observe::{self, InvalidText, RequestId, Slot, Tenant, User};
use crate::policy::RoutePolicy;
use crate::w3c::{SpanId, TraceId};

/// The context of one request: read its ids, and say what only the handler knows. Cheap to clone.
///
/// Below the layer it is there as an axum extractor (feature `axum`), from [`current`](Self::current), and, in
/// any tower service, from the request's extensions ([`of`](Self::of)).
#[derive(Clone, Debug)]
pub struct RequestContext {
    slot: Arc<Slot>,
}

impl RequestContext {
    /// The context of the exchange that is being polled on this thread. In a spawned task there is one if the
    /// task's future was wrapped with [`in_context`](ContextExt::in_context).
    #[must_use]
    pub fn current() -> Option<Self> {
        observe::current().map(|slot| Self { slot })
    }

    /// The context of a request.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<Arc<Slot>>().cloned().map(|slot| Self { slot })
    }

    /// What the exchange shares, for a layer of one's own.
    #[must_use]
    pub fn slot(&self) -> &Slot {
        &self.slot
    }

    /// The id of the request; none where no context layer gives ids.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        self.slot.request_id()
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> Option<Tenant> {
        self.slot.tenant()
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        self.slot.user()
    }

    /// The trace that the request belongs to.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.slot.trace().map(|trace| trace.trace_id)
    }

    /// The span of the request itself.
    #[must_use]
    pub fn span_id(&self) -> Option<SpanId> {
        self.slot.trace().map(|trace| trace.span_id)
    }

    /// Whether the trace of the request is recorded and exported.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.slot.trace().is_some_and(|trace| trace.sampled)
    }

    /// The endpoint: the template of the route.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.slot.route().endpoint()
    }

    /// Sets the tenant, where an auth layer or a handler knows it better than the request's headers. The application
    /// vouches for it: it may take a place among the tenants with metrics of their own.
    ///
    /// # Errors
    ///
    /// Says why the text cannot be a tenant.
    pub fn set_tenant(&self, tenant: &str) -> Result<(), InvalidText> {
        Tenant::new(tenant).map(|tenant| self.slot.set_tenant(tenant))
    }

    /// Sets the user.
    ///
    /// # Errors
    ///
    /// Says why the text cannot be a user.
    pub fn set_user(&self, user: &str) -> Result<(), InvalidText> {
        User::new(user).map(|user| self.slot.set_user(user))
    }

    /// Makes the exchange count as an error of this name, whatever its status: `error_type="payment_declined"`.
    pub fn set_error_type(&self, name: &'static str) {
        self.slot.set_error_type(name);
    }

    /// Sets a metric label, which must be declared ([`RedConfig::with_label`](crate::red::RedConfig::with_label)).
    pub fn set_label(&self, name: impl Into<Cow<'static, str>>, value: impl Into<Cow<'static, str>>) {
        self.override_policy(|policy| policy.label(name, value));
    }

    /// Leaves this exchange out of all metrics.
    pub fn off(&self) {
        self.override_policy(RoutePolicy::off);
    }

    /// Overrides the route's policy for this exchange. What a handler says here is stronger than what the route's
    /// layer, the policy table and the preset say.
    pub fn override_policy(&self, change: impl FnOnce(RoutePolicy) -> RoutePolicy) {
        self.slot.override_policy(change);
    }

    /// Runs a future in this context, wherever it is polled: in the exchange, and in no span within it.
    pub fn enter<F>(&self, future: F) -> InContext<F> {
        Captured::of(Arc::clone(&self.slot)).run(future)
    }
}

/// Takes the context of the present exchange along.
pub trait ContextExt: Sized {
    /// Wraps a future so that [`RequestContext::current`] is, wherever it is polled, what it is now:
    /// `tokio::spawn(work().in_context())`. The `counter!`s in it reach the exchange's recorder too, and its spans and log
    /// lines belong to the span that is current now.
    ///
    /// The context lives as long as the wrapped future; the exchange ends when it ends. Costs three counts, and at each poll
    /// what entering a span costs.
    fn in_context(self) -> InContext<Self> {
        Captured::current().run(self)
    }
}

impl<F: Future> ContextExt for F {}
