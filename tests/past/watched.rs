//! A watch that stands still until a test moves it.

use std::time::Duration;

use tower_watch::Watch;
use tower_watch::promql::{Output, Value};
use tower_watch::testing::{Clock, FakeClock};
use tower_watch::watch::WatchBuilder;

/// When a fake clock starts: 2026-01-01T00:00:00Z, in milliseconds since the Unix epoch.
pub(crate) const START: i64 = 1_767_225_600_000;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Watched {
    pub(crate) watch: Watch,
    pub(crate) clock: FakeClock,
}

impl Watched {
    /// With a tick at [`START`].
    pub(crate) fn start() -> Self {
        Self::with(START, |builder| builder)
    }

    /// Another watch at another time, with a tick there.
    pub(crate) fn with(start: i64, change: impl FnOnce(WatchBuilder) -> WatchBuilder) -> Self {
        let (clock, hand) = Clock::fake();
        hand.jump_wall(start - START);
        let builder = Watch::builder("shop").local().instance("here").clock(clock);
        let watch = change(builder).start().unwrap();
        assert_eq!(watch.tick(), Some(start));
        Self { watch, clock: hand }
    }

    /// Records what `record` does, and has it read `seconds` later.
    pub(crate) fn after(&self, seconds: u64, record: impl FnOnce()) {
        self.record(record);
        self.clock.advance(Duration::from_secs(seconds));
        assert!(self.watch.tick().is_some());
    }

    pub(crate) fn record(&self, record: impl FnOnce()) {
        metrics::with_local_recorder(self.watch.registers(), record);
    }
}

/// The values of a vector.
pub(crate) fn values(output: &Output) -> Vec<f64> {
    match &output.value {
        Value::Vector(samples) => samples.iter().map(|sample| sample.point.value).collect(),
        other => panic!("not a vector: {other:?}"),
    }
}
