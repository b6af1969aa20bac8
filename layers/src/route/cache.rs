//! What an observer knows about a route.

use std::sync::{Arc, OnceLock};

use crate::cache::CowMap;
use crate::route::Route;

/// One value per route, made at its first request and shared by all exchanges of it.
///
/// Cloning gives a cache that shares the values but has a place of its own for the first route it meets: axum
/// wraps each endpoint once, so there the answer is a comparison of two pointers. Elsewhere it is a lookup in a
/// map that is read without a lock. Either way the cost does not grow with the number of routes.
#[derive(Debug)]
pub struct RouteCache<V> {
    first: OnceLock<Entry<V>>,
    /// By the address of the route, which the entry keeps alive.
    all: Arc<CowMap<usize, Entry<V>>>,
}

#[derive(Debug)]
struct Entry<V> {
    route: Arc<Route>,
    value: Arc<V>,
}

impl<V> Clone for Entry<V> {
    fn clone(&self) -> Self {
        Self { route: Arc::clone(&self.route), value: Arc::clone(&self.value) }
    }
}

impl<V> Default for RouteCache<V> {
    fn default() -> Self {
        Self { first: OnceLock::new(), all: Arc::default() }
    }
}

impl<V> Clone for RouteCache<V> {
    fn clone(&self) -> Self {
        Self { first: OnceLock::new(), all: Arc::clone(&self.all) }
    }
}

impl<V> RouteCache<V> {
    /// The value of `route`, made by `make` where it is missing.
    pub fn get(&self, route: &Arc<Route>, make: impl FnOnce() -> V) -> Arc<V> {
        match self.first.get() {
            Some(first) if Arc::ptr_eq(&first.route, route) => Arc::clone(&first.value),
            Some(_) => self.find(route, make).value,
            None => {
                let entry = self.find(route, make);
                let value = Arc::clone(&entry.value);
                // Lost to another thread: then that thread's route is the first, and this one is in the map.
                let _ = self.first.set(entry);
                value
            }
        }
    }

    fn find(&self, route: &Arc<Route>, make: impl FnOnce() -> V) -> Entry<V> {
        let address = Arc::as_ptr(route).addr();
        self.all.get_or_insert_with(&address, || Entry { route: Arc::clone(route), value: Arc::new(make()) })
    }
}
