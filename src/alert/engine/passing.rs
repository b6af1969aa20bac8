//! Acknowledgements, passed on to the receivers that take the alert to fire.
//!
//! Off the path of whoever acknowledges. A receiver hears of it when it has been told of the alert itself, and is asked again
//! with growing waits until it takes it, refuses it, or there is nothing to say any more: the alert is over, or the
//! acknowledgement is. What is on its way is kept in memory: a restart goes on with the acknowledgement itself, and does not
//! say it again.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::alert::engine::core::Core;
use crate::alert::engine::driver::Engine;
use crate::alert::notify::attempt::attempt_acknowledgement;
use crate::alert::notify::backoff;
use crate::alert::notify::outbox::{Group, Target};
use crate::alert::notify::{Notice, Notification, Reason};
use crate::alert::receivers::{Receiver, SendError};
use crate::alert::{Alert, Fingerprint, Status};

/// When a target that is still to be told of the alert itself is looked at again, in milliseconds.
const LATER: i64 = 2_000;

/// All that is on its way.
#[derive(Debug, Default)]
pub(crate) struct Passing {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    words: Vec<Word>,
    /// Whether a task passes them on.
    is_running: bool,
}

/// That one alert is acknowledged, for one target.
#[derive(Debug)]
struct Word {
    target: Target,
    group: Group,
    alert: Arc<Alert>,
    due: i64,
    failures: u32,
}

impl Passing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Everybody who takes these alerts to fire is to hear that they are acknowledged.
    pub(crate) fn pass_on(self: &Arc<Self>, core: &Core, acknowledged: &[Fingerprint]) {
        let acknowledged: HashSet<Fingerprint> = acknowledged.iter().copied().collect();
        let due = self.present();
        let mut words = Vec::new();
        for (target, group) in core.outbox.believing() {
            for alert in core.outbox.believed_firing(&target, &group.key) {
                if acknowledged.contains(&alert.fingerprint()) {
                    let (target, group) = (target.clone(), group.clone());
                    words.push(Word { target, group, alert, due, failures: 0 });
                }
            }
        }
        let mut state = self.passing.state();
        // Said anew, it takes the place of what was on its way.
        state.words.retain(|word| !acknowledged.contains(&word.alert.fingerprint()));
        state.words.extend(words);
        let starts = !self.fake && !state.words.is_empty() && !state.is_running;
        state.is_running |= starts;
        drop(state);
        if starts && self.delivery.spawn(Arc::clone(self).keep_passing_on()).is_none() {
            self.passing.state().is_running = false;
        }
    }

    async fn keep_passing_on(self: Arc<Self>) {
        loop {
            self.pass_on_due().await;
            let wait = {
                let mut state = self.passing.state();
                let Some(due) = state.words.iter().map(|word| word.due).min() else {
                    state.is_running = false;
                    return;
                };
                u64::try_from(due.saturating_sub(self.present())).unwrap_or(0)
            };
            sleep(Duration::from_millis(wait.clamp(50, 5_000))).await;
        }
    }

    /// Tells every target what is due: all of them at the same time, each one word after the other.
    pub(crate) async fn pass_on_due(self: &Arc<Self>) {
        let mut targets = BTreeMap::<Target, Vec<(Word, Arc<dyn Receiver>)>>::new();
        for (word, receiver) in self.due_words() {
            targets.entry(word.target.clone()).or_default().push((word, receiver));
        }
        let mut passing: JoinSet<_> =
            targets.into_values().map(|words| Arc::clone(self).pass_on_to(words)).collect();
        while let Some(left) = passing.join_next().await {
            self.passing.state().words.extend(left.unwrap_or_default());
        }
    }

    /// Takes out what can be said now, and drops what there is nothing to say of any more.
    fn due_words(&self) -> Vec<(Word, Arc<dyn Receiver>)> {
        let now = self.present();
        let core = self.core();
        let targets: BTreeMap<Target, Arc<dyn Receiver>> = core.targets().into_iter().collect();
        let mut state = self.passing.state();
        let (mut due, mut waiting) = (Vec::new(), Vec::new());
        for mut word in std::mem::take(&mut state.words) {
            let alert = word.alert.fingerprint();
            let holds = core.dispatcher.acknowledgements().get(alert).is_some();
            let told = core.outbox.was_told(&word.target, &word.group.key, alert);
            let (true, Some(was_told), Some(receiver)) = (holds, told, targets.get(&word.target)) else {
                continue;
            };
            if word.due > now {
                waiting.push(word);
            } else if was_told {
                due.push((word, Arc::clone(receiver)));
            } else {
                word.due = now.saturating_add(LATER);
                waiting.push(word);
            }
        }
        state.words = waiting;
        due
    }

    /// Returns what is to be said again. Who does not take the first word is not asked to take the others at once.
    async fn pass_on_to(self: Arc<Self>, words: Vec<(Word, Arc<dyn Receiver>)>) -> Vec<Word> {
        let mut left: Vec<Word> = Vec::new();
        for (mut word, receiver) in words {
            if let Some(failed) = left.first() {
                word.due = failed.due;
                left.push(word);
                continue;
            }
            let limit = receiver.timeout().unwrap_or(self.notification_timeout);
            match attempt_acknowledgement(&*receiver, &self.acknowledgement(&word), limit).await {
                Ok(()) => {}
                Err(SendError::Retry { after, .. }) => {
                    word.failures = word.failures.saturating_add(1);
                    word.due = self.present().saturating_add(backoff::wait(word.failures, after));
                    left.push(word);
                }
                Err(error) => tracing::warn!(
                    receiver = %word.target,
                    alert = word.alert.name(),
                    %error,
                    "a receiver refused an acknowledgement, which is not passed on to it again"
                ),
            }
        }
        left
    }

    fn acknowledgement(&self, word: &Word) -> Notification {
        Notification {
            receiver: Arc::clone(&word.group.receiver),
            group_key: Arc::clone(&word.group.key),
            group_labels: word.group.labels.clone(),
            alerts: vec![Notice { alert: Arc::clone(&word.alert), status: Status::Firing }],
            reason: Reason::News,
            time: self.present(),
            external_url: Arc::clone(&self.external_url),
            instance: self.shown.clone(),
        }
    }
}
