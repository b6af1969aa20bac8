//! Handles, made once and kept by route and method.

use std::sync::{Arc, OnceLock};

use metrics::Gauge;

use crate::cache::CowMap;
use crate::method::MethodIndex;
use crate::red::label::LabelValues;
use crate::red::maker::Maker;
use crate::red::naming::{LabelNames, Metric};
use crate::red::series::Series;
use crate::route::Route;

/// What one route records into.
#[derive(Debug, Default)]
pub(crate) struct RouteHandles {
    methods: [OnceLock<Arc<MethodHandles>>; MethodIndex::COUNT],
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
    #[inline]
    pub(crate) fn method(
        &self,
        method: MethodIndex,
        route: &Route,
        maker: &Maker<'_>,
    ) -> &Arc<MethodHandles> {
        self.methods[method.place()].get_or_init(|| {
            let LabelNames { method: method_name, endpoint, .. } = maker.names.labels();
            let shown =
                if route.is_matched() || maker.names.labels_unmatched() { route.endpoint() } else { "" };
            let labels = vec![
                metrics::Label::new(method_name, method.label()),
                metrics::Label::new(endpoint, shown.to_owned()),
            ];
            Arc::new(MethodHandles {
                in_flight: maker.gauge(Metric::InFlight, labels.clone()),
                plain: Series::new(labels.clone()),
                labels,
                labelled: CowMap::default(),
            })
        })
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
