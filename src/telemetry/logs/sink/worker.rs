//! The thread that writes.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::{Clock, Instant};

use crate::telemetry::counts::Counts;
use crate::telemetry::logs::sink::losses::Lost;
use crate::telemetry::logs::sink::output::{Output, WriteFailed};
use crate::telemetry::logs::sink::queue::{Next, Queue};

/// Writes what is in the queue, until nobody is left to put something in.
pub(crate) struct Worker {
    output: Box<dyn Output>,
    queue: Arc<Queue>,
    counts: Arc<Counts<Lost>>,
    clock: Clock,
    /// Of the lines that were lost, those that the log knows.
    told: Told,
    /// When it last said that lines were lost.
    said: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    queue_full: u64,
    write_failed: u64,
}

/// Lost lines are spoken of no more often than this.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// How soon it is looked again for a recorder to count lost lines.
const COUNT_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    pub(crate) fn new(
        output: Box<dyn Output>,
        queue: Arc<Queue>,
        counts: Arc<Counts<Lost>>,
        clock: Clock,
    ) -> Self {
        Self { output, queue, counts, clock, told: Told::default(), said: None }
    }

    pub(crate) fn run(&mut self) {
        loop {
            match self.queue.next(self.patience()) {
                Next::Write(piece) => {
                    let written = self.output.write(&piece.bytes);
                    let lost = written.as_ref().map_or_else(|failed| failed.lost, |()| 0);
                    self.counts.export(piece.lines.saturating_sub(lost));
                    self.counts.lose(Lost::WriteFailed, lost);
                    if let Err(failed) = &written {
                        self.say_why(failed);
                    }
                    // Whoever waits for the lines finds them counted; what is said of them needs their room.
                    self.count();
                    self.queue.done(piece, lost);
                    self.say();
                    self.queue.gather();
                }
                Next::Nothing => self.tell(),
                Next::End => return self.tell(),
            }
        }
    }

    /// How long it may wait for lines before it has to say something.
    fn patience(&self) -> Option<Duration> {
        match () {
            () if self.counts.has_unpublished_drops() => Some(COUNT_EVERY),
            () if self.lost() != self.told => Some(SAY_EVERY),
            () => None,
        }
    }

    fn say_why(&self, failed: &WriteFailed) {
        if failed.lost > 0 && self.may_speak() {
            // What cannot be written here is said elsewhere, and where that is impossible too, nowhere.
            let _ = writeln!(
                std::io::stderr(),
                "tower-watch: log lines cannot be written to {}: {}; they are dropped and counted until they can",
                self.output.name(),
                failed.error
            );
        }
    }

    fn tell(&mut self) {
        self.count();
        self.say();
    }

    fn count(&self) {
        self.counts.lose(Lost::QueueFull, self.queue.take_dropped());
        self.counts.publish();
    }

    /// Says once a minute what was lost.
    fn say(&mut self) {
        let lost = self.lost();
        if lost != self.told && self.may_speak() {
            self.said = Some(self.clock.now());
            let since = std::mem::replace(&mut self.told, lost);
            tracing::warn!(
                target: "tower_watch::telemetry",
                queue_full = lost.queue_full - since.queue_full,
                write_failed = lost.write_failed - since.write_failed,
                "log lines were lost: the queue was full, as they came faster than they could be written, or they could not \
                 be written at all"
            );
        }
    }

    fn lost(&self) -> Told {
        Told {
            queue_full: self.counts.dropped(Lost::QueueFull),
            write_failed: self.counts.dropped(Lost::WriteFailed),
        }
    }

    fn may_speak(&self) -> bool {
        self.said.is_none_or(|said| self.clock.now().since(said) >= SAY_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tower_watch_layers::clock::Clock;
    use tracing_subscriber::layer::SubscriberExt;

    use super::{Told, Worker};
    use crate::telemetry::counts::Counts;
    use crate::telemetry::logs::JsonLayer;
    use crate::telemetry::logs::sink::output::{Output, WriteFailed};
    use crate::telemetry::logs::sink::queue::Queue;

    struct Full;

    impl Output for Full {
        fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
            Err(WriteFailed::after(0, lines, ErrorKind::StorageFull.into()))
        }

        fn name(&self) -> String {
            "a full disk".to_owned()
        }
    }

    /// What the worker says in the log itself, by a clock that stands still until it is told to go.
    #[test]
    fn lost_lines_are_spoken_of_once_a_minute() {
        let (clock, time) = Clock::fake();
        let queue = Arc::new(Queue::new(1_000));
        let mut worker =
            Worker::new(Box::new(Full), Arc::clone(&queue), Arc::new(Counts::new("logs")), clock);
        let said: Arc<Mutex<Vec<u8>>> = Arc::default();
        let into = Arc::clone(&said);
        let layer = JsonLayer::new(move || Into(Arc::clone(&into)));
        let subscriber = tracing_subscriber::registry().with(layer);
        // A second dispatch keeps the callsite from being switched off for all by a thread without a subscriber.
        let _second = tracing::Dispatch::new(tracing_subscriber::registry());
        let lines = || {
            let said = String::from_utf8(said.lock().unwrap().clone()).unwrap();
            said.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
        };
        tracing::subscriber::with_default(subscriber, || {
            let mut lose = |lines: usize| {
                (0..lines).for_each(|_| queue.push(&[b'x'; 2_000]));
                worker.tell();
                worker.patience()
            };
            assert_eq!(lose(0), None);
            lose(3);
            assert_eq!(lines().len(), 1);
            assert_eq!(lines()[0]["queue_full"], 3);
            time.advance(Duration::from_secs(59));
            lose(2);
            lose(5);
            assert_eq!(lines().len(), 1, "not so soon");
            time.advance(Duration::from_secs(1));
            lose(0);
            assert_eq!(lines().len(), 2, "and not forgotten");
            assert_eq!(lines()[1]["queue_full"], 7);
            time.advance(Duration::from_secs(600));
            lose(0);
            assert_eq!(lines().len(), 2, "nothing new");
        });
        assert_eq!(worker.told, Told { queue_full: 10, write_failed: 0 });
    }

    struct Into(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Into {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}
