//! What the environment says about a signal's destination, wherever that comes from.

use std::time::Duration;

use http::HeaderMap;

use crate::config::{Reader, Variable};
use crate::telemetry::otlp::destination::Destination;
use crate::telemetry::otlp::settings::signals::SignalKind;
use crate::telemetry::otlp::settings::variables::{
    OTLP_CERTIFICATE, OTLP_CLIENT_CERTIFICATE, OTLP_CLIENT_KEY, OTLP_COMPRESSION, OTLP_HEADERS,
    OTLP_INSECURE, OTLP_PROTOCOL, OTLP_TIMEOUT,
};
use crate::telemetry::otlp::{Compression, Protocol};

/// What the environment says about a signal's destination; a signal's own variable stands for the general one.
#[derive(Debug)]
pub(super) struct Overrides {
    pub(super) protocol: Option<Protocol>,
    pub(super) insecure: bool,
    pub(super) headers: Option<HeaderMap>,
    compression: Option<Compression>,
    timeout: Option<Duration>,
    certificate: Option<Vec<u8>>,
    client_identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Overrides {
    pub(super) fn read(reader: &mut Reader<'_>, kind: SignalKind) -> Self {
        let client_certificate = own_or_general(reader, &OTLP_CLIENT_CERTIFICATE, kind);
        let client_key = own_or_general(reader, &OTLP_CLIENT_KEY, kind);
        let client_identity = match (client_certificate, client_key) {
            (Some(certificate), Some(key)) => Some((certificate.0, key.0)),
            // A file that cannot be read is named already.
            _ if reader.is_wrong(&OTLP_CLIENT_CERTIFICATE) || reader.is_wrong(&OTLP_CLIENT_KEY) => None,
            (Some(_), None) => {
                reader.note(
                    OTLP_CLIENT_CERTIFICATE.names[0],
                    "it goes with its key; give OTEL_EXPORTER_OTLP_CLIENT_KEY too",
                );
                None
            }
            (None, Some(_)) => {
                reader.note(
                    OTLP_CLIENT_KEY.names[0],
                    "it goes with its certificate; give OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE too",
                );
                None
            }
            (None, None) => None,
        };
        Self {
            protocol: own_or_general(reader, &OTLP_PROTOCOL, kind),
            insecure: own_or_general(reader, &OTLP_INSECURE, kind).unwrap_or(false),
            headers: own_or_general(reader, &OTLP_HEADERS, kind).map(|headers| headers.0),
            compression: own_or_general(reader, &OTLP_COMPRESSION, kind),
            timeout: own_or_general(reader, &OTLP_TIMEOUT, kind),
            certificate: own_or_general(reader, &OTLP_CERTIFICATE, kind).map(|file| file.0),
            client_identity,
        }
    }

    pub(super) fn apply(&self, destination: &mut Destination) {
        for (name, value) in self.headers.iter().flatten() {
            destination.headers.insert(name, value.clone());
        }
        if let Some(compression) = self.compression {
            destination.compression = compression;
        }
        if let Some(timeout) = self.timeout {
            destination.timeout = timeout;
        }
        if self.certificate.is_some() {
            destination.certificate.clone_from(&self.certificate);
        }
        if self.client_identity.is_some() {
            destination.client_identity.clone_from(&self.client_identity);
        }
    }
}

fn own_or_general<T>(reader: &mut Reader<'_>, variable: &Variable<T>, kind: SignalKind) -> Option<T> {
    let general = reader.read(variable);
    reader.read_named(variable, kind.own(variable)).or(general)
}
