//! What is the same in all lines of one callsite, worked out once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::Metadata;

/// Tells the plans of one layer from those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlanSet(u64);

impl PlanSet {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Keeps plans on their thread, so that looking one up takes no lock. A callsite lives as long as the program, so its address
/// stands for it; their number is that of the places in the program that log.
#[derive(Debug)]
pub(crate) struct Plans<P: 'static> {
    known: HashMap<(PlanSet, usize), Rc<P>, BuildHasherDefault<AddressHasher>>,
}

impl<P> Default for Plans<P> {
    fn default() -> Self {
        Self { known: HashMap::default() }
    }
}

/// More are made where a program makes its callsites while it runs; then all are made anew.
const MOST: usize = 8_192;

impl<P> Plans<P> {
    /// The plan of a callsite.
    pub(crate) fn of(
        plans: &RefCell<Self>,
        set: PlanSet,
        metadata: &'static Metadata<'static>,
        make: impl FnOnce() -> P,
    ) -> Rc<P> {
        let key = (set, std::ptr::from_ref(metadata).addr());
        if let Some(plan) = plans.borrow().known.get(&key) {
            return Rc::clone(plan);
        }
        let plan = Rc::new(make());
        let known = &mut plans.borrow_mut().known;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, Rc::clone(&plan));
        plan
    }
}

/// Addresses of the program are spread by one multiplication.
#[derive(Debug, Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}
