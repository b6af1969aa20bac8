//! One way to one collector.

use std::fmt;
use std::future::Future;

use bytes::Bytes;

use crate::telemetry::otlp::destination::{Destination, Protocol};
use crate::telemetry::otlp::transport::grpc::GrpcTransport;
use crate::telemetry::otlp::transport::http::HttpTransport;
use crate::telemetry::otlp::transport::{Accepted, Failure};

/// Why a collector can never be reached: something in the destination cannot be used.
#[derive(Debug)]
pub(crate) struct TransportError(pub(crate) String);

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What carries a batch to a collector.
pub(crate) trait Carrier: Send + 'static {
    /// Sends it, once. The caller sets the limit of time.
    fn send(&mut self, batch: Bytes) -> impl Future<Output = Result<Accepted, Failure>> + Send;
}

/// One way to one collector. The connection is made with the first batch, and again when it was lost.
#[derive(Debug)]
pub(crate) enum Transport {
    Http(Box<HttpTransport>),
    Grpc(Box<GrpcTransport>),
}

impl Transport {
    /// Within the runtime that will send.
    ///
    /// # Errors
    ///
    /// Certificates and keys that are none.
    pub(crate) fn new(destination: &Destination, grpc_path: &'static str) -> Result<Self, TransportError> {
        Ok(match destination.protocol {
            Protocol::Grpc => Self::Grpc(Box::new(GrpcTransport::new(destination, grpc_path)?)),
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                Self::Http(Box::new(HttpTransport::new(destination)?))
            }
        })
    }
}

impl Carrier for Transport {
    async fn send(&mut self, batch: Bytes) -> Result<Accepted, Failure> {
        match self {
            Self::Http(http) => http.send(batch).await,
            Self::Grpc(grpc) => grpc.send(batch).await,
        }
    }
}
