//! What all recordings of the process take together.

use std::sync::atomic::{AtomicUsize, Ordering};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// An exchange takes its bytes by the chunk, so that most of what it writes touches nothing that others touch.
const CHUNK: usize = 4 * 1024;

/// What one recording has taken. Gives it back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    taken: usize,
}

impl Share {
    /// Takes more until it is at least so much; `false`: the whole budget is given out.
    pub(crate) fn grow_to(&mut self, bytes: usize, budget: usize) -> bool {
        if bytes <= self.taken {
            return true;
        }
        let more = (bytes - self.taken).next_multiple_of(CHUNK);
        if TAKEN.fetch_add(more, Ordering::Relaxed) + more > budget {
            TAKEN.fetch_sub(more, Ordering::Relaxed);
            return false;
        }
        self.taken += more;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.taken > 0 {
            TAKEN.fetch_sub(self.taken, Ordering::Relaxed);
        }
    }
}
