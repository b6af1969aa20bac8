//! When each series began.

use std::collections::HashMap;

/// When each series of some registers began, in nanoseconds since the Unix epoch. The registers do not know: recording reads
/// no clock. A series that was not there the last time began after it.
#[derive(Debug)]
pub(super) struct Beginnings {
    by_id: HashMap<u64, Seen>,
    last: u64,
    round: u64,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    began: u64,
    round: u64,
}

impl Beginnings {
    /// Nothing was read before this moment.
    pub(super) fn new(now: u64) -> Self {
        Self { by_id: HashMap::new(), last: now, round: 0 }
    }

    /// When this series began.
    pub(super) fn of(&mut self, id: u64) -> u64 {
        let new = Seen { began: self.last, round: self.round };
        let seen = self.by_id.entry(id).or_insert(new);
        seen.round = self.round;
        seen.began
    }

    /// All were asked for at this moment; those that were not are gone.
    pub(super) fn end_round(&mut self, now: u64) {
        self.by_id.retain(|_, seen| seen.round == self.round);
        self.round += 1;
        self.last = self.last.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::Beginnings;

    #[test]
    fn a_series_begins_after_the_last_time_that_it_was_not_there() {
        let mut beginnings = Beginnings::new(100);
        assert_eq!(beginnings.of(1), 100);
        beginnings.end_round(200);
        assert_eq!((beginnings.of(1), beginnings.of(2)), (100, 200));
        beginnings.end_round(300);
        assert_eq!(beginnings.of(2), 200);
        beginnings.end_round(400);
        assert_eq!(beginnings.of(1), 400, "it was gone in between");
    }
}
