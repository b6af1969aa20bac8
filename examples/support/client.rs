//! A client that knows one server.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::request::Builder;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Response, StatusCode, Uri, Version};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::time::{Instant, sleep, timeout};

use super::{Numbers, Result};

/// How long anything may take in a check.
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
pub(crate) struct Client {
    server: SocketAddr,
    pool: Pool<HttpConnector, Full<Bytes>>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) version: Version,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header's text; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("(not UTF-8)")
    }

    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Client {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self { server, pool: Pool::builder(TokioExecutor::new()).build_http() }
    }

    /// The same server, asked over HTTP/2 without negotiation.
    pub(crate) fn over_http2(&self) -> Self {
        let pool = Pool::builder(TokioExecutor::new()).http2_only(true).build_http();
        Self { server: self.server, pool }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.server)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Request::get(path), "").await
    }

    /// Sends a request whose URI is a path, and reads the whole answer.
    pub(crate) async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Result<Answer> {
        let (head, body) = self.open(request, body).await?.into_parts();
        let body = timeout(DEADLINE, body.collect()).await??.to_bytes();
        Ok(Answer { version: head.version, status: head.status, headers: head.headers, body })
    }

    /// Sends a request, and hands back the response as soon as its head is there.
    pub(crate) async fn open(&self, request: Builder, body: impl Into<Bytes>) -> Result<Response<Incoming>> {
        let mut request = request.body(Full::new(body.into()))?;
        let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        *request.uri_mut() =
            Uri::builder().scheme("http").authority(self.server.to_string()).path_and_query(path).build()?;
        Ok(timeout(DEADLINE, self.pool.request(request)).await??)
    }

    /// What the application says at `/metrics`.
    pub(crate) async fn numbers(&self) -> Result<Numbers> {
        let answer = self.get("/metrics").await?;
        match answer.status {
            StatusCode::OK => Ok(Numbers::new(answer.text())),
            status => Err(format!("/metrics answered {status}").into()),
        }
    }

    /// Waits until the series with these labels add up to `value`. The client can have its answer a moment before
    /// the server has noted the end.
    pub(crate) async fn wait_for(&self, name: &str, labels: &[(&str, &str)], value: f64) -> Result {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let numbers = self.numbers().await?;
            let found = numbers.sum(name, labels);
            if found == value {
                return Ok(());
            }
            if Instant::now() > deadline {
                let family = numbers.family(name);
                return Err(format!("{name} {labels:?} is {found}, not {value}, of\n{family}").into());
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}
