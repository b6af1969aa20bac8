//! Which service this is.

/// Which service this is: in every log line, span and report.
///
/// Weak to strong: the builder's word, then the environment's: `OTEL_SERVICE_NAME` (before `service.name` in
/// `OTEL_RESOURCE_ATTRIBUTES`), `SERVICE_VERSION`, `ENVIRONMENT`, `OTEL_RESOURCE_ATTRIBUTES`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// `service.name`.
    pub service: String,
    /// `service.version`.
    pub version: Option<String>,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
    /// More attributes of the resource, by name.
    pub attributes: Vec<(String, String)>,
}

impl Identity {
    /// A service of this name.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), version: None, environment: None, attributes: Vec::new() }
    }

    /// Whether the environment is named production, or prod.
    #[must_use]
    pub fn is_production(&self) -> bool {
        let is = |name: &str| self.environment.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        is("production") || is("prod")
    }
}
