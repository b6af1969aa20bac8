//! PagerDuty, over its Events API v2 (<https://developer.pagerduty.com/docs/events-api-v2-overview>).

mod config;
mod event;
mod receiver;

pub(crate) use crate::alert::receivers::pagerduty::config::PagerDutyConfig;
pub use crate::alert::receivers::pagerduty::receiver::PagerDuty;
