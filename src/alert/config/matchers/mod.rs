//! Matchers as Alertmanager writes them: `severity="critical"`, `{team=~"a|b", env!=dev}`.
//!
//! Two readers, as upstream has (<https://prometheus.io/docs/alerting/latest/configuration/#matcher>): the classic one, in which
//! a value needs no quotes and may hold anything but a comma, and the one of version 0.27, in which names may be any UTF-8 in
//! quotes. A text that the classic one understands means what it means there; the other gets the rest.

mod classic;
mod matcher;
mod quoted;
#[cfg(test)]
mod tests;

pub(crate) use crate::alert::config::matchers::matcher::matcher;
pub use crate::alert::config::matchers::matcher::parse_matchers;
