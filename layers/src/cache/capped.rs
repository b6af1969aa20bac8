//! A map with a limit, for keys that a client can influence.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::cache::CowMap;
use crate::clock::{Clock, Instant};

/// How many keys a [`Capped`] map takes, and whether an idle one gives its place back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) keys: usize,
    /// A key unused for so long loses its place when another wants it; `None` keeps it for ever.
    pub(crate) idle: Option<Duration>,
}

/// The longest key, in bytes: far beyond a template or a name, and a bound on what a full map weighs.
const LONGEST_KEY: usize = 1_024;

/// A map from text to `V` with a limit on its keys. Pinned keys are always in it and count against no limit.
pub(crate) struct Capped<V> {
    entries: CowMap<Box<str>, Arc<Entry<V>>>,
    pinned: usize,
    limit: Limit,
    clock: Clock,
    born: Instant,
    /// When idle keys were last looked for, so that a flood of new keys does not look at each.
    last_eviction: AtomicU64,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    pinned: bool,
    last_used: AtomicU64,
}

impl<V> fmt::Debug for Capped<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capped").field("len", &self.entries.len()).field("limit", &self.limit).finish()
    }
}

impl<V> Capped<V> {
    pub(crate) fn new(limit: Limit, clock: Clock) -> Self {
        let born = clock.now();
        Self { entries: CowMap::default(), pinned: 0, limit, clock, born, last_eviction: AtomicU64::new(0) }
    }

    /// Gives each of `keys` a place that it never loses.
    pub(crate) fn pin<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>, make: impl Fn(&str) -> V) {
        self.pinned += self.entries.update(|draft| {
            let before = draft.len();
            for key in keys {
                let entry = self.entry(make(key), true);
                draft.insert(key.into(), entry);
            }
            draft.len() - before
        });
    }

    /// The value of `key`. A key that has none gets one if `admit` holds, it is not too long and there is a place.
    pub(crate) fn get(&self, key: &str, admit: bool, make: impl FnOnce() -> V) -> Option<Arc<V>> {
        let known = self.entries.with(key, |entry| {
            entry.touch(self.millis());
            Arc::clone(&entry.value)
        });
        if known.is_some() {
            return known;
        }
        if !admit || key.len() > LONGEST_KEY || (self.is_full() && !self.may_evict()) {
            return None;
        }
        self.entries.update(|draft| {
            if let Some(entry) = draft.get(key) {
                return Some(Arc::clone(&entry.value));
            }
            if draft.len() - self.pinned >= self.limit.keys {
                let (now, idle) = (self.millis(), as_millis(self.limit.idle?));
                draft.retain(|entry| entry.pinned || now.saturating_sub(entry.used()) < idle);
            }
            if draft.len() - self.pinned >= self.limit.keys {
                return None;
            }
            let entry = self.entry(make(), false);
            let value = Arc::clone(&entry.value);
            draft.insert(key.into(), entry);
            Some(value)
        })
    }

    fn is_full(&self) -> bool {
        self.entries.len() - self.pinned >= self.limit.keys
    }

    /// Whether it is time to look for idle keys: at most ten times in the time that makes a key idle.
    fn may_evict(&self) -> bool {
        let Some(idle) = self.limit.idle else { return false };
        let now = self.millis();
        let last = self.last_eviction.load(Ordering::Relaxed);
        now.saturating_sub(last) >= as_millis(idle) / 10
            && self.last_eviction.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn entry(&self, value: V, pinned: bool) -> Arc<Entry<V>> {
        Arc::new(Entry { value: Arc::new(value), pinned, last_used: AtomicU64::new(self.millis()) })
    }

    fn millis(&self) -> u64 {
        match self.limit.idle {
            Some(_) => as_millis(self.clock.now().since(self.born)),
            None => 0,
        }
    }
}

fn as_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl<V> Entry<V> {
    fn used(&self) -> u64 {
        self.last_used.load(Ordering::Relaxed)
    }

    /// Written only when it changes, so that a busy key's line stays shared between cores.
    fn touch(&self, now: u64) {
        if self.used() != now {
            self.last_used.store(now, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capped(keys: usize, idle: Option<u64>) -> (Capped<String>, crate::clock::FakeClock) {
        let (clock, hand) = Clock::fake();
        (Capped::new(Limit { keys, idle: idle.map(Duration::from_secs) }, clock), hand)
    }

    fn get(map: &Capped<String>, key: &str) -> bool {
        map.get(key, true, || key.to_owned()).is_some()
    }

    #[test]
    fn a_full_map_refuses_new_keys_and_keeps_old_ones() {
        let (map, _hand) = capped(2, None);
        assert!(get(&map, "a") && get(&map, "b"));
        assert!(!get(&map, "c"));
        assert!(get(&map, "a") && get(&map, "b"));
    }

    #[test]
    fn pinned_keys_take_no_place() {
        let (mut map, hand) = capped(1, Some(10));
        map.pin(["p", "q"], str::to_owned);
        assert!(get(&map, "a"));
        assert!(!get(&map, "b"));
        hand.advance(Duration::from_secs(60));
        assert!(get(&map, "b"), "the idle key gave its place back");
        assert!(map.get("p", false, || unreachable!()).is_some(), "a pinned key is never idle");
    }

    #[test]
    fn a_key_that_is_not_admitted_takes_no_place() {
        let (map, _hand) = capped(1, None);
        assert!(map.get("stranger", false, || unreachable!()).is_none());
        assert!(get(&map, "a"));
    }

    #[test]
    fn a_key_that_is_too_long_takes_no_place() {
        let (mut map, _hand) = capped(2, None);
        assert!(get(&map, &"k".repeat(LONGEST_KEY)));
        let longer = "k".repeat(LONGEST_KEY + 1);
        assert!(map.get(&longer, true, || unreachable!()).is_none());
        map.pin([&*longer], str::to_owned);
        assert!(get(&map, &longer), "who pins it knows what it is");
    }

    #[test]
    fn a_used_key_is_not_idle() {
        let (map, hand) = capped(1, Some(10));
        assert!(get(&map, "a"));
        for _ in 0..5 {
            hand.advance(Duration::from_secs(6));
            assert!(get(&map, "a"));
        }
        assert!(!get(&map, "b"));
    }
}
