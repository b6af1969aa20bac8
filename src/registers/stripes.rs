//! Which of its copies a thread writes to.
//!
//! Two threads that add to one number pass its cache line to and fro. A histogram has its numbers a few times, each
//! thread keeps to one of the copies, and whoever reads adds them up.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// More copies than this make reading dearer and help few.
const MOST: usize = 4;

/// How many copies there are: a power of two, as many as there are processors up to four.
pub(crate) fn count() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        processors.next_power_of_two().min(MOST)
    })
}

/// A number of this thread's own, of which the lower bits choose the copy.
#[inline]
pub(crate) fn mine() -> usize {
    thread_local! {
        static MINE: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    // A thread that is ending has none; any copy will do.
    MINE.try_with(|mine| match mine.get() {
        usize::MAX => assign(mine),
        assigned => assigned,
    })
    .unwrap_or(0)
}

#[cold]
fn assign(mine: &Cell<usize>) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // The mask keeps it from becoming the number that means "none".
    let assigned = NEXT.fetch_add(1, Relaxed) & 0xffff;
    mine.set(assigned);
    assigned
}
