//! OTLP over gRPC: one unary call for each batch, on one connection.

use bytes::{Buf, BufMut, Bytes};
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

use crate::outgoing::causes;
use crate::telemetry::otlp::destination::{Compression, Destination};
use crate::telemetry::otlp::retry::grpc_failure;
use crate::telemetry::otlp::transport::{Accepted, Failure, TransportError};

/// An answer is a few bytes; a longer one is somebody else's.
const LONGEST_ANSWER: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct GrpcTransport {
    client: Grpc<Channel>,
    path: PathAndQuery,
    metadata: MetadataMap,
}

impl GrpcTransport {
    pub(crate) fn new(destination: &Destination, path: &'static str) -> Result<Self, TransportError> {
        let wrong = |error: tonic::transport::Error| TransportError(causes(&error));
        let agent = concat!("tower-watch/", env!("CARGO_PKG_VERSION"));
        let mut endpoint = Endpoint::from(destination.endpoint.clone())
            .user_agent(agent)
            .map_err(wrong)?
            .connect_timeout(destination.timeout);
        if destination.endpoint.scheme_str() == Some("https") {
            endpoint = endpoint.tls_config(tls(destination)).map_err(wrong)?;
        }
        let mut client = Grpc::new(endpoint.connect_lazy()).max_decoding_message_size(LONGEST_ANSWER);
        if destination.compression == Compression::Gzip {
            client = client.send_compressed(CompressionEncoding::Gzip);
        }
        Ok(Self {
            client,
            path: PathAndQuery::from_static(path),
            metadata: MetadataMap::from_headers(destination.headers.clone()),
        })
    }

    pub(crate) async fn send(&mut self, body: Bytes) -> Result<Accepted, Failure> {
        if let Err(error) = self.client.ready().await {
            return Err(Failure::Later { because: causes(&error), after: None });
        }
        let mut request = Request::new(body);
        *request.metadata_mut() = self.metadata.clone();
        match self.client.unary(request, self.path.clone(), Bare).await {
            Ok(answer) => Ok(Accepted::from_protobuf(answer.get_ref())),
            Err(status) => Err(grpc_failure(&status)),
        }
    }
}

fn tls(destination: &Destination) -> ClientTlsConfig {
    let mut tls = ClientTlsConfig::new();
    tls = match &destination.certificate {
        Some(pem) => tls.ca_certificate(Certificate::from_pem(pem)),
        None => tls.with_native_roots(),
    };
    if let Some((certificate, key)) = &destination.client_identity {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    tls
}

/// Bytes as they are: the batch was encoded once, for all destinations.
#[derive(Clone, Copy, Debug)]
struct Bare;

impl Codec for Bare {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Bare {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
