//! Ranges of times as they are written.

use std::ops::RangeInclusive;

use jiff::tz::TimeZone;

pub(crate) const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month that is the shortest has so many days.
const SHORTEST_MONTH: i64 = 28;

type Range = RangeInclusive<i64>;

/// In minutes of the day.
pub(super) fn times(start: &str, end: &str) -> Result<(u16, u16), String> {
    let (start_minute, end_minute) = (minute(start)?, minute(end)?);
    match start_minute < end_minute {
        true => Ok((start_minute, end_minute)),
        false => Err(format!(
            "{end} is not after {start}; times over midnight are two ranges, {start} to 24:00 and 00:00 to {end}"
        )),
    }
}

fn minute(text: &str) -> Result<u16, String> {
    let number = |digits: &str| match digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        true => digits.parse::<u16>().ok(),
        false => None,
    };
    let minute = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (number(hour)?, number(minute)?);
        (hour < 24 && minute < 60 || hour == 24 && minute == 0).then_some(hour * 60 + minute)
    });
    minute.ok_or_else(|| {
        format!("{:?} is no time of the day; write two digits each, as in 09:00 or 24:00", shown(text))
    })
}

pub(super) fn weekdays(text: &str) -> Result<Range, String> {
    let day = |name: &str| {
        let lower = name.to_lowercase();
        let at = WEEKDAYS.iter().position(|day| *day == lower);
        at.and_then(|at| i64::try_from(at).ok()).ok_or_else(|| {
            format!("{:?} is no day of the week; write its whole name, as in monday", shown(name))
        })
    };
    let range = range(text, day)?;
    match range.is_empty() {
        true => Err(format!(
            "{text} ends before it starts, since a week starts on Sunday; write two ranges, as in friday:saturday and sunday"
        )),
        false => Ok(range),
    }
}

pub(super) fn days_of_month(text: &str) -> Result<Range, String> {
    let day = |number: &str| match number.parse::<i64>() {
        Ok(day) if day != 0 && (-31..=31).contains(&day) => Ok(day),
        _ => Err(format!(
            "{:?} is no day of the month; write 1 to 31, or -1 to -31 from its end",
            shown(number)
        )),
    };
    let range = range(text, day)?;
    let (start, end) = (*range.start(), *range.end());
    if start < 0 && end > 0 {
        return Err(format!("{text} starts at the month's end and ends at its start; write an end below 0"));
    }
    // As upstream reckons: by the shortest month.
    let counted = |day: i64| if day < 0 { SHORTEST_MONTH + day } else { day };
    match counted(start) > counted(end) {
        true => {
            Err(format!("{text} ends before it starts in some months; write an earlier start or a later end"))
        }
        false => Ok(range),
    }
}

/// A number that no month has is read, as upstream does; see [`has_no_month`].
pub(super) fn months(text: &str) -> Result<Range, String> {
    let month = |name: &str| {
        let lower = name.to_lowercase();
        let named = MONTHS.iter().position(|month| *month == lower).and_then(|at| i64::try_from(at + 1).ok());
        named.or_else(|| name.parse().ok()).ok_or_else(|| {
            format!("{:?} is no month; write its whole name, as in january, or 1 to 12", shown(name))
        })
    };
    in_order(
        text,
        range(text, month)?,
        "a year starts in January; write two ranges, as in november:december and 1:2",
    )
}

pub(super) fn years(text: &str) -> Result<Range, String> {
    let year = |number: &str| {
        number
            .parse::<i64>()
            .map_err(|_| format!("{:?} is no year; write a number, as in 2025", shown(number)))
    };
    in_order(text, range(text, year)?, "write the earlier year first")
}

/// Whether no month is in a range.
pub(super) fn has_no_month(range: &Range) -> bool {
    *range.end() < 1 || *range.start() > 12
}

/// `None` for UTC.
pub(super) fn location(name: &str) -> Result<Option<TimeZone>, String> {
    match name {
        "" | "UTC" => Ok(None),
        "Local" => Ok(Some(TimeZone::system())),
        _ => TimeZone::get(name).map(Some).map_err(|_| {
            let mend =
                "write a name as in Europe/Berlin, and see that the system has its time zones (tzdata)";
            format!("{:?} is no time zone that this system knows; {mend}", shown(name))
        }),
    }
}

fn in_order(text: &str, range: Range, mend: &str) -> Result<Range, String> {
    match range.is_empty() {
        true => Err(format!("{text} ends before it starts; {mend}")),
        false => Ok(range),
    }
}

/// `start:end`, or one value for both.
fn range(text: &str, value: impl Fn(&str) -> Result<i64, String>) -> Result<Range, String> {
    match text.split_once(':') {
        Some((start, end)) => Ok(value(start)?..=value(end)?),
        None => value(text).map(|one| one..=one),
    }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
