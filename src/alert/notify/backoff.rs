//! When a message that did not arrive is tried again.

use std::time::Duration;

/// Before the second attempt. Doubles with each.
const FIRST: i64 = 2_000;
const LONGEST: i64 = 300_000;

/// What receivers ask for is believed between these.
const LEAST_ASKED: i64 = 1_000;
const MOST_ASKED: i64 = 3_600_000;

/// How long to wait, in milliseconds, after so many failures in a row (1 or more): what the receiver asks for (1 s to 1 h),
/// or else 1 to 2 s, 2 to 4 s, and so on, up to 2.5 to 5 minutes; by chance within these, so that those who failed together do
/// not come back together.
pub(crate) fn wait(failures: u32, asked: Option<Duration>) -> i64 {
    match asked {
        Some(asked) => i64::try_from(asked.as_millis()).unwrap_or(MOST_ASKED).clamp(LEAST_ASKED, MOST_ASKED),
        None => {
            let doublings = failures.saturating_sub(1).min(16);
            let longest = (FIRST << doublings).min(LONGEST);
            fastrand::i64(longest / 2..=longest)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::wait;

    #[test]
    fn waits_double_up_to_five_minutes_and_spread_over_their_upper_half() {
        for (failures, longest) in
            [(1, 2_000), (2, 4_000), (3, 8_000), (8, 256_000), (9, 300_000), (u32::MAX, 300_000)]
        {
            let waits: Vec<i64> = (0..200).map(|_| wait(failures, None)).collect();
            assert!(waits.iter().all(|wait| (longest / 2..=longest).contains(wait)), "{failures}: {waits:?}");
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{failures}: no jitter");
        }
    }

    #[test]
    fn what_the_receiver_asks_for_holds_up_to_an_hour() {
        let asked = |seconds| wait(5, Some(Duration::from_secs(seconds)));
        assert_eq!(
            [asked(0), asked(30), asked(3_600), asked(u64::MAX)],
            [1_000, 30_000, 3_600_000, 3_600_000]
        );
    }
}
