//! The handle to the engine.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::alert::engine::driver::Engine;
use crate::alert::engine::inbox::Entry;
use crate::alert::engine::subscribers::Subscription;
use crate::alert::notify::{Delivered, Notice, Notification, test_notification};
use crate::alert::receivers::SendError;
use crate::alert::{Alert, GroupStatus};
use crate::series::Labels;

/// The alerts of a watch: to raise some, to ask for those that are there, and to hear of changes.
///
/// A clone is the same. Where there is no engine (preset `Fleet`, `without_store`, `without_alerts`), what is raised goes
/// nowhere, and nothing is ever there.
#[derive(Clone, Debug)]
pub struct Alerts {
    pub(crate) engine: Option<Arc<Engine>>,
}

impl Alerts {
    pub(crate) fn of(engine: Option<Arc<Engine>>) -> Self {
        Self { engine }
    }

    /// Whether there is an engine.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.engine.is_some()
    }

    /// Raises an alert, or renews it: an alert with the same labels is the same alert, however often it is raised.
    ///
    /// It is left for the engine, which takes it a moment later; nothing here waits, so a handler may do it. `service`,
    /// `environment` and `instance` are added where the alert has them not. It fires until it is
    /// [resolved](Self::resolve), or until its own [`ends_at`](Alert::ends_at).
    pub fn raise(&self, alert: Alert) {
        let Some(engine) = &self.engine else { return };
        let (now, mut alert) = (engine.present(), alert);
        if alert.starts_at == 0 {
            alert.starts_at = now;
        }
        alert.updated_at = now;
        engine.inbox.leave(Entry::Raised(Box::new(alert)));
        engine.bell.ring();
    }

    /// Says that a raised alert is over: the one with these labels. It is left for the engine too.
    pub fn resolve(&self, labels: &Labels) {
        let Some(engine) = &self.engine else { return };
        engine.inbox.leave(Entry::Resolved(labels.clone(), engine.present()));
        engine.bell.ring();
    }

    /// The alerts that fire, the oldest first.
    #[must_use]
    pub fn active(&self) -> Vec<Arc<Alert>> {
        let Some(engine) = &self.engine else { return Vec::new() };
        let mut active: Vec<Arc<Alert>> = engine.core().book.active().cloned().collect();
        active.sort_by(|a, b| (a.starts_at, &a.labels).cmp(&(b.starts_at, &b.labels)));
        active
    }

    /// How all rules do, by group, as the last evaluation of each left them: what is pending included. Waits for nobody.
    #[must_use]
    pub fn rules(&self) -> Arc<Vec<Arc<GroupStatus>>> {
        self.engine.as_ref().map(|engine| engine.board.groups()).unwrap_or_default()
    }

    /// How many fire, by how bad they are.
    #[must_use]
    pub fn summary(&self) -> BTreeMap<String, usize> {
        self.engine.as_ref().map(|engine| engine.core().book.summary()).unwrap_or_default()
    }

    /// Every change from now on: an alert fires, or is over. One that is not read loses the oldest 1,024 at a time, and is told.
    #[must_use]
    pub fn subscribe(&self) -> Option<Subscription> {
        self.engine.as_ref().map(|engine| engine.subscribers.subscribe())
    }

    /// Has a closure called at every change from now on, on a thread of its own that all such closures share. A panic of it
    /// is caught; one that is too slow misses changes, which are counted.
    pub fn on_change(&self, closure: impl FnMut(&Notice) + Send + 'static) {
        if let Some(engine) = &self.engine {
            engine.subscribers.listen(closure);
        }
    }

    /// Reads rules and routing again. All or nothing: where something is wrong, everything goes on as it was.
    ///
    /// # Errors
    ///
    /// All that is wrong, each with its place.
    pub fn reload(&self) -> Result<(), ReloadError> {
        self.reload_for("program")
    }

    /// The same, with who asked for it.
    pub(crate) fn reload_for(&self, who: &str) -> Result<(), ReloadError> {
        let Some(engine) = &self.engine else { return Ok(()) };
        engine.reload(who).map_err(|problems| ReloadError { problems })
    }

    /// Evaluates what is due and routes what there is to route, now and on this thread. The engine does so by itself, unless
    /// the watch's clock is a fake one: then this is the only way.
    pub fn tick(&self) {
        if let Some(engine) = &self.engine {
            engine.tick();
        }
    }

    /// Sends what is due now, and returns how that came out. The engine does so by itself, unless the watch's clock is a fake
    /// one. Closures of [`on_change`](Self::on_change) have heard of all that came before when it returns. Needs no async
    /// runtime of the caller's.
    pub async fn deliver(&self) -> Delivered {
        let Some(engine) = &self.engine else { return Delivered::default() };
        engine.subscribers.flush().await;
        let Some(sending) = engine.delivery.spawn(Arc::clone(engine).deliver_due()) else {
            return Delivered::default();
        };
        sending.await.unwrap_or_default()
    }

    /// Sends a test message to a receiver, in all the ways in which it is told, and says how that came out.
    ///
    /// # Errors
    ///
    /// See [`TestError`].
    pub async fn test(&self, receiver: &str) -> Result<(), TestError> {
        self.test_for(receiver, "program").await
    }

    /// The same, with who asked for it.
    pub(crate) async fn test_for(&self, receiver: &str, who: &str) -> Result<(), TestError> {
        let Some(engine) = &self.engine else { return Err(TestError::Off) };
        let found = engine.core().integrations(receiver);
        let integrations = found.ok_or_else(|| TestError::Unknown(receiver.to_owned()))?;
        let message = test_message(engine, receiver);
        let (sender, who, name) = (Arc::clone(engine), who.to_owned(), receiver.to_owned());
        let work = async move {
            sender.change(|dispatcher, now, writes| dispatcher.note(now, &who, "tested", &name, writes));
            let mut failed = Vec::new();
            for (target, receiver) in integrations {
                if let Err(error) = sender.send(&receiver, &message).await {
                    failed.push((target.0.to_string(), error));
                }
            }
            failed
        };
        let Some(sending) = engine.delivery.spawn(work) else { return Err(TestError::Off) };
        match sending.await {
            Ok(failed) if failed.is_empty() => Ok(()),
            Ok(failed) => Err(TestError::Failed(failed)),
            Err(_) => Err(TestError::Off),
        }
    }
}

fn test_message(engine: &Engine, receiver: &str) -> Notification {
    let mut message = test_notification(receiver, engine.present());
    message.external_url = Arc::clone(&engine.external_url);
    message.instance = Some(Arc::clone(&engine.instance));
    for notice in &mut message.alerts {
        let alert = Arc::make_mut(&mut notice.alert);
        alert.labels = engine.labelled(&alert.labels);
    }
    message
}

/// Why rules and routing were not read again; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReloadError {
    problems: Vec<String>,
}

impl ReloadError {
    /// All that is wrong.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing was reloaded, and everything goes on as it was")?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ReloadError {}

/// Why a test message did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestError {
    /// There is no engine, or it has ended.
    Off,
    /// No receiver has this name.
    Unknown(String),
    /// These ways of telling it failed, each with what happened.
    Failed(Vec<(String, SendError)>),
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("there is no alert engine here, or it has ended"),
            Self::Unknown(name) => {
                write!(f, "there is no receiver {name:?}; look for its name in the routing")
            }
            Self::Failed(failed) => {
                f.write_str("the test message did not arrive")?;
                failed.iter().try_for_each(|(target, error)| write!(f, "\n  {target}: {error}"))
            }
        }
    }
}

impl std::error::Error for TestError {}
