//! What an observer keeps with each route.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cache::Chain;
use crate::route::Route;

/// One value per route, kept with the route: made at its first request and there for all exchanges of it.
///
/// Finding it costs a comparison or two, however many routes there are. The value lives as long as the route does.
pub struct RouteState<V> {
    key: u64,
    value: PhantomData<fn() -> V>,
}

/// The values that observers keep with a route, by their keys.
#[derive(Debug, Default)]
pub(crate) struct States(Chain<u64, Box<dyn Any + Send + Sync>>);

impl<V> fmt::Debug for RouteState<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteState").field("key", &self.key).finish()
    }
}

impl<V: Send + Sync + 'static> Default for RouteState<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: Send + Sync + 'static> RouteState<V> {
    /// A place of one's own with every route.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { key: NEXT.fetch_add(1, Ordering::Relaxed), value: PhantomData }
    }

    /// The value of `route`, made by `make` where it is missing.
    pub fn get<'r>(&self, route: &'r Route, make: impl Fn() -> V) -> &'r V {
        route
            .states()
            .0
            .get_or_insert_with(self.key, || Box::new(make()))
            .downcast_ref()
            .expect("a key is given out once, so what lies under it is ours")
    }
}
