//! What is never exported: what the export itself causes.
//!
//! A batch that is sent makes log lines and spans in hyper, h2 and tonic; were they exported, each export would cause the next.
//! They happen on the worker's thread. Access lines repeat what the request's span says, so they are no events in it; as log
//! records they are exported.

use tracing::Metadata;

use crate::telemetry::otlp::worker::is_worker;

/// The target of what the export says about itself.
const OWN: &str = "tower_watch::telemetry";
/// The target of the access lines.
const ACCESS: &str = "tower_watch::access";

/// Whether nothing that comes from this place in the code is ever part of a trace.
pub(crate) fn is_never_traced(metadata: &Metadata<'_>) -> bool {
    metadata.target() == ACCESS || is_never_logged(metadata)
}

/// Whether nothing that comes from this place in the code is ever exported as a log record.
pub(crate) fn is_never_logged(metadata: &Metadata<'_>) -> bool {
    metadata.target() == OWN
}

/// Whether this thread is exporting, so that nothing on it is to be exported.
pub(crate) fn is_exporting() -> bool {
    is_worker()
}
