//! The seam to the `metrics` facade: which recorder a layer's own metrics go to.

use std::fmt;
use std::sync::Arc;

use metrics::Recorder;

/// A recorder that a layer records into, shared by all its exchanges.
///
/// Without one, layers use the facade's global recorder. With one, a handler's `counter!` reaches it too: it is
/// entered around each poll.
#[derive(Clone)]
pub struct SharedRecorder(Arc<dyn Recorder + Send + Sync>);

impl SharedRecorder {
    /// Shares `recorder`.
    pub fn new(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self(Arc::new(recorder))
    }

    /// Whether both are the same recorder.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn get(&self) -> &(dyn Recorder + Send + Sync) {
        &*self.0
    }
}

impl fmt::Debug for SharedRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedRecorder")
    }
}

/// A number that stands for the recorder: 1 for the facade's.
pub(crate) fn identity(recorder: Option<&SharedRecorder>) -> usize {
    recorder.map_or(1, |recorder| Arc::as_ptr(&recorder.0).addr())
}

/// Hands `record` the recorder: the given one, or the facade's.
pub(crate) fn with_recorder<R>(
    recorder: Option<&SharedRecorder>,
    record: impl FnOnce(&dyn Recorder) -> R,
) -> R {
    match recorder {
        Some(recorder) => record(recorder.get()),
        None => metrics::with_recorder(record),
    }
}

/// Whether there is a recorder to make handles from. A handle made before that records nothing for ever, so none
/// is made and kept then.
///
/// The facade does not say; its no-op recorder is the one without a size.
pub(crate) fn is_bound(recorder: Option<&SharedRecorder>) -> bool {
    recorder.is_some() || metrics::with_recorder(|recorder| size_of_val(recorder) > 0)
}

/// Runs `f` with `recorder` in place of the global one on this thread.
pub(crate) fn within<R>(recorder: Option<&SharedRecorder>, f: impl FnOnce() -> R) -> R {
    match recorder {
        Some(recorder) => metrics::with_local_recorder(recorder.get(), f),
        None => f(),
    }
}
