//! What is taken from the head of a request.

use std::net::IpAddr;

use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Uri, Version, header};

use crate::trace::TraceConfig;
use crate::version::version;

/// What is known of every request, and costs no lookup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    version: Version,
    is_https: bool,
}

impl Known {
    pub(crate) fn of(config: &TraceConfig, head: &Parts) -> Self {
        let scheme = head.uri.scheme();
        Self {
            version: head.version,
            is_https: scheme.map_or(config.is_https, |scheme| *scheme == Scheme::HTTPS),
        }
    }

    pub(crate) fn scheme(self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }

    pub(crate) fn version(self) -> Option<&'static str> {
        version(self.version)
    }
}

/// What a configuration shows of a request beyond that. Texts are shared with the request, not copied.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// For its path, its query, or the method of gRPC.
    pub(crate) uri: Option<Uri>,
    pub(crate) authority: Option<Authority>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) user_agent: Option<HeaderValue>,
    /// Headers of the request, then of the response, each with its place among the fields.
    pub(crate) headers: Vec<(usize, HeaderValue)>,
}

impl Seen {
    /// What `config` shows of a request.
    pub(crate) fn of(config: &TraceConfig, head: &Parts, is_grpc: bool) -> Self {
        let needs_uri = config.raw_path || config.query || is_grpc;
        let mut seen = Self {
            uri: needs_uri.then(|| head.uri.clone()),
            authority: if config.server_address { authority(head) } else { None },
            client: config.client_address.of(&head.extensions),
            user_agent: if config.user_agent { head.headers.get(header::USER_AGENT).cloned() } else { None },
            headers: Vec::new(),
        };
        seen.add_headers(&config.request_headers, 0, &head.headers);
        seen
    }

    /// Adds the headers of this list, the first of which has this place among the fields.
    pub(crate) fn add_headers(&mut self, names: &[HeaderName], first: usize, headers: &http::HeaderMap) {
        for (place, name) in names.iter().enumerate() {
            // Somebody around us may know that a value is secret, whatever its name.
            if let Some(value) = headers.get(name).filter(|value| !value.is_sensitive()) {
                self.headers.push((first + place, value.clone()));
            }
        }
    }
}

/// Whom the client meant: HTTP/2 says it in the URI, HTTP/1.1 in a header.
fn authority(head: &Parts) -> Option<Authority> {
    head.uri
        .authority()
        .cloned()
        .or_else(|| Authority::try_from(head.headers.get(header::HOST)?.as_bytes()).ok())
}
