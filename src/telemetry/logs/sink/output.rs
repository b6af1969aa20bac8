//! Standard output and standard error.

use std::io::{self, ErrorKind, Write};
use std::thread;
use std::time::Duration;

/// What lines are written to, by one thread.
pub(crate) trait Output: Send {
    /// Writes whole lines; fails with the number of those that were lost.
    fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed>;

    /// What it is called in an error.
    fn name(&self) -> String;
}

/// Lines that could not be written.
#[derive(Debug)]
pub(crate) struct WriteFailed {
    pub(crate) error: io::Error,
    pub(crate) lost: u64,
}

impl WriteFailed {
    /// After `written` bytes of `lines` had gone out.
    pub(crate) fn after(written: usize, lines: &[u8], error: io::Error) -> Self {
        Self { error, lost: count_lines(&lines[whole_lines(&lines[..written])..]) }
    }
}

pub(crate) fn count_lines(lines: &[u8]) -> u64 {
    lines.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The length of the whole lines at the start of these bytes.
pub(crate) fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Writes everything; says how far it came. A descriptor that somebody made non-blocking is given a second to take more.
pub(crate) fn write_all(out: &mut impl Write, bytes: &[u8]) -> Result<(), (usize, io::Error)> {
    const PAUSE: Duration = Duration::from_millis(5);
    const MOST_PAUSES: u32 = 200;
    let (mut written, mut pauses) = (0, 0);
    while written < bytes.len() {
        match out.write(&bytes[written..]) {
            Ok(0) => return Err((written, ErrorKind::WriteZero.into())),
            Ok(more) => written += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock && pauses < MOST_PAUSES => {
                pauses += 1;
                thread::park_timeout(PAUSE);
            }
            Err(error) => return Err((written, error)),
        }
    }
    out.flush().map_err(|error| (written, error))
}

/// One of the two streams that every process has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Output for Stream {
    fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
        let written = match self {
            Self::Stdout => write_all(&mut io::stdout().lock(), lines),
            Self::Stderr => write_all(&mut io::stderr().lock(), lines),
        };
        written.map_err(|(written, error)| WriteFailed::after(written, lines, error))
    }

    fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::Stderr => "standard error".to_owned(),
        }
    }
}
