//! Which times are in an interval: as Alertmanager sees it, and on days of 23 and 25 hours.

use tower_watch::alert::config::{Routing, TimeInterval};

fn interval(lists: &str) -> TimeInterval {
    let text = format!(
        "route: {{receiver: a}}\nreceivers: [{{name: a}}]\n\
         time_intervals: [{{name: x, time_intervals: [{{{lists}}}]}}]"
    );
    Routing::from_yaml(&text).unwrap().time_interval("x").unwrap().clone()
}

/// Milliseconds of a time in UTC: `2025-03-30 01:30`.
fn at(text: &str) -> i64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Days since 1970, by counting years from March (https://howardhinnant.github.io/date_algorithms.html#days_from_civil).
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    ((days * 24 + number(11, 13)) * 60 + number(14, 16)) * 60_000
}

#[test]
fn times_are_in_an_interval_or_not() {
    assert_eq!(at("1970-01-01 00:00"), 0);
    assert_eq!(at("2024-02-29 12:00"), 1_709_208_000_000);
    for (lists, inside, outside) in [
        ("", vec!["1970-01-01 00:00", "2025-06-15 12:00"], vec![]),
        (
            "times: [{start_time: '09:00', end_time: '17:00'}]",
            vec!["2025-06-15 09:00", "2025-06-15 16:59"],
            vec!["2025-06-15 08:59", "2025-06-15 17:00"],
        ),
        (
            "times: [{start_time: '23:00', end_time: '24:00'}]",
            vec!["2025-06-15 23:59"],
            vec!["2025-06-16 00:00"],
        ),
        (
            "times: [{start_time: '00:00', end_time: '01:00'}, {start_time: '02:00', end_time: '03:00'}]",
            vec!["2025-06-15 00:30", "2025-06-15 02:30"],
            vec!["2025-06-15 01:30"],
        ),
        // 15 June 2025 is a Sunday.
        (
            "weekdays: ['monday:friday']",
            vec!["2025-06-16 00:00", "2025-06-20 23:59"],
            vec!["2025-06-15 12:00", "2025-06-21 00:00"],
        ),
        (
            "weekdays: [saturday, sunday]",
            vec!["2025-06-14 12:00", "2025-06-15 12:00"],
            vec!["2025-06-16 12:00"],
        ),
        ("days_of_month: ['1:3']", vec!["2025-06-01 00:00", "2025-06-03 23:59"], vec!["2025-06-04 00:00"]),
        (
            "days_of_month: ['-3:-1']",
            vec!["2025-02-26 12:00", "2025-02-28 12:00", "2024-02-29 12:00", "2025-03-31 12:00"],
            vec!["2025-02-25 12:00", "2024-02-26 12:00", "2025-03-28 12:00"],
        ),
        ("days_of_month: ['31']", vec!["2025-03-31 12:00"], vec!["2025-04-30 12:00", "2025-02-28 12:00"]),
        ("days_of_month: ['30:31']", vec!["2025-04-30 12:00"], vec!["2025-04-29 12:00", "2025-02-28 12:00"]),
        ("days_of_month: ['-31:-1']", vec!["2025-02-01 12:00", "2025-02-28 12:00"], vec![]),
        ("days_of_month: ['1:-1']", vec!["2025-02-01 12:00", "2025-02-28 12:00"], vec![]),
        ("days_of_month: ['-31']", vec!["2025-03-01 12:00"], vec!["2025-04-01 12:00", "2025-02-01 12:00"]),
        (
            "months: ['may:august', 12]",
            vec!["2025-05-01 00:00", "2025-12-31 23:59"],
            vec!["2025-04-30 23:59", "2025-09-01 00:00"],
        ),
        ("months: ['13']", vec![], vec!["2025-01-01 00:00", "2025-12-31 00:00"]),
        (
            "years: ['2024:2025']",
            vec!["2024-01-01 00:00", "2025-12-31 23:59"],
            vec!["2023-12-31 23:59", "2026-01-01 00:00"],
        ),
        (
            "weekdays: [sunday], months: [june], times: [{start_time: '10:00', end_time: '11:00'}]",
            vec!["2025-06-15 10:30"],
            vec!["2025-06-15 11:30", "2025-06-16 10:30", "2025-07-06 11:30"],
        ),
        // No element that could be satisfied.
        ("months: []", vec![], vec!["2025-06-15 12:00"]),
        // In another zone it is another day, month and year.
        (
            "years: ['2026'], months: [january], days_of_month: ['1'], weekdays: [thursday], location: Australia/Sydney",
            vec!["2025-12-31 13:00", "2026-01-01 12:59"],
            vec!["2025-12-31 12:59", "2026-01-01 13:00"],
        ),
        // Berlin goes from 02:00 to 03:00 at 01:00 UTC on 30 March 2025: there is no 02:30.
        (
            "times: [{start_time: '02:00', end_time: '03:00'}], location: Europe/Berlin",
            vec!["2025-03-29 01:30", "2025-03-31 00:30"],
            vec!["2025-03-30 00:59", "2025-03-30 01:00", "2025-03-30 01:30"],
        ),
        (
            "times: [{start_time: '01:00', end_time: '04:00'}], location: Europe/Berlin",
            vec!["2025-03-30 00:00", "2025-03-30 00:59", "2025-03-30 01:00", "2025-03-30 01:59"],
            vec!["2025-03-29 23:59", "2025-03-30 02:00"],
        ),
        // And back from 03:00 to 02:00 at 01:00 UTC on 26 October 2025: 02:30 is there twice.
        (
            "times: [{start_time: '02:00', end_time: '03:00'}], location: Europe/Berlin",
            vec!["2025-10-26 00:00", "2025-10-26 00:59", "2025-10-26 01:00", "2025-10-26 01:59"],
            vec!["2025-10-25 23:59", "2025-10-26 02:00"],
        ),
        // A day of 25 hours is a day.
        (
            "weekdays: [sunday], location: Europe/Berlin",
            vec!["2025-10-25 22:00", "2025-10-26 22:59"],
            vec!["2025-10-25 21:59", "2025-10-26 23:00"],
        ),
        // Half an hour off the hour.
        (
            "times: [{start_time: '09:00', end_time: '10:00'}], location: Asia/Kolkata",
            vec!["2025-06-15 03:30", "2025-06-15 04:29"],
            vec!["2025-06-15 03:29", "2025-06-15 04:30"],
        ),
    ] {
        let interval = interval(lists);
        for time in inside {
            assert!(interval.contains(at(time)), "{time} is in {lists}");
        }
        for time in outside {
            assert!(!interval.contains(at(time)), "{time} is not in {lists}");
        }
    }
}

#[test]
fn seconds_count_to_the_end_of_their_minute_and_odd_times_do_no_harm() {
    let interval = interval("times: [{start_time: '09:00', end_time: '17:00'}]");
    let last = at("2025-06-15 16:59");
    assert!(interval.contains(last + 59_999));
    assert!(!interval.contains(last + 60_000));
    for time in [i64::MIN, i64::MAX] {
        assert!(!interval.contains(time));
    }
    assert!(interval.contains(at("1969-12-31 09:00")));
}

#[test]
fn an_interval_without_periods_has_no_time() {
    assert!(!TimeInterval::new("x").contains(at("2025-06-15 12:00")));
}
