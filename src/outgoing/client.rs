//! The one HTTP client.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};

/// A client that sends small requests and reads small answers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct HttpClient {}

/// What came back: the head, and as much of the body as was asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the parts of an answer")]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why there was no answer. Says nothing of headers and of what stands behind the host in a URL: secrets stand there.
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpClientError {
    /// The whole exchange took longer than it may.
    Timeout(Duration),
    /// No connection, or it broke.
    Connection(String),
    /// The answer is longer than it may be.
    TooLong(usize),
}

impl fmt::Display for HttpClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout(limit) => write!(f, "no answer within {limit:?}"),
            Self::Connection(cause) => write!(f, "no connection: {cause}"),
            Self::TooLong(limit) => write!(f, "the answer is longer than {limit} bytes"),
        }
    }
}

impl std::error::Error for HttpClientError {}

impl HttpClient {
    /// Sends a request and reads the answer.
    ///
    /// # Errors
    ///
    /// No connection, no answer within `timeout`, or too long a one.
    pub async fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Answer, HttpClientError> {
        let _ = request;
        Err(HttpClientError::Timeout(timeout))
    }
}
