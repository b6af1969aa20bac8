//! A problem as a gRPC client is told it.

use axum::http::StatusCode;
use tower_watch_layers::classify::GrpcStatus;

/// The status of gRPC that says the same as a status of HTTP: read backwards, the mapping that
/// <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto> gives for each code. Where that names none, a
/// client's fault is INVALID_ARGUMENT and ours INTERNAL.
pub(crate) fn status(status: StatusCode) -> GrpcStatus {
    let code = match status.as_u16() {
        401 => 16,
        403 => 7,
        404 | 410 => 5,
        408 | 504 => 4,
        409 => 10,
        412 | 428 => 9,
        413 | 429 => 8,
        416 => 11,
        405 | 501 => 12,
        499 => 1,
        502 | 503 => 14,
        _ if status.is_client_error() => 3,
        _ => 13,
    };
    GrpcStatus::from_code(code)
}
