//! From series to the messages of the protocol.

use std::collections::HashMap;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
    exemplar, metric, number_data_point,
};

use crate::registers::{
    Exemplar as OwnExemplar, HistogramSnapshot, MetricMetadata, Series, SeriesKey, SeriesValue, Snapshot,
};
use crate::telemetry::otlp::metrics::beginnings::Beginnings;
use crate::telemetry::otlp::metrics::unit::ucum;
use crate::telemetry::otlp::value::{attribute, text, unix_nanos};

/// All series, a metric for each name. They come sorted by name.
pub(super) fn encode(
    snapshot: &Snapshot,
    metadata: Vec<MetricMetadata>,
    exemplars: bool,
    now: u64,
    beginnings: &mut Beginnings,
) -> Vec<Metric> {
    let mut metadata: HashMap<String, MetricMetadata> =
        metadata.into_iter().map(|metadata| (metadata.name.clone(), metadata)).collect();
    let mut metrics: Vec<Metric> = Vec::new();
    for series in snapshot.iter() {
        let moments = Moments { began: beginnings.of(series.key.id()), now };
        if metrics.last().is_none_or(|metric| metric.name != series.key.name()) {
            metrics.push(empty(series, metadata.remove(series.key.name())));
        }
        let Some(data) = metrics.last_mut().and_then(|metric| metric.data.as_mut()) else { continue };
        add(data, series, exemplars, moments);
    }
    metrics
}

#[derive(Clone, Copy)]
struct Moments {
    began: u64,
    now: u64,
}

fn empty(series: &Series, metadata: Option<MetricMetadata>) -> Metric {
    let cumulative = AggregationTemporality::Cumulative.into();
    let data = match series.value {
        SeriesValue::Counter(_) => metric::Data::Sum(Sum {
            aggregation_temporality: cumulative,
            is_monotonic: true,
            ..Sum::default()
        }),
        SeriesValue::Gauge(_) => metric::Data::Gauge(Gauge::default()),
        SeriesValue::Histogram(_) => {
            metric::Data::Histogram(Histogram { aggregation_temporality: cumulative, ..Histogram::default() })
        }
    };
    let (description, unit) = metadata.map(|metadata| (metadata.help, metadata.unit)).unwrap_or_default();
    Metric {
        name: series.key.name().to_owned(),
        description,
        unit: unit.map(ucum).unwrap_or_default().to_owned(),
        data: Some(data),
        ..Metric::default()
    }
}

/// A name has one type, so what does not fit does not occur.
fn add(data: &mut metric::Data, series: &Series, exemplars: bool, moments: Moments) {
    match (data, &series.value) {
        (metric::Data::Sum(sum), SeriesValue::Counter(value)) => {
            let value = number_data_point::Value::AsInt(i64::try_from(*value).unwrap_or(i64::MAX));
            sum.data_points.push(number(&series.key, value, moments.began, moments.now));
        }
        (metric::Data::Gauge(gauge), SeriesValue::Gauge(value)) => {
            // What is now has no beginning.
            let value = number_data_point::Value::AsDouble(*value);
            gauge.data_points.push(number(&series.key, value, 0, moments.now));
        }
        (metric::Data::Histogram(all), SeriesValue::Histogram(histogram)) => {
            all.data_points.push(point(&series.key, histogram, exemplars, moments));
        }
        _ => {}
    }
}

fn number(key: &SeriesKey, value: number_data_point::Value, began: u64, now: u64) -> NumberDataPoint {
    NumberDataPoint {
        attributes: attributes(key),
        start_time_unix_nano: began,
        time_unix_nano: now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn point(
    key: &SeriesKey,
    histogram: &HistogramSnapshot,
    exemplars: bool,
    moments: Moments,
) -> HistogramDataPoint {
    let mut below = 0;
    let bucket_counts = histogram.buckets.iter().map(|(_, cumulative)| {
        let count = cumulative.saturating_sub(below);
        below = *cumulative;
        count
    });
    let bucket_counts = bucket_counts.collect();
    let bounds = histogram.buckets.iter().map(|(bound, _)| *bound).filter(|bound| bound.is_finite());
    let own = if exemplars { &histogram.exemplars[..] } else { &[] };
    HistogramDataPoint {
        attributes: attributes(key),
        start_time_unix_nano: moments.began,
        time_unix_nano: moments.now,
        count: histogram.count,
        sum: Some(histogram.sum),
        bucket_counts,
        explicit_bounds: bounds.collect(),
        exemplars: own.iter().flatten().filter_map(|own| exemplar_of(own, moments.began)).collect(),
        ..HistogramDataPoint::default()
    }
}

/// One that is older than its series belongs to an earlier series of the same name.
fn exemplar_of(own: &OwnExemplar, began: u64) -> Option<Exemplar> {
    let at = unix_nanos(own.at);
    (at >= began).then(|| Exemplar {
        time_unix_nano: at,
        trace_id: own.trace_id.to_bytes().to_vec(),
        value: Some(exemplar::Value::AsDouble(own.value)),
        ..Exemplar::default()
    })
}

fn attributes(key: &SeriesKey) -> Vec<KeyValue> {
    key.labels().map(|(name, value)| attribute(name, text(value))).collect()
}
