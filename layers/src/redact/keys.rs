//! The keys whose values are secret.

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

    /// No key at all, to begin a list of one's own.
    #[must_use]
    pub fn empty() -> Self {
        Self { keys: Arc::new([]) }
    }

    /// Adds a key; an empty one adds nothing.
    #[must_use]
    pub fn with_key(self, key: impl Into<Cow<'static, str>>) -> Self {
        let key = key.into().to_ascii_lowercase();
        if key.is_empty() {
            return self;
        }
        Self { keys: self.keys.iter().cloned().chain([Cow::Owned(key)]).collect() }
    }

    /// Whether the value of a key is secret: one of the words stands in it, in upper or lower case, `-` for `_`.
    #[must_use]
    pub fn is_secret(&self, key: &str) -> bool {
        self.is_secret_bytes(key.as_bytes())
    }

    pub(crate) fn is_secret_bytes(&self, key: &[u8]) -> bool {
        self.keys.iter().any(|word| contains(key, word.as_bytes()))
    }

    /// Whether no key is secret.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

fn contains(key: &[u8], word: &[u8]) -> bool {
    let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b) || *a == b'-' && *b == b'_';
    key.windows(word.len()).any(|part| part.iter().zip(word).all(same))
}
