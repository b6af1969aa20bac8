//! The seam to the `metrics` facade: which recorder a layer's own metrics go to.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use metrics::Recorder;

/// A recorder that a layer records into, shared by all its exchanges.
///
/// Without one, layers use the facade's global recorder. With one, a handler's `counter!` reaches it too: it is
/// entered around each poll.
#[derive(Clone)]
pub struct SharedRecorder {
    recorder: Arc<dyn Recorder + Send + Sync>,
    is_global: bool,
}

thread_local! {
    /// Whether a recorder that is not the global one is entered on this thread.
    static IS_LOCAL: Cell<bool> = const { Cell::new(false) };
}

impl SharedRecorder {
    /// Shares `recorder`.
    pub fn new(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self { recorder: Arc::new(recorder), is_global: false }
    }

    /// Shares `recorder`, which is the facade's global recorder too. It is entered only where another one is, as
    /// inside a service that records into its own: everywhere else the facade finds it by itself.
    pub fn global(recorder: impl Recorder + Send + Sync + 'static) -> Self {
        Self { recorder: Arc::new(recorder), is_global: true }
    }

    /// Whether both are the same recorder.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.recorder, &other.recorder) || self.is_global && other.is_global
    }

    /// Whether it is the facade's global recorder.
    pub(crate) fn is_global(&self) -> bool {
        self.is_global
    }

    /// Whether the facade would find another recorder on this thread.
    pub(crate) fn must_be_entered(&self) -> bool {
        !self.is_global || IS_LOCAL.get()
    }

    pub(crate) fn get(&self) -> &(dyn Recorder + Send + Sync) {
        &*self.recorder
    }
}

impl fmt::Debug for SharedRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedRecorder")
    }
}

/// A number that stands for the recorder: 1 for the facade's.
pub(crate) fn identity(recorder: Option<&SharedRecorder>) -> usize {
    recorder
        .filter(|recorder| !recorder.is_global)
        .map_or(1, |recorder| Arc::as_ptr(&recorder.recorder).addr())
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
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            IS_LOCAL.set(self.0);
        }
    }
    match recorder {
        Some(recorder) if recorder.must_be_entered() => {
            let _restore = Restore(IS_LOCAL.replace(!recorder.is_global));
            metrics::with_local_recorder(recorder.get(), f)
        }
        _ => f(),
    }
}
