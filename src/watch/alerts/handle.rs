//! The engine of a watch.

use crate::alert::Alerts;
use crate::registers::Registers;
use crate::watch::Watch;

/// The alerts of a watch, with or without an engine.
#[derive(Debug)]
pub(crate) struct Alerting {
    pub(crate) alerts: Alerts,
}

impl Alerting {
    /// Starts the thread, unless time is a test's.
    pub(crate) fn start(&self, registers: &Registers) {
        if let Some(engine) = &self.alerts.engine {
            engine.start(registers);
        }
    }

    /// Makes the last tick, gives what is due some seconds to go out, and leaves the rest on disk to the next process.
    pub(crate) async fn finish(&self) {
        if let Some(engine) = &self.alerts.engine {
            engine.finish().await;
        }
    }
}

impl Watch {
    /// The alerts: to raise some, to ask for those that are there, to hear of changes.
    ///
    /// ```
    /// use tower_watch::Watch;
    /// use tower_watch::alert::{Alert, Severity};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let watch = Watch::builder("shop").local().start()?;
    /// watch.alerts().raise(Alert::new("StockIsOut").label("product", "tea").severity(Severity::High));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// There is an engine wherever the past is kept, unless [`without_alerts`](crate::WatchBuilder::without_alerts) was said. In
    /// the preset `Fleet` there is none, as Prometheus and Alertmanager are there for it: then all of this does nothing.
    #[must_use]
    pub fn alerts(&self) -> &Alerts {
        &self.inner.alerting.alerts
    }
}

#[cfg(test)]
mod tests {
    use tower_watch_layers::clock::Clock;

    use crate::Watch;
    use crate::alert::Alert;

    /// On one thread: whatever waited would wait for ever.
    #[test]
    fn who_raises_waits_for_no_lock_of_a_tick() {
        let (clock, _hand) = Clock::fake();
        let watch = Watch::builder("shop").local().clock(clock).start().unwrap();
        let engine = watch.alerts().engine.clone().unwrap();
        let tick = (engine.evaluation(), engine.core());
        watch.alerts().raise(Alert::new("Down"));
        watch.alerts().raise(Alert::new("Slow"));
        watch.alerts().resolve(&Alert::new("Slow").labels);
        drop(tick);
        watch.alerts().tick();
        let firing: Vec<_> = watch.alerts().active().iter().map(|alert| alert.name().to_owned()).collect();
        assert_eq!(firing, ["Down"]);
    }
}
