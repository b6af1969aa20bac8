//! Numbers for work that is not HTTP.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::classify::ErrorType;
use crate::method::MethodIndex;
use crate::observe::Settings;
use crate::red::RedObserver;
use crate::red::maker::Maker;
use crate::red::naming::Metric;
use crate::red::series::Series;

/// For a queue's consumer, a job, a protocol of one's own: the same series as a request's. `settings` are those of
/// the layer that the observer is in; the endpoint falls under the same cap as a route's.
impl RedObserver {
    /// Counts a piece of work as a request that was answered with `status` after `duration`.
    pub fn record_request(
        &self,
        settings: &Settings,
        method: &Method,
        endpoint: &str,
        status: StatusCode,
        duration: Duration,
    ) {
        self.record(settings, method, endpoint, |series, maker| series.work(status, duration, maker));
    }

    /// Counts an error.
    pub fn record_error(
        &self,
        settings: &Settings,
        method: &Method,
        endpoint: &str,
        error_type: &'static str,
    ) {
        self.record(settings, method, endpoint, |series, maker| {
            series.error(ErrorType::Named(error_type), maker);
        });
    }

    /// Says how many connections are open: `active_connections`.
    pub fn set_active_connections(&self, settings: &Settings, connections: u32) {
        let core = &self.core;
        let recorder = settings.recorder.as_ref();
        if core.is_bound(recorder) {
            core.maker(recorder).gauge(Metric::ActiveConnections, Vec::new()).set(f64::from(connections));
        }
    }

    fn record(
        &self,
        settings: &Settings,
        method: &Method,
        endpoint: &str,
        record: impl FnOnce(&Series, &Maker<'_>),
    ) {
        let core = &self.core;
        let recorder = settings.recorder.as_ref();
        if core.is_bound(recorder) {
            let maker = core.maker(recorder);
            let route = settings.routes.intern(endpoint);
            maker.overflow_of(&route);
            record(core.handles(&route).method(MethodIndex::of(method), &route, &maker).plain(), &maker);
        }
    }
}
