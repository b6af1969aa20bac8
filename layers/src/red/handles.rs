//! Handles, made once and kept by route and method.

use std::sync::{Arc, OnceLock};

use http::Method;
use metrics::{Counter, Gauge, Histogram, Key, Level, Metadata};

use crate::cache::CowMap;
use crate::facade::{self, SharedRecorder};
use crate::red::label::LabelValues;
use crate::red::naming::{Collect, Kind, LabelNames, Metric, Names};
use crate::red::series::Series;
use crate::route::Route;

/// The methods that are told apart; any other is `_OTHER`, as in OpenTelemetry's conventions.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
    Method::CONNECT,
    Method::TRACE,
];

/// The place of any other method.
#[allow(clippy::cast_possible_truncation, reason = "there are nine")]
const OTHER: u8 = METHODS.len() as u8;

/// The place of a method in [`RouteHandles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MethodIndex(u8);

impl MethodIndex {
    pub(crate) fn of(method: &Method) -> Self {
        Self((0..OTHER).find(|index| METHODS[usize::from(*index)] == *method).unwrap_or(OTHER))
    }

    fn label(self) -> &'static str {
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "_OTHER"]
            [usize::from(self.0)]
    }
}

/// What one route records into.
#[derive(Debug, Default)]
pub(crate) struct RouteHandles {
    methods: [OnceLock<Box<MethodHandles>>; METHODS.len() + 1],
}

/// What one method of a route records into.
#[derive(Debug)]
pub(crate) struct MethodHandles {
    pub(crate) in_flight: Gauge,
    plain: Series,
    labels: Vec<metrics::Label>,
    /// By the values of the application's own labels.
    labelled: CowMap<LabelValues, Arc<Series>>,
}

impl RouteHandles {
    /// What a method of `route`, whose handles these are, records into.
    pub(crate) fn method(&self, method: MethodIndex, route: &Route, maker: &Maker<'_>) -> &MethodHandles {
        self.methods[usize::from(method.0)].get_or_init(|| {
            let LabelNames { method: method_name, endpoint, .. } = maker.names.labels();
            let labels = vec![
                metrics::Label::new(method_name, method.label()),
                metrics::Label::new(endpoint, route.endpoint().to_owned()),
            ];
            Box::new(MethodHandles {
                in_flight: maker.gauge(Metric::InFlight, labels.clone()),
                plain: Series::new(labels.clone()),
                labels,
                labelled: CowMap::default(),
            })
        })
    }

    /// The gauge of a method whose handles are there.
    pub(crate) fn in_flight(&self, method: MethodIndex) -> Option<&Gauge> {
        self.methods[usize::from(method.0)].get().map(|handles| &handles.in_flight)
    }
}

impl MethodHandles {
    /// The series without labels of the application's own.
    pub(crate) fn plain(&self) -> &Series {
        &self.plain
    }

    /// The series of these values of the labels of these names.
    pub(crate) fn labelled(
        &self,
        names: impl Iterator<Item = &'static str>,
        values: &LabelValues,
    ) -> Arc<Series> {
        self.labelled.get_or_insert_with(values.as_slice(), || {
            let own = names.zip(values).filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
                metrics::Label::new(name, metrics::SharedString::from(Arc::clone(value)))
            });
            Arc::new(Series::new(self.labels.iter().cloned().chain(own).collect()))
        })
    }
}

/// Makes handles: the names, what is collected, and where to.
pub(crate) struct Maker<'a> {
    pub(crate) names: &'a Names,
    pub(crate) collect: Collect,
    pub(crate) recorder: Option<&'a SharedRecorder>,
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
        // An empty value is no label: OpenTelemetry leaves the route out where there is none.
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
        self.counter(Metric::LabelOverflow, vec![metrics::Label::new("label", label)]).increment(1);
    }
}
