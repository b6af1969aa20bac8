//! What is to be done when the last hold of the registers is gone: whoever reads them on a thread of its own goes home.

use std::sync::{Mutex, PoisonError};

/// Called when it is dropped, on the thread that drops it: no more than to wake another one.
#[derive(Default)]
pub(crate) struct Endings(Mutex<Vec<Box<dyn FnOnce() + Send>>>);

#[cfg(feature = "series")]
impl Endings {
    pub(crate) fn add(&self, ending: impl FnOnce() + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(ending));
    }
}

impl Drop for Endings {
    fn drop(&mut self) {
        let endings = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        endings.drain(..).for_each(|ending| ending());
    }
}
