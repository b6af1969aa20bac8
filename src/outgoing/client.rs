//! The one HTTP client.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{PROXY_AUTHORIZATION, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{self, Client};

use crate::outgoing::connector::Connector;
use crate::outgoing::error::causes;
use crate::outgoing::proxies::Proxies;
use crate::outgoing::{HttpClientBuilder, HttpClientError};

/// A client that sends small requests and reads small answers, on the tokio runtime of whoever awaits it (with time and I/O
/// enabled). Connections are kept and used again. Cheap to clone; clones share the connections.
///
/// ```no_run
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::Request;
/// use tower_watch::outgoing::HttpClient;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpClient::builder().build()?;
/// let request = Request::post("https://example.com/hook").body(Bytes::from("hello"))?;
/// let answer = client.send(request, Duration::from_secs(10)).await?;
/// assert!(answer.status.is_success());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client<Connector, Full<Bytes>>,
    proxies: Arc<Proxies>,
    answer_limit: usize,
    head_limit: usize,
}

/// What came back: the head, and as much of the body as was asked for. Whatever the status is: a redirect, too, is an answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it was read.
    pub body: Bytes,
    /// Whether there was more of the body than is read.
    pub is_cut: bool,
}

const AGENT: HeaderValue = HeaderValue::from_static(concat!("tower-watch/", env!("CARGO_PKG_VERSION")));

impl HttpClient {
    /// Describes a client.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder::new()
    }

    pub(crate) fn new(
        client: Client<Connector, Full<Bytes>>,
        proxies: Arc<Proxies>,
        answer_limit: usize,
        head_limit: usize,
    ) -> Self {
        Self { inner: Arc::new(Inner { client, proxies, answer_limit, head_limit }) }
    }

    /// Sends a request to its absolute URL, and reads the answer. `timeout` is for all of it, from the name of the host to the
    /// last byte of the answer. `User-Agent` is ours where there is none.
    ///
    /// # Errors
    ///
    /// No connection, no answer within `timeout`, or what is no answer. A status that says "no" is an answer.
    pub async fn send(
        &self,
        mut request: Request<Bytes>,
        timeout: Duration,
    ) -> Result<Answer, HttpClientError> {
        let uri = request.uri();
        if uri.host().is_none_or(str::is_empty) {
            return Err(HttpClientError::Url("it names no host; give one as in https://example.com/path"));
        }
        if uri.scheme() != Some(&Scheme::HTTP) && uri.scheme() != Some(&Scheme::HTTPS) {
            return Err(HttpClientError::Url("it is neither http nor https"));
        }
        let credential = self.inner.proxies.credential_for_plain(uri);
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert(AGENT);
        if let Some(credential) = credential {
            headers.insert(PROXY_AUTHORIZATION, credential);
        }
        match tokio::time::timeout(timeout, self.exchange(request.map(Full::new))).await {
            Ok(outcome) => outcome,
            Err(_) => Err(HttpClientError::Timeout(timeout)),
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, HttpClientError> {
        let response = self.inner.client.request(request).await.map_err(|error| self.refused(&error))?;
        let (head, mut body) = response.into_parts();
        let limit = self.inner.answer_limit;
        let mut read = BytesMut::new();
        let mut is_cut = false;
        while !is_cut && let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| HttpClientError::Broken(causes(&error)))?;
            if let Ok(data) = frame.into_data() {
                is_cut = data.len() > limit - read.len();
                read.extend_from_slice(&data[..data.len().min(limit - read.len())]);
            }
        }
        Ok(Answer { status: head.status, headers: head.headers, body: read.freeze(), is_cut })
    }

    fn refused(&self, error: &legacy::Error) -> HttpClientError {
        // Its own text says only "client error"; what is behind it tells.
        let cause = error.source().map_or_else(|| error.to_string(), causes);
        let is_too_long = || {
            let hyper = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
            hyper.is_some_and(hyper::Error::is_parse_too_large)
        };
        match error.is_connect() {
            true => HttpClientError::Connection(cause),
            false if is_too_long() => HttpClientError::TooLong(self.inner.head_limit),
            false => HttpClientError::Broken(cause),
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("answer_limit", &self.inner.answer_limit).finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .field("is_cut", &self.is_cut)
            .finish_non_exhaustive()
    }
}
