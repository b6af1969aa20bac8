//! Registers, a sampler of them, and the hand on its clock.

use std::sync::Arc;
use std::time::Duration;

use metrics::with_local_recorder;
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::registers::Registers;
use tower_watch::series::{
    Labels, MatchOp, Matcher, Retention, Sampler, SamplerSettings, Samples, Store, StoreSettings, is_stale,
};

/// When the fake clock starts: 2026-01-01T00:00:00Z, a whole multiple of every interval here.
pub(crate) const START: i64 = 1_767_225_600_000;

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A service that is sampled every five seconds.
pub(crate) struct World {
    pub(crate) registers: Registers,
    pub(crate) sampler: Sampler,
    pub(crate) store: Arc<Store>,
    pub(crate) hand: FakeClock,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(&StoreSettings::new())
    }

    pub(crate) fn with(settings: &StoreSettings) -> Self {
        let (clock, hand) = Clock::fake();
        let expiring =
            Registers::builder().expire_idle("tenant", Duration::from_secs(60)).clock(clock.clone());
        let registers = expiring.build().unwrap();
        let store = Arc::new(Store::with_settings(settings));
        let settings =
            SamplerSettings::new().with_clock(clock).with_label("job", "shop").with_label("instance", "a:1");
        let sampler = Sampler::new(Arc::clone(&store), &registers, settings);
        Self { registers, sampler, store, hand }
    }

    /// Records something as the application would.
    pub(crate) fn record(&self, what: impl FnOnce()) {
        with_local_recorder(&self.registers, what);
    }

    pub(crate) fn advance(&self, millis: i64) {
        self.hand.advance(Duration::from_millis(millis.unsigned_abs()));
    }

    /// A tick here and now; its time since the start.
    pub(crate) fn tick(&mut self) -> Option<i64> {
        self.sampler.tick(&self.registers).map(|time| time - START)
    }

    /// So many ticks, each five seconds after the one before.
    pub(crate) fn ticks(&mut self, count: usize) {
        for _ in 0..count {
            self.advance(5 * SECOND);
            assert!(self.tick().is_some());
        }
    }

    /// All samples of the one series of this name; none where there is no such series.
    pub(crate) fn samples(&self, name: &str) -> Samples {
        samples(&self.store, &[Matcher::equal("__name__", name)])
    }

    /// Times since the start in seconds, and values, `None` for the staleness marker.
    pub(crate) fn seen(&self, name: &str) -> Vec<(f64, Option<f64>)> {
        seen(&self.samples(name))
    }

    pub(crate) fn labels(&self, matchers: &[Matcher]) -> Vec<String> {
        let found = self.store.select(matchers, i64::MIN, i64::MAX, usize::MAX).unwrap();
        found.iter().map(|series| series.labels.to_string()).collect()
    }
}

pub(crate) fn samples(store: &Store, matchers: &[Matcher]) -> Samples {
    let mut found = store.select(matchers, i64::MIN, i64::MAX, usize::MAX).unwrap();
    assert!(found.len() <= 1, "{found:?}");
    found.pop().map(|series| series.samples).unwrap_or_default()
}

pub(crate) fn seen(samples: &Samples) -> Vec<(f64, Option<f64>)> {
    let times = samples.times.iter().map(|time| (time - START) as f64 / 1e3);
    times.zip(samples.values.iter().map(|value| (!is_stale(*value)).then_some(*value))).collect()
}

pub(crate) fn name(name: &str) -> Vec<Matcher> {
    vec![Matcher::equal("__name__", name)]
}

pub(crate) fn matcher(name: &str, op: MatchOp, value: &str) -> Matcher {
    Matcher::new(name, op, value).unwrap()
}

pub(crate) fn series(name: &str) -> Labels {
    Labels::new([("__name__", name)])
}

pub(crate) fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}

/// Everything as it came, for longer than any test takes.
pub(crate) fn unthinned() -> StoreSettings {
    StoreSettings::new().with_retention(Retention::new(seconds(400 * DAY / SECOND)))
}
