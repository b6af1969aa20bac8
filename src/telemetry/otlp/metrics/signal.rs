//! The message of the protocol.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics, metric};
use opentelemetry_proto::tonic::resource::v1::Resource;

use crate::telemetry::otlp::signal::Signal;

/// Metrics. What is queued is all that was read at one time, a scope for each watch.
#[derive(Debug)]
pub(crate) struct Metrics;

impl Signal for Metrics {
    type Item = Vec<ScopeMetrics>;
    type Request = ExportMetricsServiceRequest;

    const NAME: &'static str = "metrics";
    const ITEMS: &'static str = "data points";
    const GRPC_PATH: &'static str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

    fn request(&self, items: Vec<Self::Item>, resource: &Resource) -> ExportMetricsServiceRequest {
        let resource_metrics = ResourceMetrics {
            resource: Some(resource.clone()),
            scope_metrics: items.into_iter().flatten().collect(),
            schema_url: String::new(),
        };
        ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
    }

    fn weight(scopes: &Self::Item) -> usize {
        let metrics = scopes.iter().flat_map(|scope| &scope.metrics);
        metrics.map(|metric| metric.data.as_ref().map_or(0, points)).sum()
    }
}

fn points(data: &metric::Data) -> usize {
    match data {
        metric::Data::Gauge(gauge) => gauge.data_points.len(),
        metric::Data::Sum(sum) => sum.data_points.len(),
        metric::Data::Histogram(histogram) => histogram.data_points.len(),
        metric::Data::ExponentialHistogram(histogram) => histogram.data_points.len(),
        metric::Data::Summary(summary) => summary.data_points.len(),
    }
}
