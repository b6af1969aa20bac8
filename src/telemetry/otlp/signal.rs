//! What is exported: spans, log records, metrics.

use opentelemetry_proto::tonic::resource::v1::Resource;

/// One kind of telemetry, as the queue and the transports see it.
pub(crate) trait Signal: Send + Sync + 'static {
    /// What is queued: a span, a log record, the metrics of one collection.
    type Item: Send + 'static;
    /// The message that carries a batch.
    type Request: prost::Message + serde::Serialize + Default;

    /// The label `signal` of the counters.
    const NAME: &'static str;
    /// What is counted, in a log line.
    const ITEMS: &'static str;
    /// The method of the gRPC service.
    const GRPC_PATH: &'static str;

    /// The message for a batch of this process.
    fn request(&self, items: Vec<Self::Item>, resource: &Resource) -> Self::Request;

    /// What one item counts as.
    fn weight(_: &Self::Item) -> usize {
        1
    }
}
