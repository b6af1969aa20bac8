//! When a line was written, as RFC 3339 says: `2026-11-20T16:04:05.123456Z`.

use std::time::{Duration, SystemTime};

const SECONDS_OF_A_DAY: u64 = 86_400;

/// A day and a time of day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Utc {
    year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
    micros: u32,
}

impl Utc {
    /// Times before 1970 and after 9999 are cut to what four digits can say.
    pub(crate) fn of(time: SystemTime) -> Self {
        const LAST: Duration = Duration::from_secs(253_402_300_799);
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().min(LAST);
        let seconds = since.as_secs();
        let (year, month, day) = civil(seconds / SECONDS_OF_A_DAY);
        let second_of_day = seconds % SECONDS_OF_A_DAY;
        Self { year, month, day, second_of_day, micros: since.subsec_micros() }
    }

    /// Appends `2026-11-20T16:04:05.123456Z`.
    pub(crate) fn push_to(self, out: &mut String) {
        self.push_date(out);
        out.push('T');
        self.push_time(out);
        out.push('Z');
    }

    /// Appends `2026-11-20`.
    pub(crate) fn push_date(self, out: &mut String) {
        push_two(out, self.year / 100);
        push_two(out, self.year % 100);
        out.push('-');
        push_two(out, self.month);
        out.push('-');
        push_two(out, self.day);
    }

    /// Appends `16:04:05.123456`.
    pub(crate) fn push_time(self, out: &mut String) {
        let second = self.second_of_day;
        push_two(out, second / 3_600);
        out.push(':');
        push_two(out, second / 60 % 60);
        out.push(':');
        push_two(out, second % 60);
        out.push('.');
        let micros = u64::from(self.micros);
        push_two(out, micros / 10_000);
        push_two(out, micros / 100 % 100);
        push_two(out, micros % 100);
    }

    /// Appends `160405`.
    pub(crate) fn push_clock(self, out: &mut String) {
        let second = self.second_of_day;
        push_two(out, second / 3_600);
        push_two(out, second / 60 % 60);
        push_two(out, second % 60);
    }
}

fn push_two(out: &mut String, number: u64) {
    const DIGITS: &str = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748\
                          4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495\
                          96979899";
    let at = usize::try_from(number % 100 * 2).unwrap_or(0);
    out.push_str(&DIGITS[at..at + 2]);
}

/// The day of the Gregorian calendar, from days since 1970-01-01; after
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, micros, expected) in [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, 999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000001Z"),
            (1_767_225_599, 0, "2025-12-31T23:59:59.000000Z"),
            (4_107_542_399, 120_034, "2100-02-28T23:59:59.120034Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000Z"),
            (253_402_300_800, 0, "9999-12-31T23:59:59.000000Z"),
        ] {
            let mut text = String::new();
            Utc::of(SystemTime::UNIX_EPOCH + Duration::new(seconds, micros * 1_000)).push_to(&mut text);
            assert_eq!(text, expected);
        }
    }
}
