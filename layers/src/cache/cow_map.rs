//! A hash map that is copied to be changed.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use rapidhash::fast::RandomState;

/// The standard map with a hasher that costs a tenth for short keys. It is seeded at random; that a flood of chosen
/// keys could still collide is bounded by the caps.
pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;

/// A map that is read without a lock and copied on every write.
///
/// Writing costs time in proportion to the root of its size, so it is for keys that come from the program (routes), or
/// that a cap bounds (tenants).
pub(crate) struct CowMap<K, V> {
    entries: ArcSwap<Tiers<K, V>>,
    writing: Mutex<()>,
}

/// Most entries, which a write shares, and the latest few, which it copies. A key is in one of the two.
#[derive(Clone, Debug)]
struct Tiers<K, V> {
    settled: Arc<Map<K, V>>,
    latest: Map<K, V>,
}

/// Up to here a map is copied whole, so that it has no second tier to look into.
const SMALL: usize = 64;

impl<K, V> Default for Tiers<K, V> {
    fn default() -> Self {
        Self { settled: Arc::default(), latest: Map::default() }
    }
}

impl<K, V> Tiers<K, V> {
    fn len(&self) -> usize {
        self.settled.len() + self.latest.len()
    }
}

impl<K: Eq + Hash, V> Tiers<K, V> {
    fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.settled.get(key).or_else(|| if self.latest.is_empty() { None } else { self.latest.get(key) })
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Tiers<K, V> {
    /// Moves the latest down when they are more than the root of the others: neither tier is then copied too often.
    fn settle(&mut self) {
        let (settled, latest) = (self.settled.len(), self.latest.len());
        if latest > 0 && (settled < SMALL || latest.saturating_mul(latest) > settled) {
            Arc::make_mut(&mut self.settled).extend(self.latest.drain());
        }
    }
}

impl<K, V> Default for CowMap<K, V> {
    fn default() -> Self {
        Self { entries: ArcSwap::default(), writing: Mutex::new(()) }
    }
}

impl<K, V> fmt::Debug for CowMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CowMap").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl<K, V> CowMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.entries.load().len()
    }
}

impl<K: Eq + Hash + Clone, V: Clone> CowMap<K, V> {
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.load().get(key).cloned()
    }

    /// Hands `read` the value of `key`, without a copy of it.
    pub(crate) fn with<Q, R>(&self, key: &Q, read: impl FnOnce(&V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.load().get(key).map(read)
    }

    /// Changes a copy of the map, then shows it to all readers at once.
    ///
    /// Writers take turns; what `change` returns is handed back. Nothing is copied before something changes.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut Draft<'_, K, V>) -> R) -> R {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.entries.load_full();
        let mut draft = Draft { current: &current, copy: None };
        let result = change(&mut draft);
        if let Some(mut copy) = draft.copy {
            copy.settle();
            self.entries.store(Arc::new(copy));
        }
        result
    }

    /// The value of `key`, made by `make` where it is missing.
    pub(crate) fn get_or_insert_with<Q>(&self, key: &Q, make: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        self.get(key).unwrap_or_else(|| {
            self.update(|draft| match draft.get(key) {
                Some(value) => value.clone(),
                None => {
                    let value = make();
                    draft.insert(key.to_owned(), value.clone());
                    value
                }
            })
        })
    }
}

/// The map under change; see [`CowMap::update`].
pub(crate) struct Draft<'a, K, V> {
    current: &'a Tiers<K, V>,
    copy: Option<Tiers<K, V>>,
}

impl<K: Eq + Hash + Clone, V: Clone> Draft<'_, K, V> {
    fn read(&self) -> &Tiers<K, V> {
        self.copy.as_ref().unwrap_or(self.current)
    }

    fn write(&mut self) -> &mut Tiers<K, V> {
        self.copy.get_or_insert_with(|| self.current.clone())
    }

    pub(crate) fn len(&self) -> usize {
        self.read().len()
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.read().get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let tiers = self.write();
        if tiers.settled.contains_key(&key) {
            Arc::make_mut(&mut tiers.settled).insert(key, value);
        } else {
            tiers.latest.insert(key, value);
        }
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        if self.read().settled.values().chain(self.read().latest.values()).all(&keep) {
            return;
        }
        let tiers = self.write();
        Arc::make_mut(&mut tiers.settled).retain(|_, value| keep(value));
        tiers.latest.retain(|_, value| keep(value));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A value that counts how often it is copied.
    struct Copied<'a>(usize, &'a AtomicUsize);

    impl Clone for Copied<'_> {
        fn clone(&self) -> Self {
            self.1.fetch_add(1, Ordering::Relaxed);
            Self(self.0, self.1)
        }
    }

    #[test]
    fn a_new_key_does_not_cost_a_copy_of_all_others() {
        const KEYS: usize = 10_000;
        let copies = AtomicUsize::new(0);
        let map = CowMap::<String, Copied<'_>>::default();
        for key in 0..KEYS {
            map.get_or_insert_with(&*key.to_string(), || Copied(key, &copies));
        }
        assert!(copies.load(Ordering::Relaxed) < KEYS * 300, "{copies:?} copies");
        assert_eq!(map.len(), KEYS);
        for key in 0..KEYS {
            assert_eq!(map.with(&*key.to_string(), |value| value.0), Some(key));
        }
        assert_eq!(map.with("none", |value| value.0), None);
    }

    #[test]
    fn a_key_is_there_once_wherever_it_lies() {
        let copies = AtomicUsize::new(0);
        let map = CowMap::<String, Copied<'_>>::default();
        for round in 0..2 {
            for key in 0..200 {
                map.update(|draft| draft.insert(key.to_string(), Copied(key + round, &copies)));
            }
        }
        assert_eq!(map.len(), 200);
        assert_eq!(map.with("7", |value| value.0), Some(8));
        assert_eq!(map.with("199", |value| value.0), Some(200));
        map.update(|draft| draft.retain(|value| value.0 % 2 == 0));
        assert_eq!(map.len(), 100);
        assert_eq!(map.with("8", |value| value.0), None);
        let before = copies.load(Ordering::Relaxed);
        map.update(|draft| draft.retain(|_| true));
        assert_eq!(copies.load(Ordering::Relaxed), before, "what keeps all copies nothing");
    }
}
