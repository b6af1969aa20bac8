//! What there is to say about where lines go.

use std::io;
use std::path::PathBuf;

use tower_watch_layers::clock::Clock;

use crate::telemetry::logs::sink::LogWriter;
use crate::telemetry::logs::sink::file::RotatedFile;
use crate::telemetry::logs::sink::output::{Output, Stream};

/// Where lines go.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    place: Place,
    queue: Option<usize>,
}

#[derive(Clone, Debug, Default)]
enum Place {
    #[default]
    Stdout,
    Stderr,
    File(FileSink),
}

/// Lines for 8 MiB may wait.
const QUEUE: usize = 8 * 1024 * 1024;

/// The shortest queue in which a long line has room.
const SHORTEST_QUEUE: usize = 64 * 1024;

impl Sink {
    /// Standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::default()
    }

    /// Standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Self { place: Place::Stderr, queue: None }
    }

    /// A file, which is made with its folder where it is not there.
    pub fn file(path: impl Into<PathBuf>) -> FileSink {
        FileSink { path: path.into(), most_bytes: 100 * 1024 * 1024, every: Rotation::Daily, keep: 14 }
    }

    /// Lets lines of so many bytes wait, 8 MiB by default and 64 KiB at least; what comes when they are full is dropped.
    #[must_use]
    pub fn with_queue(mut self, bytes: usize) -> Self {
        self.queue = Some(bytes.max(SHORTEST_QUEUE));
        self
    }

    /// Opens it, and starts the thread that writes.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or the thread cannot be started; says which file, and what to do about it.
    pub fn open(self) -> io::Result<LogWriter> {
        self.open_with(Clock::default())
    }

    pub(crate) fn open_with(self, clock: Clock) -> io::Result<LogWriter> {
        let output: Box<dyn Output> = match &self.place {
            Place::Stdout => Box::new(Stream::Stdout),
            Place::Stderr => Box::new(Stream::Stderr),
            Place::File(file) => Box::new(RotatedFile::open(file.clone(), clock.clone())?),
        };
        LogWriter::start(output, self.queue.unwrap_or(QUEUE), clock)
    }

    /// Whether somebody may be looking.
    pub(crate) fn is_terminal(&self) -> bool {
        use std::io::IsTerminal;
        match self.place {
            Place::Stdout => io::stdout().is_terminal(),
            Place::Stderr => io::stderr().is_terminal(),
            Place::File(_) => false,
        }
    }
}

/// A file that is rotated: by size, and with the day or the hour (UTC).
///
/// Lines are appended to the file of the given name. On rotation it is renamed: `orders.log` becomes
/// `orders.2026-11-20T160405.000.log`, by the time at which it was begun, and the oldest of those are removed. An agent that follows
/// the name, or takes `orders*.log`, misses nothing. Where somebody else moves the file away, or puts another one in its place, it is
/// opened anew within a second. Two processes need two files.
#[derive(Clone, Debug)]
#[must_use = "a file is written to when it is a sink"]
pub struct FileSink {
    pub(crate) path: PathBuf,
    pub(crate) most_bytes: u64,
    pub(crate) every: Rotation,
    pub(crate) keep: usize,
}

/// How long a file is written to at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// For ever; only its size counts.
    Never,
    /// For an hour, from the beginning of the hour.
    Hourly,
    /// For a day, from midnight UTC.
    Daily,
}

impl FileSink {
    /// Rotates a file before it is larger than this. 100 MiB by default; 64 KiB at least, as lines are written in such pieces.
    pub fn rotate_at(mut self, bytes: u64) -> Self {
        self.most_bytes = bytes.max(64 * 1024);
        self
    }

    /// Rotates with the hour or the day. `Daily` by default.
    pub fn rotate_every(mut self, every: Rotation) -> Self {
        self.every = every;
        self
    }

    /// Keeps so many rotated files beside the one that is written to. 14 by default.
    pub fn keep(mut self, files: usize) -> Self {
        self.keep = files;
        self
    }
}

impl From<FileSink> for Sink {
    fn from(file: FileSink) -> Self {
        Self { place: Place::File(file), queue: None }
    }
}
