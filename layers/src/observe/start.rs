//! What an observer is told at the start.

use std::sync::Arc;

use http::request::Parts;

use crate::clock::{Clock, Instant};
use crate::observe::{Refusal, RequestId, Slot, Tenant};
use crate::w3c::TraceContext;

/// A request has come in and the service has not been called yet.
#[derive(Debug)]
pub struct Start<'a> {
    head: &'a mut Parts,
    slot: &'a mut Arc<Slot>,
    at: Instant,
    refusal: Option<Refusal>,
}

impl<'a> Start<'a> {
    pub(crate) fn new(head: &'a mut Parts, slot: &'a mut Arc<Slot>, at: Instant) -> Self {
        Self { head, slot, at, refusal: None }
    }

    /// The head of the request.
    #[must_use]
    pub fn head(&self) -> &Parts {
        self.head
    }

    /// The head of the request, to change it.
    pub fn head_mut(&mut self) -> &mut Parts {
        self.head
    }

    /// What the exchange shares. Clone the `Arc` to keep it.
    #[must_use]
    pub fn slot(&self) -> &Arc<Slot> {
        self.slot
    }

    /// Gives the request its id. The first one stays.
    #[inline]
    pub fn set_request_id(&mut self, id: RequestId) {
        self.slot.set_request_id(id);
    }

    /// Says where in which trace the exchange is. The first one stays.
    #[inline]
    pub fn set_trace(&mut self, context: TraceContext) {
        self.slot.set_trace_early(context);
    }

    /// Says which tenant the request claims; `vouched`: somebody knows that it exists, so that it may take a place
    /// among the tenants that have metrics of their own. The first one stays.
    #[inline]
    pub fn set_tenant(&mut self, tenant: Tenant, vouched: bool) {
        self.slot.set_early_tenant(tenant, vouched);
    }

    /// The head to change, and the time by the exchange's clock, both at once.
    pub(crate) fn head_and_time(&mut self) -> (&mut Parts, &Clock, Instant) {
        (self.head, self.slot.clock(), self.at)
    }

    /// When the request came in, on the exchange's clock.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Answers in place of the service, which is not called. All observers still see the exchange; of several
    /// refusals the first is sent.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }

    /// Whether an observer before this one has refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    pub(crate) fn into_refusal(self) -> Option<Refusal> {
        self.refusal
    }
}
