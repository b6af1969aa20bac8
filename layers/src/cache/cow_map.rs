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
/// Writing costs time in proportion to its size, so it is for keys that come from the program (routes), or that
/// a cap bounds (tenants).
pub(crate) struct CowMap<K, V> {
    entries: ArcSwap<Map<K, V>>,
    writing: Mutex<()>,
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
    /// Writers take turns; what `change` returns is handed back. A map that `change` left as it was is not
    /// copied: it says so by returning before it asks for the copy.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut Draft<'_, K, V>) -> R) -> R {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.entries.load_full();
        let mut draft = Draft { current: &current, copy: None };
        let result = change(&mut draft);
        if let Some(copy) = draft.copy {
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
            self.update(|draft| match draft.read().get(key) {
                Some(value) => value.clone(),
                None => {
                    let value = make();
                    draft.write().insert(key.to_owned(), value.clone());
                    value
                }
            })
        })
    }
}

/// The map under change; see [`CowMap::update`].
pub(crate) struct Draft<'a, K, V> {
    current: &'a Map<K, V>,
    copy: Option<Map<K, V>>,
}

impl<K: Eq + Hash + Clone, V: Clone> Draft<'_, K, V> {
    pub(crate) fn read(&self) -> &Map<K, V> {
        self.copy.as_ref().unwrap_or(self.current)
    }

    pub(crate) fn write(&mut self) -> &mut Map<K, V> {
        self.copy.get_or_insert_with(|| self.current.clone())
    }
}
