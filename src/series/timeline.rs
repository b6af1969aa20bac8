//! The time that samples carry: the wall clock's, but it never goes back.

use std::time::SystemTime;

use tower_watch_layers::clock::{Clock, Instant};

/// A wall clock that is carried on by the monotonic one: where the system's wall clock jumps forward it follows, and
/// where that jumps back it goes on as if nothing had been.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: Clock,
    anchor: (Instant, i64),
}

impl Timeline {
    pub(crate) fn new(clock: Clock) -> Self {
        let anchor = (clock.now(), wall_millis(&clock));
        Self { clock, anchor }
    }

    /// Milliseconds since the Unix epoch; never less than before.
    pub(crate) fn now(&mut self) -> i64 {
        let (since, millis) = self.anchor;
        let now = self.clock.now();
        let carried = millis.saturating_add(i64::try_from(now.since(since).as_millis()).unwrap_or(i64::MAX));
        let wall = wall_millis(&self.clock);
        if wall > carried {
            self.anchor = (now, wall);
            wall
        } else {
            carried
        }
    }

    /// Starts no earlier than here: a time that samples carry already.
    pub(crate) fn not_before(&mut self, time: i64) {
        if self.now() < time {
            self.anchor = (self.clock.now(), time);
        }
    }
}

fn wall_millis(clock: &Clock) -> i64 {
    let since = clock.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
