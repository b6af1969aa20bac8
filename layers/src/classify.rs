//! How an exchange came out, over HTTP and over gRPC: the one definition of "error".
//!
//! RED metrics, ready-made alert rules, objectives, traces and profiles all ask [`ErrorType`], so that a gRPC
//! error (an HTTP 200) counts as one everywhere, like a 5xx.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, Method, StatusCode, header};

/// The ways in which an exchange ends. Each exchange ends in exactly one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The whole response was handed to the transport.
    Complete,
    /// An observer answered in place of the service; the whole answer was handed to the transport.
    Refused,
    /// The connection now speaks another protocol: 101, or 2xx to CONNECT.
    Upgraded,
    /// The service returned an error instead of a response.
    ServiceError,
    /// The service or its body panicked, whoever caught it.
    Panicked,
    /// The future was dropped before it had a response: mostly a client that went away.
    Cancelled,
    /// The response body failed after the head had been sent.
    BodyError,
    /// The response body was dropped before its last byte: mostly a client that went away.
    BodyDropped,
}

impl Outcome {
    /// Its name in labels and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Refused => "refused",
            Self::Upgraded => "upgraded",
            Self::ServiceError => "service_error",
            Self::Panicked => "panic",
            Self::Cancelled => "cancelled",
            Self::BodyError => "body_error",
            Self::BodyDropped => "body_dropped",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the request speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Plain HTTP.
    Http,
    /// gRPC: a POST of `application/grpc`, whose status travels in trailers.
    Grpc,
}

impl Protocol {
    /// Told from the method and the content type. Costs one header lookup for a POST, nothing otherwise.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        if method == Method::POST && Self::is_grpc(headers) { Self::Grpc } else { Self::Http }
    }

    /// Whether the content type is gRPC's.
    pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
        headers.get(header::CONTENT_TYPE).is_some_and(|value| is_grpc(value.as_bytes()))
    }
}

/// `application/grpc`, alone or followed by a format or a parameter; gRPC-Web is plain HTTP here.
fn is_grpc(content_type: &[u8]) -> bool {
    content_type
        .strip_prefix(b"application/grpc")
        .is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';' | b' ')))
}

/// A status code of gRPC, 0 (OK) to 16 (UNAUTHENTICATED).
///
/// Names and numbers: <https://grpc.github.io/grpc/core/md_doc_statuscodes.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GrpcStatus(u8);

const GRPC_NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

impl GrpcStatus {
    /// The call succeeded.
    pub const OK: Self = Self(0);
    /// Also what a missing or garbled status means.
    pub const UNKNOWN: Self = Self(2);
    /// The client sent something that can never be right.
    pub const INVALID_ARGUMENT: Self = Self(3);
    /// A panic, among others.
    pub const INTERNAL: Self = Self(13);

    /// The status of this number; `UNKNOWN` for one that gRPC does not define.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        u8::try_from(code)
            .ok()
            .filter(|code| usize::from(*code) < GRPC_NAMES.len())
            .map_or(Self::UNKNOWN, Self)
    }

    /// Read from `grpc-status` in trailers, or in the head of a trailers-only response.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get("grpc-status")?;
        Some(value.to_str().ok().and_then(|text| text.parse().ok()).map_or(Self::UNKNOWN, Self::from_code))
    }

    /// What a gRPC client makes of an answer without `grpc-status`:
    /// <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>.
    #[must_use]
    pub fn from_http(status: StatusCode) -> Self {
        Self(match status.as_u16() {
            400 => 13,
            401 => 16,
            403 => 7,
            404 => 12,
            429 | 502..=504 => 14,
            _ => 2,
        })
    }

    /// Its number.
    #[must_use]
    pub fn code(self) -> u8 {
        self.0
    }

    /// Its name, as in `DEADLINE_EXCEEDED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        GRPC_NAMES[usize::from(self.0)]
    }

    /// Whether it is the server's fault: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE and
    /// DATA_LOSS, as OpenTelemetry's conventions for RPC servers say.
    #[must_use]
    pub fn is_server_error(self) -> bool {
        matches!(self.0, 2 | 4 | 12..=15)
    }
}

/// Why an exchange counts as an error, as a low-cardinality name.
///
/// The name follows OpenTelemetry's `error.type`: the status (`503`), the gRPC status (`UNAVAILABLE`), or what
/// happened instead of one: `panic`, `service_error`, `body_error`. A handler can give its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorType {
    /// A 5xx.
    Status(StatusCode),
    /// A gRPC status that is the server's fault.
    Grpc(GrpcStatus),
    /// A panic, a service error or a body error.
    Outcome(Outcome),
    /// What the handler said.
    Named(&'static str),
}

impl ErrorType {
    /// The error that these add up to, if they do. A client that went away is none, nor is a 4xx.
    #[must_use]
    #[inline]
    pub fn of(outcome: Outcome, status: Option<StatusCode>, grpc: Option<GrpcStatus>) -> Option<Self> {
        match outcome {
            Outcome::Panicked | Outcome::ServiceError | Outcome::BodyError => Some(Self::Outcome(outcome)),
            _ => match (grpc, status) {
                (Some(grpc), _) if grpc.is_server_error() => Some(Self::Grpc(grpc)),
                (None, Some(status)) if status.is_server_error() => Some(Self::Status(status)),
                _ => None,
            },
        }
    }

    /// Its name in labels, spans and logs.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Status(status) => status.as_str().to_owned().into(),
            Self::Grpc(grpc) => grpc.name().into(),
            Self::Outcome(outcome) => outcome.as_str().into(),
            Self::Named(name) => (*name).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grpc_is_a_post_of_its_content_type() {
        let protocol = |method: Method, content_type: &'static str| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
            Protocol::of(&method, &headers)
        };
        assert_eq!(protocol(Method::POST, "application/grpc"), Protocol::Grpc);
        assert_eq!(protocol(Method::POST, "application/grpc+proto"), Protocol::Grpc);
        assert_eq!(protocol(Method::POST, "application/grpc-web"), Protocol::Http);
        assert_eq!(protocol(Method::GET, "application/grpc"), Protocol::Http);
        assert_eq!(protocol(Method::POST, "application/json"), Protocol::Http);
    }

    #[test]
    fn a_status_that_grpc_does_not_define_is_unknown() {
        for garbage in ["17", "-1", "abc", "999999999999", ""] {
            let headers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), garbage.parse().unwrap())]);
            assert_eq!(GrpcStatus::from_headers(&headers), Some(GrpcStatus::UNKNOWN), "{garbage:?}");
        }
        assert_eq!(GrpcStatus::from_headers(&HeaderMap::new()), None);
    }

    #[test]
    fn errors_are_the_servers_fault_only() {
        let http = |outcome, status: u16| {
            ErrorType::of(outcome, StatusCode::from_u16(status).ok(), None)
                .map(|error| error.name().into_owned())
        };
        assert_eq!(http(Outcome::Complete, 503).as_deref(), Some("503"));
        assert_eq!(http(Outcome::Complete, 404), None);
        assert_eq!(http(Outcome::BodyDropped, 200), None);
        assert_eq!(http(Outcome::BodyError, 200).as_deref(), Some("body_error"));
        assert_eq!(http(Outcome::Panicked, 500).as_deref(), Some("panic"));
        assert_eq!(ErrorType::of(Outcome::Cancelled, None, None), None);
        let grpc =
            |code| ErrorType::of(Outcome::Complete, Some(StatusCode::OK), Some(GrpcStatus::from_code(code)));
        assert_eq!(grpc(14).unwrap().name(), "UNAVAILABLE");
        assert_eq!(grpc(5), None);
    }
}
