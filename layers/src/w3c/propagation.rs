//! Which headers carry a trace from one service to the next.

/// Which headers are read from callers, and sent to those who are called. By default all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propagation {
    /// `traceparent` and `tracestate`. Without them each trace begins and ends in this service.
    pub trace_context: bool,
    /// `baggage`.
    pub baggage: bool,
}

impl Default for Propagation {
    fn default() -> Self {
        Self { trace_context: true, baggage: true }
    }
}
