//! How a handle is made.

use metrics::{Counter, Gauge, Histogram, Key, Level, Metadata};

use crate::cache::Chain;
use crate::facade::{self, SharedRecorder};
use crate::red::naming::{Collect, Kind, Metric, Names};
use crate::route::Route;

/// Makes handles: the names, what is collected, and where to.
pub(crate) struct Maker<'a> {
    pub(crate) names: &'a Names,
    pub(crate) collect: &'a Collect,
    pub(crate) recorder: Option<&'a SharedRecorder>,
    /// By the label that was full: a flood must not register its counter on each request.
    pub(crate) overflows: &'a Chain<&'static str, Counter>,
}

impl Maker<'_> {
    const METADATA: Metadata<'static> = Metadata::new("tower_watch", Level::INFO, Some(module_path!()));

    pub(crate) fn counter(&self, metric: Metric, labels: Vec<metrics::Label>) -> Counter {
        if !self.collects(metric) {
            return Counter::noop();
        }
        let key = self.key(metric, labels);
        facade::with_recorder(self.recorder, |recorder| recorder.register_counter(&key, &Self::METADATA))
    }

    pub(crate) fn gauge(&self, metric: Metric, labels: Vec<metrics::Label>) -> Gauge {
        if !self.collects(metric) {
            return Gauge::noop();
        }
        let key = self.key(metric, labels);
        facade::with_recorder(self.recorder, |recorder| recorder.register_gauge(&key, &Self::METADATA))
    }

    pub(crate) fn histogram(&self, metric: Metric, labels: Vec<metrics::Label>) -> Histogram {
        if !self.collects(metric) {
            return Histogram::noop();
        }
        let key = self.key(metric, labels);
        facade::with_recorder(self.recorder, |recorder| recorder.register_histogram(&key, &Self::METADATA))
    }

    /// Tells the recorder what each metric means.
    pub(crate) fn describe(&self) {
        facade::with_recorder(self.recorder, |recorder| {
            for metric in Metric::ALL.into_iter().filter(|metric| self.collects(*metric)) {
                let (name, unit, help) =
                    (self.names.metric(metric).into(), Some(metric.unit()), metric.help().into());
                match metric.kind() {
                    Kind::Counter => recorder.describe_counter(name, unit, help),
                    Kind::Gauge => recorder.describe_gauge(name, unit, help),
                    Kind::Histogram => recorder.describe_histogram(name, unit, help),
                }
            }
        });
    }

    fn key(&self, metric: Metric, labels: Vec<metrics::Label>) -> Key {
        // For Prometheus an empty value is no label.
        let labels: Vec<_> = labels.into_iter().filter(|label| !label.value().is_empty()).collect();
        Key::from_parts(self.names.metric(metric), labels)
    }

    fn collects(&self, metric: Metric) -> bool {
        match metric {
            Metric::Requests => self.collect.requests,
            Metric::Duration => self.collect.duration,
            Metric::Head => self.collect.head,
            Metric::InFlight => self.collect.in_flight,
            Metric::RequestSize | Metric::ResponseSize => self.collect.sizes,
            Metric::Errors => self.collect.errors,
            Metric::Aborted => self.collect.aborted,
            Metric::TenantRequests
            | Metric::TenantDuration
            | Metric::ActiveConnections
            | Metric::LabelOverflow => true,
        }
    }

    /// Counts an exchange whose endpoint had no place.
    pub(crate) fn overflow_of(&self, route: &Route) {
        if route.is_overflow() {
            self.overflow("endpoint");
        }
    }

    /// Counts an exchange whose value of `label` had no place.
    pub(crate) fn overflow(&self, label: &'static str) {
        self.overflows
            .get_or_insert_with(label, || {
                self.counter(Metric::LabelOverflow, vec![metrics::Label::new("label", label)])
            })
            .increment(1);
    }
}
