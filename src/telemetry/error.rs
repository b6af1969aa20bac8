//! Why telemetry cannot do as it is told.

use std::fmt;

/// Everything that telemetry cannot do as it is told, each with its place and its mend.
pub struct TelemetryError {
    problems: Vec<(String, String)>,
}

impl TelemetryError {
    /// Each place (a method of the builder, a variable of the environment) with what is wrong there and what to do about it.
    pub fn problems(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|(place, message)| (place.as_str(), message.as_str()))
    }
}

impl fmt::Display for TelemetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telemetry cannot do as it is told")?;
        for (place, message) in &self.problems {
            write!(f, "\n  {place}: {message}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for TelemetryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for TelemetryError {}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<(String, String)>);

impl Problems {
    /// Notes a problem.
    pub(crate) fn add(&mut self, place: impl Into<String>, message: impl fmt::Display) {
        self.0.push((place.into(), message.to_string()));
    }

    /// The value, or a note of why there is none.
    pub(crate) fn ok<T, E: fmt::Display>(&mut self, place: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(place, error)).ok()
    }

    /// Fails where something was noted.
    pub(crate) fn into_result(self) -> Result<(), TelemetryError> {
        if self.0.is_empty() { Ok(()) } else { Err(TelemetryError { problems: self.0 }) }
    }
}

#[cfg(feature = "sentry")]
impl Problems {
    /// Whether nothing was noted so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
