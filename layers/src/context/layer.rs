//! The observer that settles who asks.

use std::sync::Arc;

use http::HeaderName;
use http::response::Parts;
use tower_layer::Layer;

use crate::context::{RequestIdPolicy, TenantPolicy, request_id};
use crate::observe::{End, Exchange, Observe, ObserveLayer, Observer, Settings, Slot, Start};

/// Gives each request an id and a tenant. Alone it is a layer; in a preset it is the first observer.
///
/// Cost per request: one allocation for an id that is made, none for one that is adopted; two header look-ups and
/// two insertions.
#[derive(Clone, Debug)]
pub struct ContextLayer {
    observe: ObserveLayer<ContextObserver>,
}

/// The service of [`ContextLayer`].
pub type Context<S> = Observe<S, ContextObserver>;

impl Default for ContextLayer {
    fn default() -> Self {
        Self::new(ContextObserver::default())
    }
}

impl ContextLayer {
    /// A layer of this observer alone.
    #[must_use]
    pub fn new(observer: ContextObserver) -> Self {
        Self { observe: ObserveLayer::new(observer) }
    }

    /// The same with settings of one's own.
    #[must_use]
    pub fn with_settings(observer: ContextObserver, settings: Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(observer, settings) }
    }
}

impl<S> Layer<S> for ContextLayer {
    type Service = Context<S>;

    fn layer(&self, inner: S) -> Context<S> {
        self.observe.layer(inner)
    }
}

/// Settles the request id and the tenant at the start; see [`ContextLayer`].
#[derive(Clone, Debug)]
pub struct ContextObserver {
    policies: Arc<Policies>,
}

#[derive(Debug, Default, Clone)]
struct Policies {
    request_id: Option<RequestIdPolicy>,
    tenant: Option<TenantPolicy>,
}

impl Default for ContextObserver {
    /// A request id under the default policy, and no tenant.
    fn default() -> Self {
        let policies = Policies { request_id: Some(RequestIdPolicy::default()), tenant: None };
        Self { policies: Arc::new(policies) }
    }
}

impl ContextObserver {
    /// The same as the default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Settles the id under this policy.
    #[must_use]
    pub fn with_request_id(mut self, policy: RequestIdPolicy) -> Self {
        Arc::make_mut(&mut self.policies).request_id = Some(policy);
        self
    }

    /// Gives no ids.
    #[must_use]
    pub fn without_request_id(mut self) -> Self {
        Arc::make_mut(&mut self.policies).request_id = None;
        self
    }

    /// The header that carries the request id, where there are ids.
    #[must_use]
    pub fn request_id_header(&self) -> Option<&HeaderName> {
        self.policies.request_id.as_ref().map(|policy| &policy.header)
    }

    /// The header that carries the tenant, where a header does.
    #[must_use]
    pub fn tenant_header(&self) -> Option<&HeaderName> {
        self.policies.tenant.as_ref().and_then(TenantPolicy::header_name)
    }

    /// Settles the tenant under this policy.
    #[must_use]
    pub fn with_tenant(mut self, policy: TenantPolicy) -> Self {
        Arc::make_mut(&mut self.policies).tenant = Some(policy);
        self
    }
}

impl Observer for ContextObserver {
    type Exchange = ContextExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<ContextExchange> {
        let Policies { request_id, tenant } = &*self.policies;
        if let Some(policy) = request_id
            // A layer like this one around us may have settled it.
            && start.slot().request_id().is_none()
        {
            let (head, clock, at) = start.head_and_time();
            let id = policy.settle(head, || request_id::make(clock, at));
            start.set_request_id(id);
        }
        if let Some(policy) = tenant {
            match policy.find(start.head()) {
                Ok(tenant) => start.set_tenant(tenant, policy.vouches()),
                Err(problem) if policy.is_required() && !start.slot().is_tenant_optional() => {
                    start.refuse(policy.refusal(problem));
                }
                Err(_) => {}
            }
        }
        Some(ContextExchange { policies: Arc::clone(&self.policies) })
    }
}

/// One exchange of [`ContextObserver`].
#[derive(Debug)]
pub struct ContextExchange {
    policies: Arc<Policies>,
}

impl Exchange for ContextExchange {
    #[inline]
    fn response(&mut self, head: &mut Parts, slot: &Slot) {
        if let (Some(policy), Some(id)) = (&self.policies.request_id, slot.request_id()) {
            // Where the service filled the map to its limit, the response goes out without.
            head.headers.try_insert(&policy.header, id.to_header()).ok();
        }
    }

    fn end(self, _: &End<'_>) {}
}
