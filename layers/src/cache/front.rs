//! A small table before a map.

use std::array;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Values that are found by where their key lies in memory, without a hash of it: a router has the template of a route
/// in one place for as long as it lives.
///
/// Each place of the table is given once, to the value that comes first, and never changes. What has no place in it, or
/// whose key lies elsewhere each time, is looked up in the map behind.
pub(crate) struct Front<V> {
    places: [OnceLock<Arc<V>>; PLACES],
}

/// 4 KiB. Routes beyond that share places, and the later ones of those pay for the map.
const PLACES: usize = 256;

impl<V> Default for Front<V> {
    fn default() -> Self {
        Self { places: array::from_fn(|_| OnceLock::new()) }
    }
}

impl<V> fmt::Debug for Front<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = self.places.iter().filter(|place| place.get().is_some()).count();
        f.debug_struct("Front").field("taken", &taken).finish_non_exhaustive()
    }
}

impl<V> Front<V> {
    /// What has the place of `key`; the caller compares, since another key can have lain there before.
    #[inline]
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<V>> {
        self.place(key).get()
    }

    /// Gives `value` the place of `key`, where nobody has it.
    pub(crate) fn offer(&self, key: &str, value: &Arc<V>) {
        let _ = self.place(key).set(Arc::clone(value));
    }

    #[inline]
    fn place(&self, key: &str) -> &OnceLock<Arc<V>> {
        // What is allocated begins at a multiple of 16.
        let address = key.as_ptr().addr() >> 4;
        &self.places[(address ^ address >> 8) % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_once() {
        let front = Front::default();
        let key = "/users/{id}";
        assert!(front.get(key).is_none());
        front.offer(key, &Arc::new(1));
        front.offer(key, &Arc::new(2));
        assert_eq!(front.get(key).map(|value| **value), Some(1));
    }
}
