//! The thread that writes.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tower_watch_layers::clock::{Clock, Instant};

use crate::telemetry::logs::sink::losses::{Losses, Reason};
use crate::telemetry::logs::sink::output::{Output, WriteFailed};
use crate::telemetry::logs::sink::queue::{Next, Queue};

/// Writes what is in the queue, until nobody is left to put something in.
pub(crate) struct Worker {
    output: Box<dyn Output>,
    queue: Arc<Queue>,
    losses: Arc<Losses>,
    clock: Clock,
    dropped: Lost,
    failed: Lost,
    /// When it last said that lines were lost.
    said: Option<Instant>,
}

/// Lines lost for one reason, as far as nobody was told.
#[derive(Debug, Default)]
struct Lost {
    uncounted: u64,
    unsaid: u64,
}

/// Lost lines are spoken of no more often than this.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// How soon it is looked again for a recorder to count lost lines.
const COUNT_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    pub(crate) fn new(output: Box<dyn Output>, queue: Arc<Queue>, losses: Arc<Losses>, clock: Clock) -> Self {
        let (dropped, failed) = (Lost::default(), Lost::default());
        Self { output, queue, losses, clock, dropped, failed, said: None }
    }

    pub(crate) fn run(&mut self) {
        loop {
            match self.queue.next(self.patience()) {
                Next::Write(piece) => {
                    let written = self.output.write(&piece.bytes);
                    let lost = written.as_ref().map_or_else(|failed| failed.lost, |()| 0);
                    self.queue.done(piece, lost);
                    if let Err(failed) = written {
                        self.note_failure(&failed);
                    }
                    self.tell();
                    self.queue.gather();
                }
                Next::Nothing => self.tell(),
                Next::End => return self.tell(),
            }
        }
    }

    /// How long it may wait for lines before it has to say something.
    fn patience(&self) -> Option<Duration> {
        let has = |of: fn(&Lost) -> u64| of(&self.dropped) + of(&self.failed) > 0;
        match () {
            () if has(|lost| lost.uncounted) => Some(COUNT_EVERY),
            () if has(|lost| lost.unsaid) => Some(SAY_EVERY),
            () => None,
        }
    }

    fn note_failure(&mut self, failed: &WriteFailed) {
        self.failed.add(failed.lost);
        if self.may_speak() {
            // What cannot be written here is said elsewhere, and where that is impossible too, nowhere.
            let _ = writeln!(
                std::io::stderr(),
                "tower-watch: log lines cannot be written to {}: {}; they are dropped and counted until they can",
                self.output.name(),
                failed.error
            );
        }
    }

    /// Counts what was lost, and once a minute says it.
    fn tell(&mut self) {
        self.dropped.add(self.queue.take_dropped());
        for (lost, reason) in
            [(&mut self.dropped, Reason::QueueFull), (&mut self.failed, Reason::WriteFailed)]
        {
            if lost.uncounted > 0 && self.losses.count(reason, lost.uncounted) {
                lost.uncounted = 0;
            }
        }
        let (dropped, failed) = (self.dropped.unsaid, self.failed.unsaid);
        if dropped + failed > 0 && self.may_speak() {
            self.said = Some(self.clock.now());
            (self.dropped.unsaid, self.failed.unsaid) = (0, 0);
            tracing::warn!(
                target: "tower_watch::telemetry",
                queue_full = dropped,
                write_failed = failed,
                "log lines were lost: the queue was full, as they came faster than they could be written, or they could not \
                 be written at all"
            );
        }
    }

    fn may_speak(&self) -> bool {
        self.said.is_none_or(|said| self.clock.now().since(said) >= SAY_EVERY)
    }
}

impl Lost {
    fn add(&mut self, lines: u64) {
        self.uncounted += lines;
        self.unsaid += lines;
    }
}
