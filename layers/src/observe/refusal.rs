//! An answer in place of the service.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};

use crate::classify::{GrpcStatus, Protocol};
use crate::observe::{RequestId, Slot};

/// Why a request is not served: sent as `application/problem+json` (RFC 9457), or to a gRPC client as a
/// trailers-only response.
#[derive(Clone, Debug)]
pub struct Refusal {
    status: StatusCode,
    grpc: GrpcStatus,
    detail: Cow<'static, str>,
}

impl Refusal {
    /// Refuses with an HTTP status, the gRPC status that stands for it there, and a sentence for the caller, who
    /// sees it: no secret, and nothing that the caller sent.
    pub fn new(status: StatusCode, grpc: GrpcStatus, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, grpc, detail: detail.into() }
    }

    /// The status of the answer to a plain HTTP request.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer to the request of this slot; without one, that to a plain HTTP request without an id.
    #[must_use]
    pub fn into_response(self, slot: Option<&Slot>) -> Response<RefusalBody> {
        match slot {
            Some(slot) if slot.protocol() == Protocol::Grpc => self.trailers_only(),
            _ => self.problem(slot.and_then(Slot::request_id)),
        }
    }

    fn problem(self, request_id: Option<&RequestId>) -> Response<RefusalBody> {
        let mut json = String::with_capacity(160);
        json.push_str(r#"{"type":"about:blank","title":""#);
        push_json(&mut json, self.status.canonical_reason().unwrap_or("Error"));
        let _ = write!(json, r#"","status":{},"detail":""#, self.status.as_u16());
        push_json(&mut json, &self.detail);
        json.push('"');
        if let Some(id) = request_id {
            let _ = write!(json, r#","request_id":"{id}""#);
        }
        json.push('}');
        let length = HeaderValue::from(json.len());
        let mut response = Response::new(RefusalBody(Bytes::from(json)));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }

    fn trailers_only(self) -> Response<RefusalBody> {
        let mut response = Response::new(RefusalBody(Bytes::new()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert("grpc-status", HeaderValue::from(u16::from(self.grpc.code())));
        if let Ok(message) = HeaderValue::from_str(&percent_encode(&self.detail)) {
            headers.insert("grpc-message", message);
        }
        response
    }
}

/// The small body of a refusal, there at once.
#[derive(Clone, Debug, Default)]
pub struct RefusalBody(Bytes);

impl RefusalBody {
    /// What is left of it; nothing is left then.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        (!self.0.is_empty()).then(|| std::mem::take(&mut self.0))
    }
}

impl Body for RefusalBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

/// Appends `text` as the inside of a JSON string.
fn push_json(json: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
}

/// `grpc-message` is percent-encoded: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
