//! The header that has a request sampled.

use std::fmt;
use std::hint::black_box;

use http::{HeaderMap, HeaderName};

/// The shortest token, in bytes: 128 bits of randomness in base64 are 22, in hexadecimal digits 32.
const SHORTEST: usize = 16;

/// The header, and the token that it must carry.
pub(crate) struct DebugHeader {
    name: HeaderName,
    token: Box<[u8]>,
}

/// Why a header cannot have requests sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugHeaderError {
    name: HeaderName,
    length: usize,
}

impl fmt::Display for DebugHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, length } = self;
        write!(
            f,
            "the token of the debug header {name} has {length} characters; give one of at least {SHORTEST} that nobody can \
             guess, as `openssl rand -hex 16` prints"
        )
    }
}

impl std::error::Error for DebugHeaderError {}

impl DebugHeader {
    pub(crate) fn new(name: HeaderName, token: &str) -> Result<Self, DebugHeaderError> {
        if token.len() < SHORTEST {
            return Err(DebugHeaderError { name, length: token.len() });
        }
        Ok(Self { name, token: token.as_bytes().into() })
    }

    pub(crate) fn name(&self) -> &HeaderName {
        &self.name
    }

    /// Whether a request carries the token. How long that takes says nothing about the token but its length.
    pub(crate) fn is_in(&self, headers: &HeaderMap) -> bool {
        headers.get(&self.name).is_some_and(|sent| {
            let sent = sent.as_bytes();
            let difference = sent.iter().zip(&self.token).fold(0, |all, (a, b)| all | black_box(a ^ b));
            sent.len() == self.token.len() && difference == 0
        })
    }
}

impl fmt::Debug for DebugHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DebugHeader").field("name", &self.name).finish_non_exhaustive()
    }
}
