//! OTLP over HTTP: one POST for each batch.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower_watch_layers::clock::Clock;

use crate::telemetry::otlp::destination::{Compression, Destination, Protocol};
use crate::telemetry::otlp::retry::http_failure;
use crate::telemetry::otlp::transport::{Accepted, Failure, TransportError};

/// An answer is a few bytes; of a longer one no more is read.
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct HttpTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoint: Uri,
    headers: HeaderMap,
    protocol: Protocol,
}

impl HttpTransport {
    pub(crate) fn new(destination: &Destination) -> Result<Self, TransportError> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| TransportError(error.to_string()))?
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .build();
        let mut headers = destination.headers.clone();
        let content_type = match destination.protocol {
            Protocol::HttpJson => "application/json",
            Protocol::Grpc | Protocol::HttpProtobuf => "application/x-protobuf",
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if destination.compression == Compression::Gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            endpoint: destination.endpoint.clone(),
            headers,
            protocol: destination.protocol,
        })
    }

    pub(crate) async fn send(&self, body: Bytes) -> Result<Accepted, Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        *request.headers_mut() = self.headers.clone();
        let later = |because: String| Failure::Later { because, after: None };
        let answer = self.client.request(request).await.map_err(|error| later(error.to_string()))?;
        let (head, body) = answer.into_parts();
        if !head.status.is_success() {
            return Err(http_failure(head.status, &head.headers, unix_time()));
        }
        // The collector has the batch, whatever it says about it.
        let body = Limited::new(body, LONGEST_ANSWER).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Ok(match self.protocol {
            Protocol::HttpJson => Accepted::from_json(&body),
            Protocol::Grpc | Protocol::HttpProtobuf => Accepted::from_protobuf(&body),
        })
    }
}

fn unix_time() -> Duration {
    Clock::system().wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
