//! A watch around a router, and beside it an observer that keeps what it saw: two independent witnesses.

use axum::Router;
use tower_watch::Watch;
use tower_watch::layers::observe::{ObserveLayer, Outcome};
use tower_watch::testing::{RecordExchanges, Recorded, Snapshot};

use crate::support::{Service, until};

pub(crate) struct Observed {
    pub(crate) service: Service,
    pub(crate) watch: Watch,
    pub(crate) exchanges: RecordExchanges,
}

impl Observed {
    /// Serves `app` under the preset's stack.
    pub(crate) async fn start(app: Router) -> Self {
        let watch = Watch::builder("observed").local().start().unwrap();
        let exchanges = RecordExchanges::new();
        let app = app.layer(watch.service_builder()).layer(ObserveLayer::new(exchanges.clone()));
        Self { service: Service::start(app).await, watch, exchanges }
    }

    /// How many requests the watch has in flight.
    pub(crate) fn in_flight(&self) -> f64 {
        self.watch.snapshot().gauge("http_requests_in_flight", &[])
    }

    /// Waits until so many requests are in flight.
    pub(crate) async fn with_in_flight(&self, requests: f64) {
        until(&format!("{requests} in flight"), || self.in_flight() == requests).await;
    }

    /// Waits until so many exchanges have ended and none is open, and hands out what the observer kept and what
    /// the watch counted.
    pub(crate) async fn ended(&self, exchanges: usize) -> (Vec<Recorded>, Snapshot) {
        let ended = || self.exchanges.ended().len() >= exchanges && self.exchanges.open() == 0;
        until(&format!("{exchanges} exchanges ended"), ended).await;
        self.with_in_flight(0.0).await;
        let (kept, numbers) = (self.exchanges.ended(), self.watch.snapshot());
        assert_eq!(kept.len(), exchanges, "{kept:?}");
        assert_eq!(
            counted(&numbers),
            exchanges as u64,
            "an exchange is answered, or aborted before the head"
        );
        (kept, numbers)
    }

    /// Waits for the end of the only exchange, and holds what the watch counted against its outcome.
    pub(crate) async fn only(&self) -> (Recorded, Snapshot) {
        let (mut kept, numbers) = self.ended(1).await;
        let only = kept.remove(0);
        let labels = [("endpoint", only.endpoint.as_str()), ("method", only.method.as_str())];
        let aborted = numbers.counter("http_requests_aborted_total", &labels);
        assert_eq!(aborted, u64::from(only.aborted), "{only:?}");
        let by_reason = [("reason", only.outcome.as_str()), labels[0], labels[1]];
        assert_eq!(numbers.counter("http_requests_aborted_total", &by_reason), aborted, "{only:?}");
        let status = only.status.map(|status| status.as_str().to_owned());
        let answered = numbers.counter("http_requests_total", &labels);
        assert_eq!(answered, u64::from(status.is_some()), "{only:?}");
        if let Some(status) = &status {
            let by_status = [("status", status.as_str()), labels[0], labels[1]];
            assert_eq!(numbers.counter("http_requests_total", &by_status), 1, "{only:?}");
        }
        (only, numbers)
    }

    /// Waits for the end of the only exchange, which must be this one.
    pub(crate) async fn only_is(&self, outcome: Outcome) -> (Recorded, Snapshot) {
        let (only, numbers) = self.only().await;
        assert_eq!(only.outcome, outcome, "{only:?}");
        (only, numbers)
    }
}

/// The number of exchanges by what was counted: each is answered, or aborted before there was a head.
pub(crate) fn counted(numbers: &Snapshot) -> u64 {
    let aborted = |reason| numbers.counter("http_requests_aborted_total", &[("reason", reason)]);
    numbers.counter("http_requests_total", &[]) + aborted("cancelled") + aborted("service_error")
}
