//! A destination, as the program describes it.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use crate::telemetry::TelemetryBuilder;
use crate::telemetry::otlp::settings::kinds::{header, is_pem};
use crate::telemetry::otlp::settings::signals::SignalKind;
use crate::telemetry::otlp::{Compression, Protocol};

/// A destination of traces, metrics and logs: a collector, or whatever takes what a collector takes.
///
/// Nothing is checked before telemetry starts, which then names everything that is wrong. What the environment says about a
/// destination is stronger; see the table of the [module](crate::telemetry::otlp).
///
/// ```
/// use tower_watch::telemetry::otlp::{Compression, OtlpConfig};
///
/// let collector = OtlpConfig::new("https://collector.example.com:4317")
///     .header("x-api-key", "a secret")
///     .compression(Compression::Gzip)
///     .metrics(false);
/// assert!(!format!("{collector:?}").contains("secret"));
/// ```
#[derive(Clone)]
#[must_use = "give it to TelemetryBuilder::otlp"]
pub struct OtlpConfig {
    pub(super) endpoint: String,
    pub(super) protocol: Option<Protocol>,
    pub(super) headers: HeaderMap,
    pub(super) compression: Compression,
    pub(super) timeout: Option<Duration>,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) client_identity: Option<(Vec<u8>, Vec<u8>)>,
    /// By [`SignalKind`].
    signals: [bool; 3],
    pub(super) problems: Vec<String>,
}

impl OtlpConfig {
    /// Everything, to this endpoint: a URL with `http` or `https`. Over HTTP, each signal's path (`/v1/traces`) is appended.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            protocol: None,
            headers: HeaderMap::new(),
            compression: Compression::None,
            timeout: None,
            certificate: None,
            client_identity: None,
            signals: [true; 3],
            problems: Vec::new(),
        }
    }

    /// How to speak to it. By default gRPC where the port is 4317, and protobuf over HTTP elsewhere.
    pub fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// A header of each export; with gRPC it is metadata. Its value is shown nowhere.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match header(name, value) {
            Ok((name, value)) => {
                self.headers.insert(name, value);
            }
            Err(what) => self.problems.push(format!("header {name:?}: {what}")),
        }
        self
    }

    /// How exports are compressed. By default they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// How long one attempt to export may take. By default 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.problems
                .push("timeout(0): nothing is exported in no time; give a second or more".to_owned());
        } else {
            self.timeout = Some(timeout);
        }
        self
    }

    /// Whom to trust over TLS, in PEM. By default the system's certificates.
    pub fn certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificate = Some(self.checked_pem("certificate", pem.into()));
        self
    }

    /// Who we are over TLS: the certificate with those that lead to its root, and its key, both in PEM.
    pub fn client_identity(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        let certificate = self.checked_pem("client_identity: the certificate", certificate.into());
        let key = self.checked_pem("client_identity: the key", key.into());
        self.client_identity = Some((certificate, key));
        self
    }

    fn checked_pem(&mut self, what: &str, pem: Vec<u8>) -> Vec<u8> {
        if !is_pem(&pem) {
            self.problems.push(format!("{what} is not PEM: there is no `-----BEGIN` in it"));
        }
        pem
    }

    /// Whether traces go there. By default they do.
    pub fn traces(self, exported: bool) -> Self {
        self.signal(SignalKind::Traces, exported)
    }

    /// Whether metrics go there. By default they do.
    pub fn metrics(self, exported: bool) -> Self {
        self.signal(SignalKind::Metrics, exported)
    }

    /// Whether logs go there. By default they do.
    pub fn logs(self, exported: bool) -> Self {
        self.signal(SignalKind::Logs, exported)
    }

    fn signal(mut self, kind: SignalKind, exported: bool) -> Self {
        self.signals[kind as usize] = exported;
        self
    }

    pub(super) fn takes(&self, kind: SignalKind) -> bool {
        self.signals[kind as usize]
    }
}

impl fmt::Debug for OtlpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the endpoint: where somebody put a password into it, that is found wrong later.
        let headers: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("OtlpConfig")
            .field("protocol", &self.protocol)
            .field("headers", &headers)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}

impl TelemetryBuilder {
    /// Exports to this destination too. May be called again for more.
    pub fn otlp(mut self, destination: OtlpConfig) -> Self {
        self.otlp.add(destination);
        self
    }
}
