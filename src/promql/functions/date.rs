//! Dates of a timestamp: `year`, `month`, `day_of_week` and the others, in UTC, in the proleptic Gregorian calendar.
//!
//! Any float may come in. What is not a number or not finite has no date and gives `NaN` (Go, and so Prometheus,
//! leaves that case to the processor); what is too large for 64 bits of seconds counts as the largest.
//!
//! The conversion from days is Howard Hinnant's `civil_from_days` ("chrono-Compatible Low-Level Date Algorithms"):
//! years begin in March there, so that the leap day is the last one.

use crate::promql::functions::Function;

const DAY: i64 = 86_400;

/// The function of a timestamp in seconds; nothing for a function that asks no date.
pub(crate) fn part(function: Function, timestamp: f64) -> Option<f64> {
    let of: fn(i64) -> i64 = match function {
        Function::DayOfMonth => |seconds| Date::of(seconds).day,
        // 1970-01-01 was a Thursday; Sunday is 0.
        Function::DayOfWeek => |seconds| (seconds.div_euclid(DAY) + 4).rem_euclid(7),
        Function::DayOfYear => |seconds| Date::of(seconds).day_of_year(),
        Function::DaysInMonth => |seconds| Date::of(seconds).days_in_month(),
        Function::Hour => |seconds| seconds.rem_euclid(DAY) / 3600,
        Function::Minute => |seconds| seconds.rem_euclid(3600) / 60,
        Function::Month => |seconds| Date::of(seconds).month,
        Function::Year => |seconds| Date::of(seconds).year,
        _ => return None,
    };
    // `as` cuts off towards zero, and to the ends of the range.
    Some(if timestamp.is_finite() { of(timestamp as i64) as f64 } else { f64::NAN })
}

struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    fn of(seconds: i64) -> Self {
        // Days since 0000-03-01.
        let days = seconds.div_euclid(DAY) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Self { year: era * 400 + year_of_era + i64::from(month <= 2), month, day }
    }

    fn is_leap_year(&self) -> bool {
        self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0)
    }

    fn days_in_month(&self) -> i64 {
        match self.month {
            2 => 28 + i64::from(self.is_leap_year()),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn day_of_year(&self) -> i64 {
        const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let leap = i64::from(self.month > 2 && self.is_leap_year());
        BEFORE[self.month as usize - 1] + leap + self.day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Function; 8] = [
        Function::Year,
        Function::Month,
        Function::DayOfMonth,
        Function::DayOfYear,
        Function::DayOfWeek,
        Function::DaysInMonth,
        Function::Hour,
        Function::Minute,
    ];

    fn parts(timestamp: f64) -> [f64; 8] {
        ALL.map(|function| part(function, timestamp).unwrap_or(-1.0))
    }

    #[test]
    fn known_days() {
        assert_eq!(parts(0.0), [1970.0, 1.0, 1.0, 1.0, 4.0, 31.0, 0.0, 0.0]);
        assert_eq!(parts(-1.0), [1969.0, 12.0, 31.0, 365.0, 3.0, 31.0, 23.0, 59.0]);
        // Tuesday, 2000-02-29 12:34:56, and Wednesday, 2024-12-31 23:59:59.
        assert_eq!(parts(951_827_696.0), [2000.0, 2.0, 29.0, 60.0, 2.0, 29.0, 12.0, 34.0]);
        assert_eq!(parts(1_735_689_599.9), [2024.0, 12.0, 31.0, 366.0, 2.0, 31.0, 23.0, 59.0]);
        // 1900 was no leap year: Thursday, 1900-03-01.
        assert_eq!(parts(-2_203_891_200.0), [1900.0, 3.0, 1.0, 60.0, 4.0, 31.0, 0.0, 0.0]);
    }

    #[test]
    fn every_day_follows_the_one_before_it() {
        let mut before = Date::of(-800 * 366 * DAY);
        for day in -800 * 366 + 1..800 * 366 {
            let date = Date::of(day * DAY);
            let next = if before.day < before.days_in_month() {
                (before.year, before.month, before.day + 1)
            } else if before.month < 12 {
                (before.year, before.month + 1, 1)
            } else {
                (before.year + 1, 1, 1)
            };
            assert_eq!((date.year, date.month, date.day), next);
            before = date;
        }
    }

    #[test]
    fn no_float_panics() {
        for timestamp in [f64::MAX, f64::MIN, 1e18, -1e18, i64::MAX as f64, i64::MIN as f64] {
            assert!(parts(timestamp).iter().all(|part| part.is_finite()), "{timestamp}");
        }
        for timestamp in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(parts(timestamp).iter().all(|part| part.is_nan()), "{timestamp}");
        }
    }
}
