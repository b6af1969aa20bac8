//! Times of the week and of the year, in which routes are muted or active
//! (<https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0>).
//!
//! A time is in a [`TimeInterval`] if it is in one of its [`Period`]s; in a period, if it passes each of the period's lists
//! that is given, in the period's own time zone. Clock times are those that a clock on the wall there shows: on a day with a
//! change to summer time 02:30 does not happen, on the day of the change back it happens twice, and both times count.

mod interval;
mod parse;
mod period;
mod section;

pub use crate::alert::config::intervals::interval::TimeInterval;
pub(crate) use crate::alert::config::intervals::parse::WEEKDAYS;
pub use crate::alert::config::intervals::period::{Period, PeriodError};
pub(crate) use crate::alert::config::intervals::section::IntervalSection;
