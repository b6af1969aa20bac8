//! What the parts of a line are called.

use std::borrow::Cow;

use tracing::Level;

/// Under which keys the parts of a JSON line stand: those of who reads it.
///
/// | part | plain | ECS | GCP | Datadog |
/// |---|---|---|---|---|
/// | time | `timestamp` | `@timestamp` | `time` | `timestamp` |
/// | level | `level`: `INFO` | `log.level`: `info` | `severity`: `WARNING` for `WARN`, `DEBUG` for `TRACE` | `status`: `info` |
/// | target | `target` | `log.logger` | `target` | `logger.name` |
/// | message | `message` | `message` | `message` | `message` |
/// | service | `service` | `service.name`, `service.version` | `serviceContext` | `service`, `version` |
/// | environment | `environment` | `service.environment` | `environment` | `env` |
/// | request | `request_id` | `http.request.id` | `request_id` | `http.request_id` |
/// | tenant | `tenant` | `organization.id` | `tenant` | `tenant` |
/// | user | `user_id` | `user.id` | `user_id` | `usr.id` |
/// | trace | `trace_id` | `trace.id` | `logging.googleapis.com/trace`, `.../trace_sampled` | `dd.trace_id`: its lower 64 bits, decimal |
/// | span | `span_id` | `span.id` | `logging.googleapis.com/spanId` | `dd.span_id`: decimal |
/// | error | `exception`: `type`, `message`, `causes` | `error.type`, `error.message`, `error.stack_trace` | `exception` | `error.kind`, `error.message`, `error.stack` |
/// | access line | as in [`access`](tower_watch_layers::access) | `http.*`, `url.*`, `client.ip`, `event.duration` in ns | `httpRequest` | `http.*`, `network.*`, `duration` in ns |
///
/// A field of the event whose name is taken by a part stands under `fields.` and its name, and where it says what the part says,
/// a `request_id` of the own request for example, it is left out. So no key stands twice in a line, and no value at two places.
///
/// What a vendor has no name for keeps its own, as `http.route` and `outcome` do; so does `query` for Datadog, whose
/// `http.url_details.queryString` is an object.
///
/// By the vendors' own pages:
///
/// - ECS: <https://www.elastic.co/docs/reference/ecs/ecs-field-reference>;
/// - GCP: <https://cloud.google.com/logging/docs/structured-logging>, and for `httpRequest`
///   <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest>;
/// - Datadog: <https://docs.datadoghq.com/logs/log_configuration/attributes_naming_convention/>, and for the ids
///   <https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    style: Style,
    project: Option<Cow<'static, str>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Style {
    #[default]
    Plain,
    Ecs,
    Gcp,
    Datadog,
}

/// What the parts are called in one style.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) timestamp: &'static str,
    pub(crate) level: &'static str,
    pub(crate) target: &'static str,
    pub(crate) message: &'static str,
    pub(crate) request_id: &'static str,
    pub(crate) tenant: &'static str,
    pub(crate) user_id: &'static str,
    pub(crate) trace_id: &'static str,
    pub(crate) span_id: &'static str,
    pub(crate) sampled: Option<&'static str>,
    pub(crate) ids: IdForm,
    pub(crate) exception: ExceptionNames,
    levels: [&'static str; 5],
    /// Other keys that are taken.
    taken: &'static [&'static str],
    /// What the fields of the access line are called, where not as they are.
    access: &'static [(&'static str, AccessName)],
}

/// How a trace and a span are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdForm {
    Hexadecimal,
    /// The lower 64 bits of a trace, as Datadog has it.
    Decimal,
}

