//! The slot of the exchange that this thread is working on.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project::{pin_project, pinned_drop};

use crate::facade;
use crate::observe::Slot;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Slot>>> = const { RefCell::new(None) };
}

/// The slot of the exchange that is being polled on this thread.
pub(crate) fn current() -> Option<Arc<Slot>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// Hands `read` the slot of the exchange that is being polled on this thread, without a count. `read` runs nothing foreign.
#[inline]
pub(crate) fn with_current<R>(read: impl FnOnce(&Arc<Slot>) -> R) -> Option<R> {
    CURRENT.try_with(|current| current.try_borrow().ok()?.as_ref().map(read)).ok().flatten()
}

/// Runs `f` with the slot at `home` as the current one. The slot itself moves, so no count is touched.
pub(crate) fn enter<R>(home: &mut Option<Arc<Slot>>, f: impl FnOnce() -> R) -> R {
    struct Entered<'a> {
        home: &'a mut Option<Arc<Slot>>,
    }
    // What lies at home while the slot is entered is the outer one; on the way out, by return or by panic, the two
    // change places again.
    fn swap(home: &mut Option<Arc<Slot>>) {
        // Fails only while the thread is being torn down; then there is no current slot to speak of.
        let _ = CURRENT.try_with(|current| std::mem::swap(&mut *current.borrow_mut(), home));
    }
    impl Drop for Entered<'_> {
        fn drop(&mut self) {
            swap(self.home);
        }
    }
    swap(home);
    let _entered = Entered { home };
    f()
}

/// A future that runs in the context of an exchange, wherever it is polled, and is dropped in it; see
/// [`ContextExt::in_context`](crate::context::ContextExt::in_context).
#[pin_project(PinnedDrop)]
#[derive(Debug)]
pub struct InContext<F> {
    /// Taken out when it is dropped.
    #[pin]
    future: Option<F>,
    slot: Option<Arc<Slot>>,
    recorder: Option<facade::SharedRecorder>,
}

impl<F> InContext<F> {
    pub(crate) fn new(future: F, slot: Option<Arc<Slot>>) -> Self {
        let recorder = slot.as_ref().and_then(|slot| slot.recorder().cloned());
        Self { future: Some(future), slot, recorder }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("taken out by the drop only");
        enter(this.slot, || facade::within(this.recorder.as_ref(), || future.poll(cx)))
    }
}

#[pinned_drop]
impl<F> PinnedDrop for InContext<F> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        enter(this.slot, || facade::within(this.recorder.as_ref(), || this.future.set(None)));
    }
}
