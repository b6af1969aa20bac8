//! The time that samples carry: the wall clock's, but it never goes back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tower_watch_layers::clock::{Clock, Instant};

/// How far ahead of the wall clock, in milliseconds, counts as drift and not as a wall clock that was set back.
const DRIFT: i64 = 10_000;

/// One part in so many it goes slower until a drift is made good: more than clocks drift apart, and too little to
/// show in a rate.
const SLOWER: i64 = 1_000;

/// A wall clock that is carried on by the monotonic one: where the system's wall clock jumps forward it follows, and
/// where that jumps back it goes on as if nothing had been.
///
/// The monotonic clock counts a processor's cycles and is calibrated once, so over weeks it would run away from the
/// wall clock by minutes. Where it is a little ahead, time goes a little slower.
///
/// A clone shows the same time. Who asks for it waits for nobody who reads or writes samples.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    clock: Clock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    anchor: (Instant, i64),
    /// The latest time that was given to anybody.
    given: i64,
}

impl Timeline {
    pub(crate) fn new(clock: Clock) -> Self {
        let (wall, now) = read(&clock);
        Self { clock, state: Arc::new(Mutex::new(State { anchor: (now, wall), given: wall })) }
    }

    /// Milliseconds since the Unix epoch; never less than before.
    pub(crate) fn now(&self) -> i64 {
        self.at_least(i64::MIN)
    }

    /// Starts no earlier than here: a time that samples carry already.
    pub(crate) fn not_before(&self, time: i64) {
        self.at_least(time);
    }

    fn at_least(&self, least: i64) -> i64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (wall, now) = read(&self.clock);
        state.go_on(wall, now, least)
    }
}

impl State {
    /// Reads the two clocks into a time, at least this one.
    fn go_on(&mut self, wall: i64, now: Instant, least: i64) -> i64 {
        let (since, millis) = self.anchor;
        let elapsed = i64::try_from(now.since(since).as_millis()).unwrap_or(i64::MAX);
        let carried = millis.saturating_add(elapsed);
        let time = match carried - wall {
            ahead @ 1..=DRIFT => carried - ahead.min(elapsed / SLOWER),
            ahead => carried - ahead.min(0),
        };
        let time = time.max(least);
        if time != carried {
            self.anchor = (now, time);
        }
        self.given = self.given.max(time);
        self.given
    }
}

/// The wall clock, and the monotonic one right after it: if this thread sleeps in between, the wall's time is taken for
/// a little later than it was, which the next reading mends, and never for earlier, which nothing could.
fn read(clock: &Clock) -> (i64, Instant) {
    let since = clock.wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let wall = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    (wall, clock.now())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Timeline;
    use tower_watch_layers::clock::Clock;

    const START: i64 = 1_767_225_600_000;

    #[test]
    fn a_monotonic_clock_that_is_too_fast_is_slowed_down_to_the_wall_clock() {
        let (clock, hand) = Clock::fake();
        let timeline = Timeline::new(clock);
        let (mut before, mut walled) = (timeline.now(), START);
        // A day of seconds, each of which the wall clock shows to be 2 ms shorter every tenth time: 200 in a million.
        for second in 0..86_400 {
            hand.advance(Duration::from_secs(1));
            walled += 1_000;
            if second % 10 == 0 {
                hand.jump_wall(-2);
                walled -= 2;
            }
            let now = timeline.now();
            assert!(now >= before && now - walled <= 10, "{}", now - walled);
            before = now;
        }
    }

    #[test]
    fn time_stands_still_sooner_than_it_goes_back() {
        let (clock, hand) = Clock::fake();
        let timeline = Timeline::new(clock);
        hand.advance(Duration::from_secs(100));
        assert_eq!(timeline.now(), START + 100_000);
        hand.jump_wall(-1_000);
        hand.advance(Duration::from_millis(1));
        assert_eq!(timeline.now(), START + 100_000);
        hand.advance(Duration::from_secs(10));
        assert_eq!(timeline.now(), START + 109_891);
    }
}
