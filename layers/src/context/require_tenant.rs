//! The second look at a tenant that is known late.

use std::sync::Arc;

use tower_layer::Layer;

use crate::context::{TenantPolicy, TenantProblem};
use crate::observe::{End, Exchange, Observe, ObserveLayer, Observer, Start};

/// Refuses requests that have no valid tenant when they come this far: goes inside the layer that authenticates.
///
/// It holds the tenant that was set by then against the policy's checks, whatever the policy's source.
#[derive(Clone, Debug)]
pub struct RequireTenantLayer {
    observe: ObserveLayer<TenantCheck>,
}

/// The service of [`RequireTenantLayer`].
pub type RequireTenant<S> = Observe<S, TenantCheck>;

impl RequireTenantLayer {
    /// Checks against this policy.
    #[must_use]
    pub fn new(policy: TenantPolicy) -> Self {
        Self { observe: ObserveLayer::new(TenantCheck { policy: Arc::new(policy) }) }
    }
}

impl<S> Layer<S> for RequireTenantLayer {
    type Service = RequireTenant<S>;

    fn layer(&self, inner: S) -> RequireTenant<S> {
        self.observe.layer(inner)
    }
}

/// Refuses at the start, and looks at nothing else; see [`RequireTenantLayer`].
#[derive(Clone, Debug)]
pub struct TenantCheck {
    policy: Arc<TenantPolicy>,
}

impl Observer for TenantCheck {
    type Exchange = Unwatched;

    fn begin(&self, start: &mut Start<'_>) -> Option<Unwatched> {
        let problem = match start.slot().tenant() {
            Some(tenant) => self.policy.check(&tenant).err(),
            None => Some(TenantProblem::Missing),
        };
        if let Some(problem) = problem {
            start.refuse(self.policy.refusal(problem));
        }
        None
    }
}

/// No exchange is followed.
#[derive(Debug)]
pub enum Unwatched {}

impl Exchange for Unwatched {
    fn end(self, _: &End<'_>) {}
}
