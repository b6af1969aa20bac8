//! Where a day begins.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The zone of this name, among those that the system knows.
pub(crate) fn named(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        format!(
            "{name:?} is no time zone that this system knows; give a name such as \"Europe/Zurich\" or \"UTC\" \
             (where the system has no zones at all, install tzdata)"
        )
    })
}

/// When the day began that a moment is in; both in milliseconds since the Unix epoch. Where the clocks are set forward
/// at midnight, a day begins at one o'clock.
pub(crate) fn midnight(zone: &TimeZone, time: i64) -> i64 {
    let began = Timestamp::from_millisecond(time)
        .and_then(|time| time.to_zoned(zone.clone()).start_of_day())
        .map(|began| began.timestamp().as_millisecond());
    // Only for years that no calendar has.
    began.unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::{midnight, named};

    fn began(zone: &str, time: &str) -> String {
        let millis = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        let began = midnight(&named(zone).unwrap(), millis(time));
        jiff::Timestamp::from_millisecond(began).unwrap().to_string()
    }

    #[test]
    fn a_day_begins_where_its_zone_says() {
        for (zone, time, expected) in [
            ("UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("UTC", "2025-12-31T23:59:59.999Z", "2025-12-31T00:00:00Z"),
            ("Europe/Zurich", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z"),
            ("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2025-12-31T18:15:00Z"),
            // Days of 23 and of 25 hours.
            ("Europe/Zurich", "2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z"),
            ("Europe/Zurich", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z"),
            // Here the clocks went from midnight to one o'clock.
            ("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z"),
        ] {
            assert_eq!(began(zone, time), expected, "{time} in {zone}");
        }
    }

    #[test]
    fn an_unknown_zone_is_named() {
        assert!(named("Mars/Olympus").unwrap_err().starts_with("\"Mars/Olympus\" is no time zone"));
    }
}
