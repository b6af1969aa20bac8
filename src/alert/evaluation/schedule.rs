//! When a group is due.
//!
//! At multiples of its interval, moved by a part of it that is its own, so that the groups of one interval do not all come at
//! once, and so that a restart changes no group's times.

use std::path::Path;

/// How long after a jump of the clock the store may take until it has samples of the new time: two ticks.
const SETTLE: i64 = 10_000;

/// When a group is due, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    interval: i64,
    offset: i64,
    next: i64,
}

/// A turn that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The time that is evaluated.
    pub(crate) time: i64,
    /// How many turns were left out before it.
    pub(crate) missed: u64,
}

impl Schedule {
    pub(crate) fn new(name: &str, file: Option<&Path>, interval: i64, now: i64) -> Self {
        let interval = interval.max(1);
        let file = file.map(Path::as_os_str).unwrap_or_default();
        let offset = hash([name.as_bytes(), file.as_encoded_bytes()]) % interval.unsigned_abs();
        let schedule = Self { interval, offset: offset.cast_signed(), next: 0 };
        Self { next: schedule.aligned(now) + interval, ..schedule }
    }

    pub(crate) fn interval(self) -> i64 {
        self.interval
    }

    pub(crate) fn next(self) -> i64 {
        self.next
    }

    /// The latest turn that is due, if one is.
    pub(crate) fn take(&mut self, now: i64) -> Option<Turn> {
        if now < self.next {
            return None;
        }
        let time = self.aligned(now);
        let missed = (time - self.next) / self.interval;
        self.next = time + self.interval;
        Some(Turn { time, missed: missed.unsigned_abs() })
    }

    /// Goes on after a time in which nothing was seen.
    pub(crate) fn resume(&mut self, now: i64) {
        self.next = self.aligned(now) + self.interval;
        if self.next - now < SETTLE.min(self.interval) {
            self.next += self.interval;
        }
    }

    /// The latest of its times that is not after this one.
    fn aligned(self, time: i64) -> i64 {
        time - (time - self.offset).rem_euclid(self.interval)
    }
}

/// FNV-1a, a byte 255 after each part.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let bytes = parts.into_iter().flat_map(|part| part.iter().copied().chain([255]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000;

    #[test]
    fn a_group_has_its_own_times_whenever_it_begins() {
        let early = Schedule::new("http", None, 15_000, NOW);
        let late = Schedule::new("http", None, 15_000, NOW + 1_000_003);
        assert!(early.next() > NOW && early.next() <= NOW + 15_000);
        assert_eq!((late.next() - early.next()) % 15_000, 0);
        let offsets: Vec<i64> =
            ["a", "b", "c"].map(|name| Schedule::new(name, None, 15_000, NOW).next()).to_vec();
        assert!(offsets.windows(2).any(|pair| pair[0] != pair[1]), "{offsets:?}");
    }

    #[test]
    fn what_was_missed_is_left_out_and_counted() {
        let mut schedule = Schedule::new("http", None, 15_000, NOW);
        let first = schedule.next();
        assert_eq!(schedule.take(first - 1), None);
        assert_eq!(schedule.take(first + 14_999), Some(Turn { time: first, missed: 0 }));
        assert_eq!(schedule.take(first + 14_999), None);
        assert_eq!(schedule.take(first + 60_000), Some(Turn { time: first + 60_000, missed: 3 }));
        assert_eq!(schedule.next(), first + 75_000);
    }

    #[test]
    fn after_a_jump_there_is_time_for_samples() {
        let mut schedule = Schedule::new("http", None, 15_000, NOW);
        for jump in 0..15 {
            schedule.resume(NOW + jump * 1_000);
            let wait = schedule.next() - NOW - jump * 1_000;
            assert!((SETTLE..=SETTLE + 15_000).contains(&wait), "{wait}");
        }
    }
}
