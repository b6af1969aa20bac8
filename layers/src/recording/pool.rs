//! Arenas that wait for their next exchange.

use std::sync::{Mutex, TryLockError};

use crate::recording::arena::Arena;

/// So many wait at most, each with at most so many bytes: 4 MiB in all.
const ARENAS: usize = 64;
const ARENA_BYTES: usize = 64 * 1024;

static POOL: Mutex<Vec<Arena>> = Mutex::new(Vec::new());

/// Runs `f` with the pool, unless another thread has it: nobody waits for an arena.
fn with<R>(f: impl FnOnce(&mut Vec<Arena>) -> R) -> Option<R> {
    match POOL.try_lock() {
        Ok(mut pool) => Some(f(&mut pool)),
        Err(TryLockError::Poisoned(pool)) => Some(f(&mut pool.into_inner())),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// An empty arena, with the room that an earlier exchange has made in it where there is one.
pub(crate) fn take() -> Arena {
    with(Vec::pop).flatten().unwrap_or_default()
}

/// Keeps the arena's room for another exchange, if it is not too much.
pub(crate) fn give(mut arena: Arena) {
    arena.clear();
    if arena.capacity_bytes() <= ARENA_BYTES {
        let mut arena = Some(arena);
        with(|pool| {
            if pool.len() < ARENAS {
                pool.extend(arena.take());
            }
        });
    }
}
