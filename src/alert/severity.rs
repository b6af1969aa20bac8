//! How bad an alert is, and what that is called elsewhere.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// How bad it is: the label `severity`.
///
/// The one table of what each becomes:
///
/// | severity | PagerDuty | Slack | mail subject | escalates after |
/// |---|---|---|---|---|
/// | `critical` | `critical` | `#a30200` | `[CRITICAL]` | 5 minutes |
/// | `high` | `error` | `#d9480f` | `[HIGH]` | 15 minutes |
/// | `warning` | `warning` | `#daa038` | `[WARNING]` | |
/// | `medium` | `warning` | `#daa038` | `[MEDIUM]` | |
/// | `low` | `info` | `#439fe0` | `[LOW]` | |
/// | `info` | `info` | `#439fe0` | `[INFO]` | |
/// | another, or none | `error` | `#d9480f` | `[ALERT]` | |
///
/// What is resolved is `#2eb67d` in Slack. PagerDuty knows these four levels and refuses all others
/// (<https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// Wakes somebody up.
    Critical,
    /// Soon.
    High,
    /// In working hours.
    Warning,
    /// As `Warning`, under the name of others.
    Medium,
    /// When there is time.
    Low,
    /// To know.
    Info,
    /// One of your own, or none (empty).
    Own(String),
}

impl Severity {
    /// The label's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Warning => "warning",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Own(name) => name,
        }
    }

    /// Its place among the others, the worst first; one of your own is between `high` and `warning`.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Own(_) => 2,
            Self::Warning => 3,
            Self::Medium => 4,
            Self::Low => 5,
            Self::Info => 6,
        }
    }

    /// PagerDuty's level.
    #[must_use]
    pub fn pagerduty(&self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High | Self::Own(_) => "error",
            Self::Warning | Self::Medium => "warning",
            Self::Low | Self::Info => "info",
        }
    }

    /// The colour of a Slack attachment while it fires.
    #[must_use]
    pub fn slack_color(&self) -> &'static str {
        match self {
            Self::Critical => "#a30200",
            Self::High | Self::Own(_) => "#d9480f",
            Self::Warning | Self::Medium => "#daa038",
            Self::Low | Self::Info => "#439fe0",
        }
    }

    /// What a mail's subject begins with.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self {
            Self::Critical => "[CRITICAL]",
            Self::High => "[HIGH]",
            Self::Warning => "[WARNING]",
            Self::Medium => "[MEDIUM]",
            Self::Low => "[LOW]",
            Self::Info => "[INFO]",
            Self::Own(_) => "[ALERT]",
        }
    }
}

impl From<&str> for Severity {
    /// By its name, in any case.
    fn from(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" => Self::High,
            "warning" => Self::Warning,
            "medium" => Self::Medium,
            "low" => Self::Low,
            "info" => Self::Info,
            _ => Self::Own(name.to_owned()),
        }
    }
}

impl FromStr for Severity {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(name.into())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
