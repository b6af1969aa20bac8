//! What there is to say about OTLP.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_sdk::trace::SpanLimits;
use tower_watch_layers::redact::Redaction;
use tracing::level_filters::LevelFilter;

use crate::telemetry::error::Problems;
use crate::telemetry::otlp::destination::{Compression, Destination, Protocol, QueueConfig};
use crate::telemetry::otlp::plain_text;
use crate::telemetry::otlp::traces::{OwnProvider, TraceExport, TraceOutlet};
use crate::telemetry::otlp::worker::Worker;
use crate::telemetry::{Identity, Outlet, OutletLayer, TelemetryBuilder};

/// A destination: a collector, or whatever takes what a collector takes.
#[derive(Clone, Debug)]
#[must_use = "give it to TelemetryBuilder::otlp"]
pub struct OtlpConfig {
    endpoint: String,
    protocol: Protocol,
    compression: Compression,
    headers: HeaderMap,
    problem: Option<&'static str>,
}

impl OtlpConfig {
    /// Everything, to this endpoint: a URL with `http` or `https`. Over HTTP, each signal's path (`/v1/traces`) is appended.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            protocol: Protocol::default(),
            compression: Compression::default(),
            headers: HeaderMap::new(),
            problem: None,
        }
    }

    /// How to speak to it. By default protobuf over HTTP.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// How exports are compressed. By default they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// A header of each export; with gRPC it is metadata. Its value is shown nowhere.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            _ => self.problem = Some("a header has a name or a value that HTTP does not allow"),
        }
        self
    }

    fn destination(&self) -> Result<Destination, String> {
        let path = if self.protocol == Protocol::Grpc { "" } else { "/v1/traces" };
        let url = format!("{}{path}", self.endpoint.trim_end_matches('/'));
        let endpoint = url
            .parse::<Uri>()
            .ok()
            .filter(|uri| uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")));
        let endpoint = endpoint.ok_or("the endpoint is no URL; give one as in http://collector:4318")?;
        if let Some(problem) = self.problem {
            return Err(problem.to_owned());
        }
        Ok(Destination {
            headers: self.headers.clone(),
            compression: self.compression,
            ..Destination::new(endpoint, self.protocol)
        })
    }
}

/// Settings of OTLP.
#[derive(Debug, Default)]
pub(crate) struct OtlpSettings {
    destinations: Vec<OtlpConfig>,
    pub(crate) own_provider: Option<OwnProvider>,
}

impl TelemetryBuilder {
    /// Exports to this destination too. May be called again for more.
    pub fn otlp(mut self, destination: OtlpConfig) -> Self {
        self.otlp.destinations.push(destination);
        self
    }
}

impl OtlpSettings {
    pub(crate) fn start(
        self,
        identity: &Identity,
        _: &Redaction,
        layers: &mut Vec<OutletLayer>,
        outlets: &mut Vec<Arc<dyn Outlet>>,
        problems: &mut Problems,
    ) {
        if self.destinations.is_empty() && self.own_provider.is_none() {
            return;
        }
        let destinations: Vec<Destination> =
            self.destinations.iter().filter_map(|config| problems.ok("otlp", config.destination())).collect();
        let Some(worker) = problems.ok("otlp", Worker::start()) else { return };
        plain_text::warn(&worker, identity, &destinations);
        let export = TraceExport {
            destinations,
            queue: QueueConfig::default(),
            limits: SpanLimits::default(),
            value_length: 4_096,
            level: LevelFilter::INFO,
        };
        let started = TraceOutlet::start(&worker, Arc::new(resource(identity)), export, self.own_provider);
        if let Some((outlet, layer)) = problems.ok("otlp", started) {
            layers.push(layer);
            outlets.push(Arc::new(outlet));
        }
    }
}

/// The service by its name.
fn resource(identity: &Identity) -> Resource {
    let value = AnyValue { value: Some(Value::StringValue(identity.service.clone())) };
    let name = KeyValue { key: "service.name".to_owned(), value: Some(value), ..KeyValue::default() };
    Resource { attributes: vec![name], ..Resource::default() }
}
