//! OTLP over HTTP: one POST for each batch.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use tower_watch_layers::clock::Clock;

use crate::outgoing::HttpClient;
use crate::telemetry::otlp::destination::{Compression, Destination, Protocol};
use crate::telemetry::otlp::retry::http_failure;
use crate::telemetry::otlp::transport::{Accepted, Failure, TransportError};

#[derive(Debug)]
pub(crate) struct HttpTransport {
    client: HttpClient,
    endpoint: Uri,
    headers: HeaderMap,
    protocol: Protocol,
    timeout: Duration,
    clock: Clock,
}

impl HttpTransport {
    pub(crate) fn new(destination: &Destination) -> Result<Self, TransportError> {
        let mut client = HttpClient::builder().connect_timeout(destination.timeout);
        if let Some(pem) = &destination.certificate {
            client = client.roots_pem(pem.clone());
        }
        if let Some((certificate, key)) = &destination.client_identity {
            client = client.client_certificate_pem(certificate.clone(), key.clone());
        }
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
            client: client.build().map_err(|error| TransportError(error.to_string()))?,
            endpoint: destination.endpoint.clone(),
            headers,
            protocol: destination.protocol,
            timeout: destination.timeout,
            clock: Clock::system(),
        })
    }

    pub(crate) async fn send(&self, batch: Bytes) -> Result<Accepted, Failure> {
        let mut request = Request::new(batch);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        *request.headers_mut() = self.headers.clone();
        let answer = self.client.send(request, self.timeout).await;
        let answer = answer.map_err(|error| Failure::Later { because: error.to_string(), after: None })?;
        if !answer.status.is_success() {
            return Err(http_failure(answer.status, &answer.headers, self.unix_time()));
        }
        Ok(match self.protocol {
            Protocol::HttpJson => Accepted::from_json(&answer.body),
            Protocol::Grpc | Protocol::HttpProtobuf => Accepted::from_protobuf(&answer.body),
        })
    }

    fn unix_time(&self) -> Duration {
        self.clock.wall().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
    }
}
