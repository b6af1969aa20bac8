//! The slot of the exchange that this thread is working on.

use std::cell::RefCell;
use std::sync::Arc;

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
