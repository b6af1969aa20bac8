//! A watch whose time is a test's, and a receiver that remembers what it was told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_watch::Watch;
use tower_watch::alert::notify::Notification;
use tower_watch::alert::receivers::{Delivery, Receiver, SendError};
use tower_watch::alert::{AlertSettings, Alerts};
use tower_watch::layers::clock::{Clock, FakeClock};
use tower_watch::watch::WatchBuilder;

/// A watch, its clock, and what stands for an operator's phone.
pub(crate) struct World {
    pub(crate) watch: Watch,
    pub(crate) hand: FakeClock,
}

impl World {
    pub(crate) fn new(settings: AlertSettings) -> Self {
        Self::built(|builder| builder.alerts(settings))
    }

    pub(crate) fn built(change: impl FnOnce(WatchBuilder) -> WatchBuilder) -> Self {
        let (clock, hand) = Clock::fake();
        let builder = Watch::builder("shop").local().without_admin().clock(clock).instance("a");
        Self { watch: change(builder).start().unwrap(), hand }
    }

    pub(crate) fn alerts(&self) -> &Alerts {
        self.watch.alerts()
    }

    /// Goes on so long, a tick of the store and of the engine each 5 s, and everything delivered.
    pub(crate) async fn pass(&self, time: Duration) {
        for _ in 0..time.as_secs() / 5 {
            self.hand.advance(Duration::from_secs(5));
            self.watch.tick();
            self.alerts().tick();
            self.alerts().deliver().await;
        }
    }

    /// Sets the gauge that rules look at.
    pub(crate) fn queue(&self, depth: f64) {
        metrics::with_local_recorder(self.watch.registers(), || metrics::gauge!("queue_depth").set(depth));
    }

    /// The names of the alerts that fire.
    pub(crate) fn firing(&self) -> Vec<String> {
        self.alerts().active().iter().map(|alert| alert.name().to_owned()).collect()
    }
}

/// Remembers what it was told, one line a message: `firing Down, resolved Slow`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    told: Arc<Mutex<Vec<String>>>,
    /// Whether it says no.
    pub(crate) down: Arc<Mutex<Option<SendError>>>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What it was told since it was asked last.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }
}

impl Recorder {
    fn hear(&self, notification: &Notification, word: Option<&str>) -> Result<(), SendError> {
        if let Some(error) = &*self.down.lock().unwrap() {
            return Err(error.clone());
        }
        let mut said: Vec<String> = notification
            .alerts
            .iter()
            .map(|notice| match word {
                Some(word) => format!("{word} {}", notice.alert.name()),
                None => format!("{} {}", notice.status, notice.alert.name()),
            })
            .collect();
        said.sort();
        self.told.lock().unwrap().push(said.join(", "));
        Ok(())
    }
}

impl Receiver for Recorder {
    fn kind(&self) -> &'static str {
        "recorder"
    }

    fn send<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async move { self.hear(notification, None) })
    }

    fn acknowledge<'a>(&'a self, notification: &'a Notification) -> Delivery<'a> {
        Box::pin(async move { self.hear(notification, Some("acknowledged")) })
    }
}
