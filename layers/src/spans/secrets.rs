//! Which fields are secret, remembered: a field is asked for each time that it is recorded, and its name never changes.

use std::array;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::redact::Redaction;

/// A [`Redaction`] that remembers what it said of names in the code.
#[derive(Clone)]
pub(crate) struct Secrets {
    redaction: Redaction,
    /// Where a name lies and how long it is, and the answer, in one number each; 0 for nothing. Two names that fall on the
    /// same place take turns.
    known: Arc<[AtomicU64; PLACES]>,
}

const PLACES: usize = 256;

impl Secrets {
    pub(crate) fn new(redaction: Redaction) -> Self {
        Self { redaction, known: Arc::new(array::from_fn(|_| AtomicU64::new(0))) }
    }

    #[inline]
    pub(crate) fn is_secret(&self, name: &'static str) -> bool {
        let Some(key) = key(name) else { return self.redaction.is_secret(name) };
        // Any spreading will do, so long as neighbours part.
        let place = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACES.ilog2());
        let place = &self.known[place as usize % PLACES];
        let known = place.load(Ordering::Relaxed);
        if known >> 1 == key {
            return known & 1 == 1;
        }
        let is_secret = self.redaction.is_secret(name);
        place.store(key << 1 | u64::from(is_secret), Ordering::Relaxed);
        is_secret
    }
}

/// A name by its address and length, in 63 bits; `None` where they need more.
#[inline]
fn key(name: &'static str) -> Option<u64> {
    let address = u64::try_from(name.as_ptr().addr()).ok()?;
    let length = u8::try_from(name.len()).ok()?;
    (address >> 55 == 0).then(|| address << 8 | u64::from(length))
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new(Redaction::default())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.redaction.fmt(f)
    }
}
