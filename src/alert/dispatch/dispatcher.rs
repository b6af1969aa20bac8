//! Groups, and when they speak.

use std::sync::Arc;

use crate::alert::config::Routing;
use crate::alert::dispatch::Book;
use crate::alert::notify::outbox::Outbox;
use crate::alert::state::{Disk, Writes};

/// Routes alerts into groups, and decides what each group tells whom.
#[derive(Debug)]
pub(crate) struct Dispatcher {
    routing: Arc<Routing>,
}

impl Dispatcher {
    /// This routing, with the state that the disk remembers.
    pub(crate) fn new(routing: Arc<Routing>, _disk: &Disk) -> Self {
        Self { routing }
    }

    /// Goes on with another routing.
    pub(crate) fn reload(&mut self, routing: Arc<Routing>, _book: &Book, _now: i64, _writes: &mut Writes) {
        self.routing = routing;
    }

    /// When the next group speaks.
    pub(crate) fn next_due(&self) -> Option<i64> {
        None
    }

    /// Lets every group speak that is due.
    pub(crate) fn run(&mut self, _now: i64, _book: &Book, _outbox: &mut Outbox, _writes: &mut Writes) {}
}
