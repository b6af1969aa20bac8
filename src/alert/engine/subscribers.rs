//! Who hears of every change: channels, and closures on a thread of their own.
//!
//! A change is that an alert fires, or is over. Nobody who listens can delay the engine or a receiver: a channel that is not
//! read loses its oldest changes, and says how many; closures that are too slow lose the newest, which is counted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use metrics::Counter;
use tokio::sync::{broadcast, oneshot};

use crate::alert::notify::Notice;

/// How many changes a subscriber may be behind.
const BEHIND: usize = 1_024;

/// Changes as they come, for any async runtime: [`recv`](broadcast::Receiver::recv) until the engine ends. One that reads too
/// slowly is told how many it has missed, and goes on behind them.
pub type Subscription = broadcast::Receiver<Notice>;

type Listener = Box<dyn FnMut(&Notice) + Send>;

/// Everybody who listens.
#[derive(Debug)]
pub(crate) struct Subscribers {
    channel: broadcast::Sender<Notice>,
    /// The thread of the closures, from the first of them to the end of the engine.
    thread: Mutex<Option<SyncSender<Word>>>,
    dropped: Counter,
}

/// What the thread of the closures is told.
enum Word {
    Change(Notice),
    Listen(Listener),
    /// Answered when all that was said before has been heard.
    Flush(oneshot::Sender<()>),
}

impl Subscribers {
    pub(crate) fn new(dropped: Counter) -> Self {
        Self { channel: broadcast::Sender::new(BEHIND), thread: Mutex::default(), dropped }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        self.channel.subscribe()
    }

    /// Has a closure called from now on.
    pub(crate) fn listen(&self, listener: impl FnMut(&Notice) + Send + 'static) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let (words, heard) = sync_channel(BEHIND);
            let name = thread::Builder::new().name("tower-watch-change".into());
            match name.spawn(move || run(&heard)) {
                Ok(_) => *thread = Some(words),
                Err(error) => {
                    tracing::error!(%error, "no thread could be started for on_change: the closure will not be called");
                    return;
                }
            }
        }
        let words = thread.clone();
        drop(thread);
        // Waits only where closures are behind, and then for no longer than they are.
        let _ = words.map(|words| words.send(Word::Listen(Box::new(listener))));
    }

    pub(crate) fn tell(&self, changes: Vec<Notice>) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for change in changes {
            if let Some(thread) = &thread
                && let Err(TrySendError::Full(_)) = thread.try_send(Word::Change(change.clone()))
            {
                self.dropped.increment(1);
            }
            // An error says that nobody subscribes.
            let _ = self.channel.send(change);
        }
    }

    /// Returns when closures have heard of all that was told before.
    pub(crate) async fn flush(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(thread) = thread else { return };
        let (done, heard) = oneshot::channel();
        if thread.try_send(Word::Flush(done)).is_ok() {
            let _ = heard.await;
        }
    }

    /// Ends the thread of the closures when they have heard what they were told, and lets go of them: they may hold the
    /// engine.
    pub(crate) fn end(&self) {
        *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn run(words: &Receiver<Word>) {
    let mut listeners: Vec<Listener> = Vec::new();
    while let Ok(word) = words.recv() {
        match word {
            Word::Listen(listener) => listeners.push(listener),
            Word::Change(change) => {
                for listener in &mut listeners {
                    if catch_unwind(AssertUnwindSafe(|| listener(&change))).is_err() {
                        tracing::error!(
                            alert = change.alert.name(),
                            "a closure given to on_change panicked; it goes on"
                        );
                    }
                }
            }
            Word::Flush(done) => drop(done.send(())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;
    use crate::alert::{Alert, Status};

    fn change(name: &str) -> Notice {
        Notice { alert: Arc::new(Alert::new(name)), status: Status::Firing }
    }

    #[tokio::test]
    async fn channels_and_closures_hear_of_it_and_a_panic_ends_nobody() {
        let subscribers = Subscribers::new(Counter::noop());
        let mut channel = subscribers.subscribe();
        let (sender, heard) = mpsc::channel();
        subscribers.listen(|_| panic!("a listener of the test panics on purpose"));
        subscribers.listen(move |change| sender.send(change.alert.name().to_owned()).unwrap());
        subscribers.tell(vec![change("a"), change("b")]);
        subscribers.flush().await;
        assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(channel.recv().await.unwrap().alert.name(), "a");
        subscribers.end();
        // The closure is gone, and its sender with it.
        assert!(heard.recv().is_err());
    }

    #[test]
    fn a_closure_that_hangs_holds_nobody_up() {
        let subscribers = Subscribers::new(Counter::noop());
        let (release, held) = mpsc::channel::<()>();
        subscribers.listen(move |_| {
            let _ = held.recv();
        });
        for _ in 0..3 * BEHIND {
            subscribers.tell(vec![change("a")]);
        }
        drop(release);
    }
}
