//! What a layer writes to.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tower_watch_layers::clock::Clock;
use tracing_subscriber::fmt::MakeWriter;

use crate::telemetry::counts::Counts;
use crate::telemetry::logs::sink::losses::Lost;
use crate::telemetry::logs::sink::output::Output;
use crate::telemetry::logs::sink::queue::Queue;
use crate::telemetry::logs::sink::worker::Worker;

/// Takes lines and writes them on a thread of its own; made by [`Sink::open`](crate::telemetry::logs::Sink::open). Cheap to clone.
///
/// A `MakeWriter` like any other: `tracing_subscriber::fmt().with_writer(writer)` never blocks with it. When the last clone is
/// dropped, the thread writes what is left, and ends.
#[derive(Clone, Debug)]
pub struct LogWriter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Arc<Queue>,
    counts: Arc<Counts<Lost>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl LogWriter {
    pub(crate) fn start(output: Box<dyn Output>, queue: usize, clock: Clock) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(queue));
        let counts = Arc::new(Counts::new("logs"));
        let mut worker = Worker::new(output, Arc::clone(&queue), Arc::clone(&counts), clock);
        thread::Builder::new().name("tower-watch-logs".into()).spawn(move || worker.run())?;
        Ok(Self { shared: Arc::new(Shared { queue, counts }) })
    }

    /// Waits until everything that was logged before is written, but no longer than this; whether it is. Blocks.
    #[must_use]
    pub fn flush_within(&self, patience: Duration) -> bool {
        self.shared.queue.wait_until_written(patience)
    }

    pub(crate) fn counts(&self) -> &Counts<Lost> {
        &self.shared.counts
    }
}

/// One line; each `write` is one.
#[derive(Debug)]
pub struct LogLine<'a> {
    queue: &'a Queue,
}

impl io::Write for LogLine<'_> {
    /// Takes the whole line, or drops it; never fails, and never waits for the sink.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.queue.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = LogLine<'w>;

    fn make_writer(&'w self) -> LogLine<'w> {
        LogLine { queue: &self.shared.queue }
    }
}
