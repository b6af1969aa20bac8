//! Times that all pass the same lists.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::alert::config::intervals::parse;

/// Times: those that pass every list that is given. A new one has all times, in UTC.
///
/// Ranges are inclusive and written as in a file, `monday:friday`, `1:5`, `may:august`; each call adds one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Period {
    /// Minutes of the day, the end not included.
    pub(crate) times: Option<Vec<(u16, u16)>>,
    /// 0 is Sunday.
    pub(crate) weekdays: Option<Vec<RangeInclusive<i64>>>,
    /// From 1; below 0 from the month's end.
    pub(crate) days_of_month: Option<Vec<RangeInclusive<i64>>>,
    pub(crate) months: Option<Vec<RangeInclusive<i64>>>,
    pub(crate) years: Option<Vec<RangeInclusive<i64>>>,
    /// `None` for UTC.
    pub(crate) location: Option<TimeZone>,
}

/// A range of times that cannot be, and how to write one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodError(pub(super) String);

impl Period {
    /// All times.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From one time of the day (`09:00`) up to another that is later (`24:00` at most), which is not in it.
    ///
    /// # Errors
    ///
    /// A time that there is not, or an end that is not after its start.
    pub fn times(mut self, start: &str, end: &str) -> Result<Self, PeriodError> {
        let range = parse::times(start, end).map_err(PeriodError)?;
        self.times.get_or_insert_default().push(range);
        Ok(self)
    }

    /// Days of the week by name, Sunday first: `monday:friday`, `sunday`.
    ///
    /// # Errors
    ///
    /// What is no day, or a range that goes over the end of the week.
    pub fn weekdays(mut self, range: &str) -> Result<Self, PeriodError> {
        let range = parse::weekdays(range).map_err(PeriodError)?;
        self.weekdays.get_or_insert_default().push(range);
        Ok(self)
    }

    /// Days of the month: `1:5`, `-3:-1` for the last three.
    ///
    /// # Errors
    ///
    /// A day that no month has, or a range that is always empty.
    pub fn days_of_month(mut self, range: &str) -> Result<Self, PeriodError> {
        let range = parse::days_of_month(range).map_err(PeriodError)?;
        self.days_of_month.get_or_insert_default().push(range);
        Ok(self)
    }

    /// Months by name or number: `may:august`, `12`.
    ///
    /// # Errors
    ///
    /// What is no month, or a range that goes over the end of the year.
    pub fn months(mut self, range: &str) -> Result<Self, PeriodError> {
        let range = parse::months(range).map_err(PeriodError)?;
        self.months.get_or_insert_default().push(range);
        Ok(self)
    }

    /// Years: `2025:2027`.
    ///
    /// # Errors
    ///
    /// What is no year, or a range that ends before it starts.
    pub fn years(mut self, range: &str) -> Result<Self, PeriodError> {
        let range = parse::years(range).map_err(PeriodError)?;
        self.years.get_or_insert_default().push(range);
        Ok(self)
    }

    /// In this time zone (`Europe/Berlin`; `Local` for the system's), in place of UTC.
    ///
    /// # Errors
    ///
    /// A time zone that this system does not know.
    pub fn location(mut self, name: &str) -> Result<Self, PeriodError> {
        self.location = parse::location(name).map_err(PeriodError)?;
        Ok(self)
    }

    pub(super) fn contains(&self, time: Timestamp) -> bool {
        let zone = self.location.clone().unwrap_or(TimeZone::UTC);
        let date = time.to_zoned(zone);
        let minute = i64::from(date.hour()) * 60 + i64::from(date.minute());
        let day = i64::from(date.day());
        let last_day = i64::from(date.days_in_month());
        let is_in = |ranges: &Option<Vec<RangeInclusive<i64>>>, value: i64| {
            ranges.as_ref().is_none_or(|ranges| ranges.iter().any(|range| range.contains(&value)))
        };
        let of_month = |day: i64| if day < 0 { last_day + day + 1 } else { day };
        self.times.as_ref().is_none_or(|times| {
            times.iter().any(|(start, end)| minute >= i64::from(*start) && minute < i64::from(*end))
        }) && self.days_of_month.as_ref().is_none_or(|ranges| {
            ranges.iter().any(|range| day >= of_month(*range.start()) && day <= of_month(*range.end()))
        }) && is_in(&self.months, i64::from(date.month()))
            && is_in(&self.weekdays, i64::from(date.weekday().to_sunday_zero_offset()))
            && is_in(&self.years, i64::from(date.year()))
    }
}

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PeriodError {}
