//! From an endpoint, as people write it, to the address that is called.
//!
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp>

use http::Uri;
use http::uri::{Authority, Scheme};

use crate::telemetry::otlp::Protocol;

/// The port that is gRPC's by convention.
const GRPC_PORT: u16 = 4317;

/// An endpoint and what else counts for its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint<'a> {
    pub(super) text: &'a str,
    /// Appended over HTTP; none where the text is one signal's whole address.
    pub(super) path: Option<&'static str>,
    pub(super) protocol: Option<Protocol>,
    /// What no scheme means.
    pub(super) insecure: bool,
}

/// What is wrong with an endpoint, and the mend. Shows nothing of it: people put passwords there.
type Wrong = &'static str;

impl Endpoint<'_> {
    /// The address, and the protocol that is spoken there.
    pub(super) fn resolve(&self) -> Result<(Uri, Protocol), Wrong> {
        let text = self.text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some(Scheme::HTTP), rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some(Scheme::HTTPS), rest),
            Some(_) => {
                return Err(
                    "its scheme is neither `http` nor `https`; give a URL as in `http://collector:4318`",
                );
            }
            None => (None, text),
        };
        let wrong = "it is no URL; give one as in `http://collector:4318`";
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(
                "it has a user or a password in it, which would reach logs; leave that out, and give a header \
                 (OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20...)",
            );
        }
        let authority: Authority = authority.parse().map_err(|_| wrong)?;
        if authority.host().is_empty()
            || authority.as_str() != authority.host() && authority.port_u16().is_none()
        {
            return Err(wrong);
        }
        let by_port =
            if authority.port_u16() == Some(GRPC_PORT) { Protocol::Grpc } else { Protocol::HttpProtobuf };
        let protocol = self.protocol.unwrap_or(by_port);
        let scheme = match (scheme, protocol) {
            (Some(scheme), _) => scheme,
            (None, Protocol::Grpc) if self.insecure => Scheme::HTTP,
            (None, Protocol::Grpc) => Scheme::HTTPS,
            (None, Protocol::HttpProtobuf | Protocol::HttpJson) => {
                return Err("it has no scheme; put `http://` or `https://` before it");
            }
        };
        let path = match (protocol, self.path) {
            (Protocol::Grpc, _) => "/".to_owned(),
            (_, Some(signal)) => appended(path, signal),
            (_, None) if path.starts_with('/') => path.to_owned(),
            (_, None) => format!("/{path}"),
        };
        let address = Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build();
        address.map(|address| (address, protocol)).map_err(|_| wrong)
    }
}

/// The path of a signal below another one; a query stays at the end.
fn appended(base: &str, path: &str) -> String {
    let (base, query) = base.split_at(base.find('?').unwrap_or(base.len()));
    format!("{}{path}{query}", base.trim_end_matches('/'))
}