/// Where an error goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExceptionNames {
    /// Into one object.
    Object(&'static str),
    /// Into three keys: type, message, and the chain of causes as text.
    Flat { kind: &'static str, message: &'static str, stack: &'static str },
}

/// What a field of the access line becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessName {
    /// Another key.
    Key(&'static str),
    /// Another key, and nanoseconds in place of milliseconds.
    Nanoseconds(&'static str),
    /// A key in the object `httpRequest`.
    Http(&'static str),
    /// The same, and a text in place of a number.
    HttpText(&'static str),
    /// The same, with `HTTP/` before it.
    HttpVersion(&'static str),
    /// The same, seconds in place of milliseconds: `0.012s`.
    HttpSeconds(&'static str),
}

const PLAIN: Names = Names {
    timestamp: "timestamp",
    level: "level",
    target: "target",
    message: "message",
    request_id: "request_id",
    tenant: "tenant",
    user_id: "user_id",
    trace_id: "trace_id",
    span_id: "span_id",
    sampled: None,
    ids: IdForm::Hexadecimal,
    exception: ExceptionNames::Object("exception"),
    levels: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"],
    taken: &["service", "environment"],
    access: &[],
};

const ECS: Names = Names {
    timestamp: "@timestamp",
    level: "log.level",
    target: "log.logger",
    request_id: "http.request.id",
    tenant: "organization.id",
    user_id: "user.id",
    trace_id: "trace.id",
    span_id: "span.id",
    exception: ExceptionNames::Flat {
        kind: "error.type",
        message: "error.message",
        stack: "error.stack_trace",
    },
    levels: ["trace", "debug", "info", "warn", "error"],
    taken: &["ecs.version", "service.name", "service.version", "service.environment"],
    access: &[
        ("method", AccessName::Key("http.request.method")),
        ("route", AccessName::Key("http.route")),
        ("path", AccessName::Key("url.path")),
        ("query", AccessName::Key("url.query")),
        ("status", AccessName::Key("http.response.status_code")),
        ("error_type", AccessName::Key("error.type")),
        ("duration_ms", AccessName::Nanoseconds("event.duration")),
        ("bytes_in", AccessName::Key("http.request.body.bytes")),
        ("bytes_out", AccessName::Key("http.response.body.bytes")),
        ("protocol_version", AccessName::Key("http.version")),
        ("client_address", AccessName::Key("client.ip")),
        ("user_agent", AccessName::Key("user_agent.original")),
    ],
    ..PLAIN
};

const GCP: Names = Names {
    timestamp: "time",
    level: "severity",
    trace_id: "logging.googleapis.com/trace",
    span_id: "logging.googleapis.com/spanId",
    sampled: Some("logging.googleapis.com/trace_sampled"),
    levels: ["DEBUG", "DEBUG", "INFO", "WARNING", "ERROR"],
    taken: &["serviceContext", "environment", "httpRequest"],
    access: &[
        ("method", AccessName::Http("requestMethod")),
        ("path", AccessName::Http("requestUrl")),
        ("status", AccessName::Http("status")),
        ("duration_ms", AccessName::HttpSeconds("latency")),
        ("bytes_in", AccessName::HttpText("requestSize")),
        ("bytes_out", AccessName::HttpText("responseSize")),
        ("protocol_version", AccessName::HttpVersion("protocol")),
        ("client_address", AccessName::Http("remoteIp")),
        ("user_agent", AccessName::Http("userAgent")),
    ],
    ..PLAIN
};

const DATADOG: Names = Names {
    level: "status",
    target: "logger.name",
    request_id: "http.request_id",
    user_id: "usr.id",
    trace_id: "dd.trace_id",
    span_id: "dd.span_id",
    ids: IdForm::Decimal,
    exception: ExceptionNames::Flat { kind: "error.kind", message: "error.message", stack: "error.stack" },
    levels: ["trace", "debug", "info", "warn", "error"],
    taken: &["service", "version", "env"],
    access: &[
        ("method", AccessName::Key("http.method")),
        ("route", AccessName::Key("http.route")),
        ("path", AccessName::Key("http.url_details.path")),
        ("status", AccessName::Key("http.status_code")),
        ("error_type", AccessName::Key("error.kind")),
        ("duration_ms", AccessName::Nanoseconds("duration")),
        ("bytes_in", AccessName::Key("network.bytes_read")),
        ("bytes_out", AccessName::Key("network.bytes_written")),
        ("protocol_version", AccessName::Key("http.version")),
        ("client_address", AccessName::Key("network.client.ip")),
        ("user_agent", AccessName::Key("http.useragent")),
    ],
    ..PLAIN
};

impl Keys {
    /// `timestamp`, `level`, `message`, `request_id`, `trace_id`: what most people call them.
    #[must_use]
    pub fn plain() -> Self {
        Self::default()
    }

    /// The Elastic Common Schema.
    #[must_use]
    pub fn ecs() -> Self {
        Self { style: Style::Ecs, project: None }
    }

    /// Google Cloud's structured logging. With [`with_project`](Self::with_project), lines are shown beside their traces.
    #[must_use]
    pub fn gcp() -> Self {
        Self { style: Style::Gcp, project: None }
    }

    /// Datadog's reserved and standard attributes.
    #[must_use]
    pub fn datadog() -> Self {
        Self { style: Style::Datadog, project: None }
    }

    /// The project in which Google Cloud finds the traces: `projects/PROJECT/traces/TRACE`. Other styles have no use for it.
    #[must_use]
    pub fn with_project(mut self, project: impl Into<Cow<'static, str>>) -> Self {
        self.project = Some(project.into());
        self
    }

    pub(crate) fn names(&self) -> &'static Names {
        match self.style {
            Style::Plain => &PLAIN,
            Style::Ecs => &ECS,
            Style::Gcp => &GCP,
            Style::Datadog => &DATADOG,
        }
    }

    /// What stands before the hexadecimal digits of a trace.
    pub(crate) fn trace_prefix(&self) -> String {
        match (&self.project, self.style) {
            (Some(project), Style::Gcp) => format!("projects/{project}/traces/"),
            _ => String::new(),
        }
    }

    /// What is the same in every line: keys and values, by a service's name, version and environment.
    pub(crate) fn constants<'a>(
        &self,
        service: &'a str,
        version: Option<&'a str>,
        environment: Option<&'a str>,
    ) -> Vec<(&'static str, Constant<'a>)> {
        let service = Some(service).filter(|service| !service.is_empty());
        let text = |key, value: Option<&'a str>| value.map(|value| (key, Constant::Text(value)));
        let constants = match self.style {
            Style::Plain => vec![text("service", service), text("environment", environment)],
            Style::Ecs => vec![
                text("service.name", service),
                text("service.version", version),
                text("service.environment", environment),
                text("ecs.version", Some("8.11.0")),
            ],
            Style::Gcp => {
                let context = [("service", service), ("version", version)];
                let context: Vec<_> =
                    context.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect();
                vec![
                    service.map(|_| ("serviceContext", Constant::Object(context))),
                    text("environment", environment),
                ]
            }
            Style::Datadog => {
                vec![text("service", service), text("version", version), text("env", environment)]
            }
        };
        constants.into_iter().flatten().collect()
    }
}

/// A value that is the same in every line.
#[derive(Debug)]
pub(crate) enum Constant<'a> {
    Text(&'a str),
    Object(Vec<(&'static str, &'a str)>),
}

impl Names {
    pub(crate) fn level_name(&self, level: Level) -> &'static str {
        self.levels[match level {
            Level::TRACE => 0,
            Level::DEBUG => 1,
            Level::INFO => 2,
            Level::WARN => 3,
            Level::ERROR => 4,
        }]
    }

    /// What a field of the access line becomes.
    pub(crate) fn access_name(&self, field: &str) -> Option<AccessName> {
        self.access.iter().find(|(name, _)| *name == field).map(|(_, name)| *name)
    }

    /// Whether a key belongs to a part that is in every line, or in every line of some kind.
    pub(crate) fn is_taken(&self, key: &str) -> bool {
        [self.timestamp, self.level, self.target, self.message].contains(&key)
            || self.taken.contains(&key)
            || self.sampled == Some(key)
            || match self.exception {
                ExceptionNames::Object(name) => name == key,
                ExceptionNames::Flat { kind, message, stack } => [kind, message, stack].contains(&key),
            }
    }
}
