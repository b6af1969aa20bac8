//! What is sent: a batch as bytes, made once for all destinations and all attempts.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::write::GzEncoder;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

use crate::telemetry::otlp::destination::{Compression, Protocol};
use crate::telemetry::otlp::signal::Signal;

/// A batch as it is sent. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    items: usize,
    protobuf: Body,
    json: Body,
}

#[derive(Debug, Default)]
struct Body {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
}

impl Batch {
    /// Encodes these items for all destinations that speak these protocols.
    pub(crate) fn new<S: Signal>(
        signal: &S,
        items: Vec<S::Item>,
        resource: &Resource,
        protocols: &[Protocol],
    ) -> Self {
        let weight = items.iter().map(S::weight).sum();
        let request = signal.request(items, resource);
        let (mut protobuf, mut json) = (Body::default(), Body::default());
        if protocols.iter().any(|protocol| *protocol != Protocol::HttpJson) {
            protobuf.plain = request.encode_to_vec().into();
        }
        if protocols.contains(&Protocol::HttpJson) {
            // Only a map with keys that are no text could fail, and the protocol has none.
            json.plain = serde_json::to_vec(&request).unwrap_or_default().into();
        }
        Self { inner: Arc::new(Inner { items: weight, protobuf, json }) }
    }

    /// What it counts as.
    pub(crate) fn items(&self) -> usize {
        self.inner.items
    }

    /// The bytes for a protocol, made smaller where asked for. gRPC compresses what it sends by itself, message for message.
    pub(crate) fn body(&self, protocol: Protocol, compression: Compression) -> Bytes {
        let body = match protocol {
            Protocol::Grpc => return self.inner.protobuf.plain.clone(),
            Protocol::HttpProtobuf => &self.inner.protobuf,
            Protocol::HttpJson => &self.inner.json,
        };
        match compression {
            Compression::None => body.plain.clone(),
            Compression::Gzip => body.gzip.get_or_init(|| gzip(&body.plain)).clone(),
        }
    }
}

fn gzip(plain: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::fast());
    // Writing into a Vec cannot fail.
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}
