//! Which values never reach a span, a log line or an error report: decided by the name of their key.
//!
//! One list serves all of them, so that what is secret in a log is secret in a trace.

use std::borrow::Cow;
use std::sync::Arc;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// The keys whose values are secret. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Redaction {
    keys: Arc<[Cow<'static, str>]>,
}

/// Secret wherever they stand in a key: `password` in `db_password`.
const DEFAULT: [&str; 8] =
    ["password", "passwd", "token", "secret", "api_key", "apikey", "authorization", "cookie"];

impl Default for Redaction {
    /// `password`, `passwd`, `token`, `secret`, `api_key`, `apikey`, `authorization`, `cookie`.
    fn default() -> Self {
        Self { keys: DEFAULT.map(Cow::Borrowed).into() }
    }
}

impl Redaction {
    /// The default keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    #[must_use]
    pub fn with_key(self, key: impl Into<Cow<'static, str>>) -> Self {
        let key = Cow::Owned(key.into().to_ascii_lowercase());
        Self { keys: self.keys.iter().cloned().chain([key]).collect() }
    }

    /// Whether the value of a key is secret: one of the words stands in it, in upper or lower case, `-` for `_`.
    #[must_use]
    pub fn is_secret(&self, key: &str) -> bool {
        self.keys.iter().any(|word| contains(key.as_bytes(), word.as_bytes()))
    }
}

fn contains(key: &[u8], word: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || *a == b'-' && *b == b'_';
    key.windows(word.len()).any(|part| part.iter().zip(word).all(same))
}
