//! Who asks: the id of the request, its tenant, its user.
//!
//! [`ContextLayer`] settles the request id and the tenant before the service is called, refuses a request whose
//! required tenant is missing or wrong, and sends the id back in the response. [`RequestContext`] is what an
//! application sees of it: as an axum extractor, as [`RequestContext::current`] anywhere below the layer, and in
//! spawned tasks through [`ContextExt::in_context`]. A tenant that only the auth layer knows is set late, and
//! checked by a [`RequireTenantLayer`] inside. Through a channel the context goes in an [`Envelope`].
//!
//! It imports `observe`, `route` and `spans` (the span that a task takes along), and no other observer.

mod captured;
#[cfg(feature = "axum")]
mod extract;
mod layer;
mod request_context;
mod request_id;
mod require_tenant;
mod tenant;

pub use self::captured::{Captured, Envelope, InContext};
#[cfg(feature = "axum")]
pub use self::extract::MissingContext;
pub use self::layer::{Context, ContextExchange, ContextLayer, ContextObserver};
pub use self::request_context::{ContextExt, RequestContext};
pub use self::request_id::RequestIdPolicy;
pub use self::require_tenant::{RequireTenant, RequireTenantLayer, TenantCheck, Unwatched};
pub use self::tenant::{TenantPolicy, TenantProblem};
pub use crate::observe::{InvalidText, RequestId, Tenant, User};
pub use crate::peer::{PeerAddr, Trust, TrustError};
