//! What is in a file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A configuration that is longer is the wrong file.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The text of a file.
///
/// # Errors
///
/// It cannot be read, is longer than 16 MiB, or is no UTF-8. The message does not name the file.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    let read = read.map_err(|error| format!("it cannot be read: {error}"))?;
    if read as u64 > LONGEST {
        return Err("it is longer than 16 MiB; look whether it is the right file".to_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is no UTF-8; save the file in that encoding")
    })
}
