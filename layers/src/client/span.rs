//! The span of a request that goes out, by OpenTelemetry's conventions for clients.
//!
//! HTTP: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span>, gRPC:
//! <https://opentelemetry.io/docs/specs/semconv/rpc/grpc/>.

use http::request::Parts;
use http::{Method, Version};
use tracing::Span;
use tracing::field::Empty;

use crate::classify::{ErrorType, Outcome, Protocol};
use crate::client::server::Server;
use crate::method::MethodIndex;
use crate::observe::End;

/// Makes the span of a request.
pub(crate) fn of(head: &Parts, protocol: Protocol, server: &Server<'_>, resends: u32) -> Span {
    let span = match protocol {
        Protocol::Grpc => of_call(head.uri.path(), server),
        _ => of_request(&head.method, server),
    };
    if resends > 0 {
        span.record("http.request.resend_count", resends);
    }
    span
}

fn of_request(method: &Method, server: &Server<'_>) -> Span {
    let label = MethodIndex::of(method).label();
    let is_known = label == method.as_str();
    let span = tracing::info_span!(
        "http client request",
        otel.name = if is_known { label } else { "HTTP" },
        otel.kind = "client",
        http.request.method = label,
        http.request.method_original = Empty,
        server.address = server.host,
        server.port = server.port,
        url.full = Empty,
        http.request.resend_count = Empty,
        network.protocol.version = Empty,
        http.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    );
    if !is_known {
        span.record("http.request.method_original", method.as_str());
    }
    span
}

fn of_call(path: &str, server: &Server<'_>) -> Span {
    let method = path.trim_start_matches('/');
    tracing::info_span!(
        "rpc client call",
        otel.name = method,
        otel.kind = "client",
        rpc.system.name = "grpc",
        rpc.method = method,
        server.address = server.host,
        server.port = server.port,
        url.full = Empty,
        http.request.resend_count = Empty,
        network.protocol.version = Empty,
        rpc.response.status_code = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    )
}

/// Notes which HTTP it was.
pub(crate) fn answered(span: &Span, version: Version) {
    if let Some(version) = crate::version::version(version) {
        span.record("network.protocol.version", version);
    }
}

/// Notes how it came out.
pub(crate) fn ended(span: &Span, end: &End<'_>, error: Option<ErrorType>) {
    if span.is_disabled() {
        return;
    }
    match (end.grpc_status, end.status) {
        (Some(status), _) => {
            span.record("rpc.response.status_code", status.name());
        }
        (None, Some(status)) => {
            span.record("http.response.status_code", status.as_u16());
        }
        (None, None) => {}
    }
    if let Some(error) = error {
        span.record("error.type", &*error.name());
        span.record("otel.status_code", "ERROR");
    }
}

/// The error that a request counts as on this side, if it does: beside what is one for a server, a 4xx, every gRPC status but
/// OK, and a call that was given up before there was an answer.
pub(crate) fn error_of(end: &End<'_>) -> Option<ErrorType> {
    match end.outcome {
        Outcome::Panicked | Outcome::ServiceError | Outcome::BodyError | Outcome::Cancelled => {
            Some(ErrorType::Outcome(end.outcome))
        }
        _ => match (end.grpc_status, end.status) {
            (Some(status), _) => (status.code() != 0).then_some(ErrorType::Grpc(status)),
            (None, Some(status)) if status.as_u16() >= 400 => Some(ErrorType::Status(status)),
            (None, _) => None,
        },
    }
}
