//! How much is sampled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ratio::Ratio;

/// How much is sampled, and whether a caller's decision is followed. A handle: clones share it, and it can be changed while
/// requests run.
#[derive(Clone, Debug)]
pub struct Sampling {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    ratio: AtomicU64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self::parent_based(Ratio::ALL)
    }
}

impl Sampling {
    /// Follows a caller that decided, and samples this share of all others.
    #[must_use]
    pub fn parent_based(ratio: Ratio) -> Self {
        Self { shared: Arc::new(Shared { ratio: AtomicU64::new(ratio.to_bits()) }) }
    }

    /// The share that is sampled now.
    #[must_use]
    pub fn ratio(&self) -> Ratio {
        Ratio::from_bits(self.shared.ratio.load(Ordering::Relaxed))
    }

    /// Samples this share from now on.
    pub fn set_ratio(&self, ratio: Ratio) {
        self.shared.ratio.store(ratio.to_bits(), Ordering::Relaxed);
    }
}
