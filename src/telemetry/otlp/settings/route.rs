//! Where one signal goes.

use std::fmt;

use crate::config::Reader;
use crate::telemetry::error::Problems;
use crate::telemetry::otlp::destination::Destination;
use crate::telemetry::otlp::settings::address::Endpoint;
use crate::telemetry::otlp::settings::overrides::Overrides;
use crate::telemetry::otlp::settings::signals::SignalKind;
use crate::telemetry::otlp::settings::variables::{OTLP_ENDPOINT, OTLP_HEADERS};
use crate::telemetry::otlp::{Compression, OtlpConfig, Protocol};

/// Where one signal goes: to all of these.
#[derive(Clone, Debug, Default)]
pub(crate) struct Route {
    pub(crate) destinations: Vec<Destination>,
}

/// Finds the routes of all signals.
pub(super) struct Routes<'a, 'b> {
    pub(super) configs: &'a [OtlpConfig],
    pub(super) reader: &'a mut Reader<'b>,
    pub(super) problems: &'a mut Problems,
}

impl Routes<'_, '_> {
    /// Where this signal goes.
    pub(super) fn of(&mut self, kind: SignalKind) -> Route {
        let exporter = self.reader.read(kind.exporter());
        let overrides = Overrides::read(self.reader, kind);
        let general = self.reader.read(&OTLP_ENDPOINT);
        let own = self.reader.read_named(&OTLP_ENDPOINT, kind.own(&OTLP_ENDPOINT));
        let wanted = self.configs.iter().any(|config| config.takes(kind));
        // The general endpoint says nothing about a signal that the program exports nowhere.
        let asked = wanted || own.is_some() || general.is_some() && self.configs.is_empty();
        let on = exporter.unwrap_or(asked);
        let destinations = match (own, general) {
            _ if !on => Vec::new(),
            (Some(own), _) => self.of_environment(kind.own(&OTLP_ENDPOINT), &own, None, &overrides),
            (None, Some(general)) => {
                self.of_environment(OTLP_ENDPOINT.names[0], &general, Some(kind.path()), &overrides)
            }
            (None, None) if self.configs.is_empty() => {
                let default = default_endpoint(overrides.protocol);
                self.of_environment(OTLP_ENDPOINT.names[0], default, Some(kind.path()), &overrides)
            }
            (None, None) => self.of_program(kind, wanted, &overrides),
        };
        Route { destinations }
    }

    /// The destination that the environment describes, which replaces the program's.
    fn of_environment(
        &mut self,
        name: &'static str,
        text: &str,
        path: Option<&'static str>,
        overrides: &Overrides,
    ) -> Vec<Destination> {
        let endpoint = Endpoint { text, path, protocol: overrides.protocol, insecure: overrides.insecure };
        match endpoint.resolve() {
            Ok((address, protocol)) => {
                let mut destination = Destination::new(address, protocol);
                overrides.apply(&mut destination);
                vec![destination]
            }
            Err(wrong) => {
                self.reader.note(name, wrong);
                Vec::new()
            }
        }
    }

    /// The program's destinations that take the signal; all of them where only the environment wants it.
    fn of_program(&mut self, kind: SignalKind, wanted: bool, overrides: &Overrides) -> Vec<Destination> {
        let configs: Vec<&OtlpConfig> =
            self.configs.iter().filter(|config| !wanted || config.takes(kind)).collect();
        if configs.len() > 1 && overrides.headers.is_some() {
            self.reader.note(
                OTLP_HEADERS.names[0],
                "the program has several destinations, and a key is for one of them; give OTEL_EXPORTER_OTLP_ENDPOINT too, \
                 or leave the headers to the program",
            );
        }
        configs.into_iter().filter_map(|config| self.of_config(config, kind, overrides)).collect()
    }

    fn of_config(
        &mut self,
        config: &OtlpConfig,
        kind: SignalKind,
        overrides: &Overrides,
    ) -> Option<Destination> {
        let protocol = overrides.protocol.or(config.protocol);
        let endpoint = Endpoint {
            text: &config.endpoint,
            path: Some(kind.path()),
            protocol,
            insecure: overrides.insecure,
        };
        let resolved = endpoint.resolve();
        let (address, protocol) = match resolved {
            Ok(resolved) => resolved,
            Err(wrong) => {
                self.problems.add("otlp", format_args!("the endpoint of the {}: {wrong}", kind.as_str()));
                return None;
            }
        };
        let mut destination = Destination::new(address, protocol);
        destination.headers = config.headers.clone();
        destination.compression = config.compression;
        destination.timeout = config.timeout.unwrap_or(Destination::TIMEOUT);
        destination.certificate = config.certificate.clone();
        destination.client_identity = config.client_identity.clone();
        overrides.apply(&mut destination);
        Some(destination)
    }
}

fn default_endpoint(protocol: Option<Protocol>) -> &'static str {
    match protocol {
        Some(Protocol::Grpc) => "http://localhost:4317",
        None | Some(Protocol::HttpProtobuf | Protocol::HttpJson) => "http://localhost:4318",
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.destinations.is_empty() {
            return f.write_str("not exported");
        }
        let mut separator = "";
        for destination in &self.destinations {
            f.write_str(separator)?;
            show(destination, f)?;
            separator = "; ";
        }
        Ok(())
    }
}

fn show(destination: &Destination, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let protocol = match destination.protocol {
        Protocol::Grpc => "grpc",
        Protocol::HttpProtobuf => "http/protobuf",
        Protocol::HttpJson => "http/json",
    };
    // A query can hold a key.
    let path = if destination.protocol == Protocol::Grpc { "" } else { destination.endpoint.path() };
    write!(f, "{protocol} to {}{path}", destination.shown())?;
    if destination.compression == Compression::Gzip {
        f.write_str(", gzip,")?;
    }
    write!(f, " within {:?}", destination.timeout)?;
    if destination.certificate.is_some() {
        f.write_str(", own certificates")?;
    }
    if destination.client_identity.is_some() {
        f.write_str(", as a known client")?;
    }
    let mut separator = ", with ";
    for name in destination.headers.keys() {
        write!(f, "{separator}{name}")?;
        separator = " and ";
    }
    Ok(())
}
