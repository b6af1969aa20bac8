//! What cannot be read is moved out of the way, for a person to look at.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tower_watch_layers::clock::Clock;

/// So many are kept.
const KEPT: usize = 3;

/// Between the name of the file and the time.
const MARK: &str = ".unreadable-";

/// A file that could not be read and was moved out of the way. Its text is made to be a line of a log.
#[derive(Clone, Debug)]
pub struct SetAside {
    from: PathBuf,
    to: PathBuf,
    reason: String,
}

impl SetAside {
    /// Where it is now.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.to
    }

    /// Why it could not be read.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for SetAside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to, reason) = (self.from.display(), self.to.display(), &self.reason);
        write!(f, "{from} cannot be read ({reason}) and was set aside as {to}; an empty one takes its place")
    }
}

/// Moves a file out of the way, and deletes those of earlier times that are too many.
pub(crate) fn set_aside(path: &Path, reason: String) -> io::Result<SetAside> {
    let since = Clock::default().wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let earlier = times(path)?;
    // Later than the last one also within a second: a rename would replace what has the name already.
    let time = earlier.last().map_or(0, |(last, _)| last.saturating_add(1)).max(since.as_secs());
    let to = named(path, time);
    fs::rename(path, &to)?;
    // What somebody put there as a directory is not ours to delete.
    let files: Vec<u64> = earlier.iter().filter(|(_, is_file)| *is_file).map(|(time, _)| *time).collect();
    for time in &files[..(files.len() + 1).saturating_sub(KEPT)] {
        // That there are more than there should be is no reason not to start.
        let _ = fs::remove_file(named(path, *time));
    }
    Ok(SetAside { from: path.to_owned(), to, reason })
}

/// When something was set aside, and whether it is a file; in the order of time.
fn times(path: &Path) -> io::Result<Vec<(u64, bool)>> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { return Ok(Vec::new()) };
    let prefix = format!("{}{MARK}", name.display());
    let mut times = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let found = entry.file_name();
        let time = found.to_str().and_then(|found| found.strip_prefix(&prefix)).map(str::parse::<u64>);
        if let Some(Ok(time)) = time {
            times.push((time, entry.file_type()?.is_file()));
        }
    }
    times.sort_unstable();
    Ok(times)
}

fn named(path: &Path, time: u64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!("{MARK}{time}"));
    name.into()
}
