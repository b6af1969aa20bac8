//! What an observer is told at the end.

use std::time::Duration;

use http::StatusCode;

use crate::classify::{ErrorType, GrpcStatus};
use crate::observe::{Outcome, Slot};

/// How an exchange ended, and what it came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct End<'a> {
    /// The way it ended.
    pub outcome: Outcome,
    /// The status that was sent; 500 after a panic that left no head; `None` where there was none.
    pub status: Option<StatusCode>,
    /// The gRPC status, from the trailers or from a trailers-only head; `None` for plain HTTP, and for a call that
    /// was cut short before it. For a complete call without one it follows from the HTTP status, where the answer is
    /// gRPC's by its content type, or a 5xx: what a plain HTTP route answers to one who calls the request gRPC is not.
    pub grpc_status: Option<GrpcStatus>,
    /// From the start to the head of the response; `None` where there was none.
    pub time_to_head: Option<Duration>,
    /// From the start to the end of the body.
    pub duration: Duration,
    /// Bytes of the request body that the service read, without framing; `None` where nobody could count them
    /// (see [`CountRequestBodyLayer`](crate::observe::CountRequestBodyLayer)).
    pub request_bytes: Option<u64>,
    /// Bytes of the response body that were handed to the transport, without framing.
    pub response_bytes: u64,
    /// Whether the response was a stream, by its content type, an upgrade or a policy.
    pub streaming: bool,
    pub(crate) aborted: bool,
    /// What the exchange shared.
    pub slot: &'a Slot,
}

impl End<'_> {
    /// The error that this exchange counts as, if it does: what the handler named, or by [`ErrorType::of`].
    #[must_use]
    #[inline]
    pub fn error(&self) -> Option<ErrorType> {
        self.slot
            .error_type()
            .map(ErrorType::Named)
            .or_else(|| ErrorType::of(self.outcome, self.status, self.grpc_status))
    }

    /// Whether the service did what was asked of it: less than 400, and over gRPC no other status than OK. Who got
    /// such an answer is no stranger, where strangers are turned away.
    pub(crate) fn is_served(&self) -> bool {
        self.status.is_some_and(|status| status.as_u16() < 400)
            && self.grpc_status.is_none_or(|status| status == GrpcStatus::OK)
    }

    /// Whether the exchange was cut short: cancelled or failed before the head, or the body failed, was dropped or
    /// panicked after it.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.aborted
    }
}
