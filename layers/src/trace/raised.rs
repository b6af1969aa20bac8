//! A share that holds for a while.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::clock::{Clock, Instant};
use crate::ratio::Ratio;

/// A share that holds for a while and ends by itself: whoever asks after its time ends it, so that no thread has to wait.
#[derive(Debug)]
pub(crate) struct Raised {
    clock: ArcSwap<Clock>,
    /// The number of the one that holds; 0 for none, which is all that most requests read.
    holding: AtomicU64,
    last: AtomicU64,
    now: ArcSwapOption<Raise>,
}

#[derive(Debug)]
struct Raise {
    number: u64,
    ratio: Ratio,
    clock: Clock,
    began: Instant,
    lasts: Duration,
}

impl Default for Raised {
    fn default() -> Self {
        Self {
            clock: ArcSwap::from_pointee(Clock::default()),
            holding: AtomicU64::new(0),
            last: AtomicU64::new(0),
            now: ArcSwapOption::empty(),
        }
    }
}

impl Raised {
    pub(crate) fn set_clock(&self, clock: Clock) {
        self.clock.store(clock.into());
    }

    /// From now on `ratio` holds, for as long as `lasts`.
    pub(crate) fn begin(&self, ratio: Ratio, lasts: Duration) {
        let clock = Clock::clone(&self.clock.load());
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let began = clock.now();
        self.now.store(Some(Raise { number, ratio, clock, began, lasts }.into()));
        self.holding.store(number, Ordering::Release);
    }

    /// Ends it before its time.
    pub(crate) fn end(&self) {
        self.holding.store(0, Ordering::Release);
    }

    /// The share that holds now, where one does.
    #[inline]
    pub(crate) fn ratio(&self) -> Option<Ratio> {
        match self.holding.load(Ordering::Acquire) {
            0 => None,
            number => self.held(number),
        }
    }

    #[cold]
    fn held(&self, number: u64) -> Option<Ratio> {
        let now = self.now.load();
        let raise = now.as_deref()?;
        if raise.clock.now().since(raise.began) < raise.lasts {
            return Some(raise.ratio);
        }
        // One that has begun meanwhile goes on.
        if raise.number == number {
            let _ = self.holding.compare_exchange(number, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
        None
    }
}
