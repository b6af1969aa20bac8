//! Where one signal goes, and how much of it may wait.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, Uri};

/// How a collector is spoken to. The names are those of `OTEL_EXPORTER_OTLP_PROTOCOL`.
///
/// <https://opentelemetry.io/docs/specs/otlp/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `grpc`: protobuf over HTTP/2, mostly on port 4317.
    Grpc,
    /// `http/protobuf`: mostly on port 4318.
    #[default]
    HttpProtobuf,
    /// `http/json`: for what understands nothing else; about three times as long as protobuf.
    HttpJson,
}

/// How what is sent is made smaller. The names are those of `OTEL_EXPORTER_OTLP_COMPRESSION`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// `none`.
    #[default]
    None,
    /// `gzip`.
    Gzip,
}

/// Where one signal goes. Everything in it was checked: the endpoint has a scheme and a host, the certificates were read.
#[derive(Clone)]
pub(crate) struct Destination {
    /// For HTTP the whole address, the signal's path included; for gRPC scheme, host and port.
    pub(crate) endpoint: Uri,
    /// How it is spoken to.
    pub(crate) protocol: Protocol,
    /// Sent with every request; mostly a key, so they are shown nowhere.
    pub(crate) headers: HeaderMap,
    /// How what is sent is made smaller.
    pub(crate) compression: Compression,
    /// How long one attempt may take.
    pub(crate) timeout: Duration,
    /// Whom to trust, as PEM; without it the system's certificates.
    pub(crate) certificate: Option<Vec<u8>>,
    /// Who this is: certificate and key, both as PEM.
    pub(crate) client_identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Destination {
    /// The default of `OTEL_EXPORTER_OTLP_TIMEOUT`.
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

    /// This address, with nothing else said.
    pub(crate) fn new(endpoint: Uri, protocol: Protocol) -> Self {
        Self {
            endpoint,
            protocol,
            headers: HeaderMap::new(),
            compression: Compression::None,
            timeout: Self::TIMEOUT,
            certificate: None,
            client_identity: None,
        }
    }

    /// Scheme, host and port: what a log line may say of it.
    pub(crate) fn shown(&self) -> String {
        let scheme = self.endpoint.scheme_str().unwrap_or("http");
        let host = self.endpoint.host().unwrap_or_default();
        match self.endpoint.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }

    /// Whether what is sent can be read on the way: not encrypted, and the host is not this one.
    pub(crate) fn is_readable_on_the_way(&self) -> bool {
        let host = self.endpoint.host().unwrap_or_default().trim_matches(['[', ']']);
        let is_loopback = host.eq_ignore_ascii_case("localhost")
            || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        self.endpoint.scheme_str() != Some("https") && !is_loopback
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("Destination")
            .field("endpoint", &self.shown())
            .field("protocol", &self.protocol)
            .field("headers", &names)
            .field("compression", &self.compression)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// How much may wait, and for how long. The defaults are those of `OTEL_BSP_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueConfig {
    /// So many items wait at most; what comes then is dropped, and counted.
    pub(crate) max_queue: usize,
    /// So many items are sent at once at most; never more than wait.
    pub(crate) max_batch: usize,
    /// After so long also fewer are sent.
    pub(crate) delay: Duration,
    /// How old a batch may become, all attempts together.
    pub(crate) export_timeout: Duration,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            max_queue: 2_048,
            max_batch: 512,
            delay: Duration::from_secs(5),
            export_timeout: Duration::from_secs(30),
        }
    }
}
