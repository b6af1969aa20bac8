//! The header `tracestate`: `vendor=value,tenant@vendor=value`, what each tracing system on the way noted for itself.
//!
//! It is not ours to read, only to hand on, so all there is to know is whether it may be handed on. What breaks a rule of
//! the recommendation is dropped as a whole, as the recommendation says; the trace itself is continued all the same.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::w3c::header::{Members, joined, trim};

/// The header's name.
pub const TRACESTATE: &str = "tracestate";

/// The same, made once: a name in text is parsed at each look-up.
static HEADER: HeaderName = HeaderName::from_static(TRACESTATE);

/// The most members.
const MOST_MEMBERS: usize = 32;

/// The most characters, of all members and what stands between them.
const LONGEST: usize = 512;

/// The most characters of a key, and of a value.
const LONGEST_PART: usize = 256;

/// A `tracestate` that keeps the rules of level 2: at most 32 members in at most 512 characters, keys and values by the
/// grammar, no key twice. Borrowed, and 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tracestate<'a> {
    text: &'a [u8],
}

impl<'a> Tracestate<'a> {
    /// Checks a header; `None` where it breaks a rule. Allocates nothing.
    #[must_use]
    pub fn parse(header: &'a [u8]) -> Option<Self> {
        if header.len() > LONGEST {
            return None;
        }
        let mut keys: [&[u8]; MOST_MEMBERS] = [b""; MOST_MEMBERS];
        for (known, member) in Members::of(header).enumerate() {
            let (key, _) = split(member)?;
            if known == MOST_MEMBERS || keys[..known].contains(&key) {
                return None;
            }
            keys[known] = key;
        }
        Some(Self { text: trim(header) })
    }

    /// Its members in their order: the one that was changed last comes first.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        Members::of(self.text)
            .filter_map(split)
            .filter_map(|(key, value)| Some((str::from_utf8(key).ok()?, str::from_utf8(value).ok()?)))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.members().find_map(|(known, value)| (known == key).then_some(value))
    }

    /// Whether it has no members. Such a one is valid, and not worth sending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Members::of(self.text).next().is_none()
    }

    /// The text, without the space around it.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.text
    }
}

/// The `tracestate` of a request or a response, where there is one to hand on. Several headers are one, in their order;
/// a single one is shared and not copied.
#[must_use]
pub fn tracestate_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = joined(headers, &HEADER, LONGEST)?;
    Tracestate::parse(value.as_bytes()).filter(|state| !state.is_empty())?;
    Some(value)
}

/// Key and value of a member, where both keep to the grammar.
fn split(member: &[u8]) -> Option<(&[u8], &[u8])> {
    let equals = member.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (&member[..equals], &member[equals + 1..]);
    (is_key(key) && is_value(value)).then_some((key, value))
}

/// A lower-case letter or a digit, then up to 255 of those and `_-*/@`.
fn is_key(key: &[u8]) -> bool {
    let is_start = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_rest = |byte: u8| is_start(byte) || matches!(byte, b'_' | b'-' | b'*' | b'/' | b'@');
    key.len() <= LONGEST_PART
        && key.first().is_some_and(|first| is_start(*first))
        && key.iter().all(|byte| is_rest(*byte))
}

/// Up to 256 printable characters without comma and equals sign, the last of them no space.
fn is_value(value: &[u8]) -> bool {
    value.len() <= LONGEST_PART
        && value.last().is_some_and(|last| *last != b' ')
        && value.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'='))
}
