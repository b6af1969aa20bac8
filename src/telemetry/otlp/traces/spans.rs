//! Spans as a signal.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SpanData;

use crate::telemetry::otlp::signal::Signal;

/// Spans.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spans;

impl Signal for Spans {
    type Item = SpanData;
    type Request = ExportTraceServiceRequest;

    const NAME: &'static str = "traces";
    const ITEMS: &'static str = "spans";
    const GRPC_PATH: &'static str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    fn request(&self, spans: Vec<SpanData>, resource: &Resource) -> ExportTraceServiceRequest {
        let mut resource_spans =
            group_spans_by_resource_and_scope(spans, &ResourceAttributesWithSchema::default());
        for spans in &mut resource_spans {
            spans.resource = Some(resource.clone());
        }
        ExportTraceServiceRequest { resource_spans }
    }
}
