//! A named set of times.

use crate::alert::config::intervals::Period;

/// A named set of times, for routes to be muted or active in.
///
/// ```
/// use tower_watch::alert::config::{Period, TimeInterval};
///
/// # fn main() -> Result<(), tower_watch::alert::config::PeriodError> {
/// let nights = Period::new().weekdays("monday:friday")?.times("18:00", "24:00")?.location("Europe/Berlin")?;
/// let offhours = TimeInterval::new("offhours").during(nights).during(Period::new().weekdays("saturday:saturday")?);
/// // Saturday, 2 August 2025, 12:00 UTC.
/// assert!(offhours.contains(1_754_136_000_000));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TimeInterval {
    /// What routes call it.
    pub name: String,
    /// A time is in the interval if it is in one of them; none is in an interval without.
    pub periods: Vec<Period>,
}

impl TimeInterval {
    /// No time at all, under this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), periods: Vec::new() }
    }

    /// Also these times.
    #[must_use]
    pub fn during(mut self, period: Period) -> Self {
        self.periods.push(period);
        self
    }

    /// Whether this time (milliseconds since the Unix epoch) is in it. One that no calendar has is not.
    #[must_use]
    pub fn contains(&self, time: i64) -> bool {
        jiff::Timestamp::from_millisecond(time)
            .is_ok_and(|time| self.periods.iter().any(|period| period.contains(time)))
    }
}
