//! Headers of one's own.

use lettre::message::header::{HeaderName, HeaderValue};

use crate::alert::template::escape;

/// Headers that say how the body is made, or which mail it is: not to be set from outside.
const TAKEN: [&str; 8] = [
    "content-type",
    "content-transfer-encoding",
    "mime-version",
    "message-id",
    "references",
    "in-reply-to",
    "date",
    "bcc",
];

/// Why a header cannot be set.
pub(crate) fn problem(name: &str) -> Option<String> {
    if TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
        return Some(format!("headers: {name} is set by tower-watch; remove it"));
    }
    header(name, "").is_none().then(|| format!("headers: {name:?} is no name of a header"))
}

/// A header that holds this text, in one line whatever it holds, and encoded where it is not ASCII.
pub(crate) fn header(name: &str, text: &str) -> Option<HeaderValue> {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b':';
    if name.is_empty() || !name.bytes().all(is_plain) {
        return None;
    }
    let name = HeaderName::new_from_ascii(name.to_owned()).ok()?;
    Some(HeaderValue::new(name, escape::header(text)))
}
