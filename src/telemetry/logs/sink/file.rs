//! A file that is rotated.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tower_watch_layers::clock::{Clock, Instant};

use crate::telemetry::logs::sink::output::{Output, WriteFailed, whole_lines, write_all};
use crate::telemetry::logs::sink::{FileSink, Rotation};
use crate::telemetry::logs::timestamp::Utc;

/// The file that is written to.
#[derive(Debug)]
pub(crate) struct RotatedFile {
    settings: FileSink,
    clock: Clock,
    /// Not there where it could not be opened again.
    open: Option<Open>,
    /// The time and the number in the name that was given last. A number that was removed is not given again, so that names sort
    /// as the files came.
    named: (String, u32),
    /// When it was last looked whether the file is still there, or tried to open it.
    looked: Instant,
}

#[derive(Debug)]
struct Open {
    file: File,
    bytes: u64,
    begun: SystemTime,
    /// Not a device or a pipe, which are never renamed.
    is_regular: bool,
}

/// How often it is looked whether the file is still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl RotatedFile {
    /// Opens it, and makes its folder.
    pub(crate) fn open(settings: FileSink, clock: Clock) -> io::Result<Self> {
        let place = |error: io::Error| {
            let path = settings.path.display();
            let mend = "give a file in a folder that this process may write to";
            io::Error::new(error.kind(), format!("{path} cannot be opened for appending: {error}; {mend}"))
        };
        if settings.path.file_name().is_none() {
            return Err(place(io::ErrorKind::InvalidInput.into()));
        }
        if let Some(folder) = settings.path.parent() {
            fs::create_dir_all(folder).map_err(place)?;
        }
        let open = Open::new(&settings.path, &clock).map_err(place)?;
        let looked = clock.now();
        Ok(Self { settings, clock, open: Some(open), named: Default::default(), looked })
    }

    /// Rotates where it is time, and opens the file anew where somebody took it away.
    fn prepare(&mut self, more: u64) -> io::Result<&mut Open> {
        if self.open.as_ref().is_some_and(|open| self.is_due(open, more)) {
            self.rotate();
        }
        let now = self.clock.now();
        if now.since(self.looked) >= LOOK_EVERY {
            self.looked = now;
            self.open.take_if(|open| !open.is_at(&self.settings.path));
        }
        match &mut self.open {
            Some(open) => Ok(open),
            closed => {
                if let Some(folder) = self.settings.path.parent() {
                    fs::create_dir_all(folder)?;
                }
                Ok(closed.insert(Open::new(&self.settings.path, &self.clock)?))
            }
        }
    }

    fn is_due(&self, open: &Open, more: u64) -> bool {
        let period = |time: SystemTime| {
            let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
            match self.settings.every {
                Rotation::Never => 0,
                Rotation::Hourly => seconds / 3_600,
                Rotation::Daily => seconds / 86_400,
            }
        };
        open.is_regular
            && open.bytes > 0
            && (open.bytes + more > self.settings.most_bytes
                || period(open.begun) != period(self.clock.wall()))
    }

    /// Gives the file its lasting name. Where that fails, it goes on being written to.
    fn rotate(&mut self) {
        let Some(open) = self.open.take_if(|_| true) else { return };
        let Some(name) = self.free_name(open.begun) else {
            self.open = Some(open);
            return;
        };
        if fs::rename(&self.settings.path, name).is_err() && self.settings.path.exists() {
            // Until the next one is due, so that it is not tried for each line.
            self.open = Some(Open { bytes: 0, begun: self.clock.wall(), ..open });
            return;
        }
        self.remove_oldest();
    }

    fn free_name(&mut self, begun: SystemTime) -> Option<PathBuf> {
        let mut time = String::new();
        Utc::of(begun).push_date(&mut time);
        time.push('T');
        Utc::of(begun).push_clock(&mut time);
        let first = if self.named.0 == time { self.named.1 + 1 } else { 0 };
        let (number, path) = (first..1_000)
            .map(|number| (number, self.rotated(&format!("{time}.{number:03}"))))
            .find(|(_, path)| !path.exists())?;
        self.named = (time, number);
        Some(path)
    }

    /// `orders.log` with the time in it: `orders.2026-11-20T160405.000.log`.
    fn rotated(&self, time: &str) -> PathBuf {
        let (stem, extension) = self.parts();
        self.settings.path.with_file_name(format!("{stem}.{time}{extension}"))
    }

    fn parts(&self) -> (String, String) {
        let text = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let extension = text(self.settings.path.extension()).map(|extension| format!(".{extension}"));
        (text(self.settings.path.file_stem()).unwrap_or_default(), extension.unwrap_or_default())
    }

    /// Removes the oldest rotated files beyond those that are kept; nothing else that lies in the folder.
    fn remove_oldest(&self) {
        let (stem, extension) = self.parts();
        let folder = self.settings.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let Ok(entries) = fs::read_dir(folder.unwrap_or(Path::new("."))) else { return };
        let mut rotated: Vec<(String, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_str()?;
                let time = name.strip_prefix(&stem)?.strip_prefix('.')?.strip_suffix(&extension)?;
                is_time(time).then(|| (time.to_owned(), path.clone()))
            })
            .collect();
        rotated.sort();
        let superfluous = rotated.len().saturating_sub(self.settings.keep);
        for (_, path) in rotated.into_iter().take(superfluous) {
            // What cannot be removed now is tried again after the next rotation.
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether this is the middle of a rotated file's name.
fn is_time(text: &str) -> bool {
    const FORM: &str = "dddd-dd-ddTdddddd.ddd";
    text.len() == FORM.len()
        && text
            .bytes()
            .zip(FORM.bytes())
            .all(|(byte, form)| if form == b'd' { byte.is_ascii_digit() } else { byte == form })
}

impl Open {
    fn new(path: &Path, clock: &Clock) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let about = file.metadata()?;
        let begun = if about.len() > 0 { about.modified().ok() } else { None };
        let begun = begun.unwrap_or_else(|| clock.wall());
        Ok(Self { file, bytes: about.len(), begun, is_regular: about.is_file() })
    }

    /// Whether this is the file of this name. Another one that somebody put in its place has another length.
    fn is_at(&mut self, path: &Path) -> bool {
        let there = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
            there => there,
        };
        // A process that may not look any more goes on with what it has.
        let (Ok(there), Ok(own)) = (there, self.file.metadata()) else { return true };
        if self.is_regular {
            // Somebody may have cut it.
            self.bytes = own.len();
        }
        there.is_file() == self.is_regular && (!self.is_regular || there.len() == own.len())
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
        match write_all(&mut self.file, lines) {
            Ok(()) => {
                self.bytes += lines.len() as u64;
                Ok(())
            }
            Err((written, error)) => {
                // Half a line at the end would spoil the next one. What somebody else wrote behind it is not ours to cut.
                let end = self.bytes + written as u64;
                self.bytes += whole_lines(&lines[..written]) as u64;
                if self.file.metadata().is_ok_and(|about| about.len() == end) {
                    let _ = self.file.set_len(self.bytes);
                }
                Err(WriteFailed::after(written, lines, error))
            }
        }
    }
}

impl Output for RotatedFile {
    fn write(&mut self, lines: &[u8]) -> Result<(), WriteFailed> {
        match self.prepare(lines.len() as u64) {
            Ok(open) => open.write(lines),
            Err(error) => Err(WriteFailed::after(0, lines, error)),
        }
    }

    fn name(&self) -> String {
        self.settings.path.display().to_string()
    }
}
