//! An election among the watches of one process: for tests.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tower_watch_layers::clock::{Clock, Instant};

use crate::alert::election::{Change, Election, ElectionError, LEASE, Round, Seat, Step};

/// A shared place in memory. Clones are the same place.
#[derive(Clone, Debug, Default)]
pub struct MemoryElection {
    clock: Clock,
    scopes: Arc<Mutex<HashMap<String, Scope>>>,
}

#[derive(Debug, Default)]
struct Scope {
    sender: Option<(String, Instant)>,
    said: BTreeMap<String, (Instant, Vec<u8>)>,
    remembered: BTreeMap<String, Vec<u8>>,
}

impl MemoryElection {
    /// A place where leases run by this clock.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self { clock, scopes: Arc::default() }
    }

    fn scopes(&self) -> MutexGuard<'_, HashMap<String, Scope>> {
        self.scopes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_turn(&self, seat: &Seat, said: &[u8]) -> Round {
        let now = self.clock.now();
        let mut scopes = self.scopes();
        let scope = scopes.entry(seat.scope.clone()).or_default();
        scope.said.retain(|_, (at, _)| now.since(*at) < LEASE);
        scope.said.insert(seat.replica.clone(), (now, said.to_vec()));
        let free = scope.sender.as_ref().is_none_or(|(_, at)| now.since(*at) >= LEASE);
        let is_new = free || !scope.is_sender(seat);
        if free || scope.is_sender(seat) {
            scope.sender = Some((seat.replica.clone(), now));
        }
        let is_sender = scope.is_sender(seat);
        let others = scope.said.iter().filter(|(replica, _)| is_sender && **replica != seat.replica);
        Round {
            is_sender,
            is_new: is_sender && is_new,
            others: others.map(|(replica, (_, said))| (replica.clone(), said.clone())).collect(),
        }
    }

    fn write(&self, seat: &Seat, changes: &[Change]) -> Result<(), ElectionError> {
        let mut scopes = self.scopes();
        let scope = scopes.entry(seat.scope.clone()).or_default();
        if !scope.is_sender(seat) {
            return Err(ElectionError::new("another replica was elected meanwhile"));
        }
        for (key, record) in changes {
            match record {
                Some(record) => scope.remembered.insert(key.clone(), record.clone()),
                None => scope.remembered.remove(key),
            };
        }
        Ok(())
    }
}

impl Scope {
    fn is_sender(&self, seat: &Seat) -> bool {
        self.sender.as_ref().is_some_and(|(sender, _)| *sender == seat.replica)
    }
}

impl Election for MemoryElection {
    fn step<'a>(&'a self, seat: &'a Seat, said: &'a [u8]) -> Step<'a, Round> {
        Box::pin(async move { Ok(self.take_turn(seat, said)) })
    }

    fn remember<'a>(&'a self, seat: &'a Seat, changes: &'a [Change]) -> Step<'a, ()> {
        Box::pin(async move { self.write(seat, changes) })
    }

    fn remembered<'a>(&'a self, seat: &'a Seat) -> Step<'a, Vec<(String, Vec<u8>)>> {
        Box::pin(async move {
            let scopes = self.scopes();
            let remembered = scopes.get(&seat.scope).map(|scope| scope.remembered.clone());
            Ok(remembered.unwrap_or_default().into_iter().collect())
        })
    }

    fn leave<'a>(&'a self, seat: &'a Seat) -> Step<'a, ()> {
        Box::pin(async move {
            if let Some(scope) = self.scopes().get_mut(&seat.scope) {
                scope.said.remove(&seat.replica);
                if scope.is_sender(seat) {
                    scope.sender = None;
                }
            }
            Ok(())
        })
    }
}
