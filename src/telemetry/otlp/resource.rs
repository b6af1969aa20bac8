//! Who exports: the resource on everything that goes out.
//!
//! <https://opentelemetry.io/docs/specs/semconv/resource/>

use std::sync::OnceLock;

use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_sdk::resource::{ResourceDetector, TelemetryResourceDetector};
use tower_watch_layers::w3c::TraceId;

use crate::telemetry::Identity;
use crate::telemetry::otlp::value::{attribute, int, text};

/// The resource of this process: what the identity says, and what can be known of the process.
///
/// `host.name` and `service.instance.id` are those of the identity's attributes, where they are there.
pub(crate) fn resource(identity: &Identity) -> Resource {
    let mut attributes = vec![attribute("service.name", text(&identity.service))];
    let mut add = |name: &str, value: Option<&str>| {
        attributes.extend(value.map(|value| attribute(name, text(value))));
    };
    add("service.version", identity.version.as_deref());
    add("deployment.environment.name", identity.environment.as_deref());
    for (name, value) in &identity.attributes {
        add(name, Some(value));
    }
    let is_said = |name: &str| identity.attributes.iter().any(|(own, _)| own == name);
    if !is_said("service.instance.id") {
        add("service.instance.id", Some(instance()));
    }
    if !is_said("host.name") {
        add("host.name", Some(&gethostname::gethostname().to_string_lossy()));
    }
    for (name, value) in &TelemetryResourceDetector.detect() {
        if !is_said(name.as_str()) {
            add(name.as_str(), Some(&value.as_str()));
        }
    }
    add("telemetry.distro.name", Some(env!("CARGO_PKG_NAME")));
    add("telemetry.distro.version", Some(env!("CARGO_PKG_VERSION")));
    if !is_said("process.pid") {
        attributes.push(attribute("process.pid", int(std::process::id().into())));
    }
    Resource { attributes, ..Resource::default() }
}

/// This process among all instances of the service: a random UUID, the same for everything that it exports.
fn instance() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        let mut bytes = TraceId::random().to_bytes();
        // Version 4, variant 10.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    })
}
