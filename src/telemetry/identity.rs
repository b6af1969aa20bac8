//! Which service this is.

use crate::config::{Kind, Lookup, Reader, TEXT, Variable, pairs};
use crate::telemetry::error::Problems;

/// Which service this is: in every log line, span and report.
///
/// Weak to strong: the builder's word, then the environment's: `OTEL_RESOURCE_ATTRIBUTES`, then `OTEL_SERVICE_NAME` (for
/// `service.name`), `SERVICE_VERSION` and `ENVIRONMENT`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// `service.name`.
    pub service: String,
    /// `service.version`.
    pub version: Option<String>,
    /// `deployment.environment.name`.
    pub environment: Option<String>,
    /// More attributes of the resource, by name, each name once.
    pub attributes: Vec<(String, String)>,
}

pub(crate) const SERVICE_NAME: Variable<String> = Variable {
    names: &["OTEL_SERVICE_NAME"],
    kind: TEXT,
    default: "the builder's, else the executable's name",
    does: "the resource's `service.name`, and `service` in log lines; before `OTEL_RESOURCE_ATTRIBUTES`",
};

pub(crate) const RESOURCE_ATTRIBUTES: Variable<Vec<(String, String)>> = Variable {
    names: &["OTEL_RESOURCE_ATTRIBUTES"],
    kind: Kind { accepts: "`name=value,name=value`, values percent-encoded", parse: pairs, is_secret: true },
    default: "none",
    does: "attributes of the resource, on everything that is exported",
};

pub(crate) const SERVICE_VERSION: Variable<String> = Variable {
    names: &["SERVICE_VERSION"],
    kind: TEXT,
    default: "none",
    does: "the resource's `service.version`; before `OTEL_RESOURCE_ATTRIBUTES`",
};

pub(crate) const ENVIRONMENT: Variable<String> = Variable {
    names: &["ENVIRONMENT"],
    kind: TEXT,
    default: "none",
    does: "the resource's `deployment.environment.name`, and `environment` in log lines; before `OTEL_RESOURCE_ATTRIBUTES`. \
           `production` and `prod` turn on warnings that only matter there",
};

impl Identity {
    /// A service of this name.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), version: None, environment: None, attributes: Vec::new() }
    }

    /// A service that is named after the executable.
    #[must_use]
    pub fn of_executable() -> Self {
        let path = std::env::current_exe().ok();
        let name =
            path.as_ref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy().into_owned());
        Self::new(name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown_service".to_owned()))
    }

    /// Adds an attribute of the resource, or replaces it. Those that have a field of their own are set there.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        match name.as_str() {
            "service.name" => self.service = value,
            "service.version" => self.version = Some(value),
            // The older name of the same thing.
            "deployment.environment.name" | "deployment.environment" => self.environment = Some(value),
            _ => {
                self.attributes.retain(|(own, _)| *own != name);
                self.attributes.push((name, value));
            }
        }
        self
    }

    /// The service as the program names it, where it does, with what the environment says.
    pub(crate) fn read(service: Option<String>, lookup: Lookup<'_>, problems: &mut Problems) -> Self {
        let mut reader = Reader::new(lookup);
        let identity = service.map_or_else(Self::of_executable, Self::new).with_environment(&mut reader);
        for (name, problem) in reader.into_problems() {
            problems.add(name, problem);
        }
        identity
    }

    /// With what the environment says, which is stronger.
    pub(crate) fn with_environment(mut self, reader: &mut Reader<'_>) -> Self {
        for (name, value) in reader.read(&RESOURCE_ATTRIBUTES).unwrap_or_default() {
            self = self.with_attribute(name, value);
        }
        if let Some(name) = reader.read(&SERVICE_NAME) {
            self.service = name;
        }
        self.version = reader.read(&SERVICE_VERSION).or(self.version);
        self.environment = reader.read(&ENVIRONMENT).or(self.environment);
        self
    }

    /// Whether the environment is named production, or prod.
    #[must_use]
    pub fn is_production(&self) -> bool {
        let is = |name: &str| self.environment.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        is("production") || is("prod")
    }
}
