//! The header `baggage`: `tenant=acme,plan=gold;source=billing`, what the application hands along with its requests.
//!
//! Read lazily: [`Baggage::parse`] checks the size only, and a member is looked at when it is asked for. Limits are those
//! that every platform has to keep (64 members, 8,192 bytes); what is larger is dropped as a whole, since nobody
//! can say which part of it matters. A member that is longer than 4,096 bytes, or is none by the grammar, is passed over.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::percent::percent_decoded;
use crate::w3c::header::{Members, joined, trim};

/// The header's name.
pub const BAGGAGE: &str = "baggage";

/// The same, made once: a name in text is parsed at each look-up.
static HEADER: HeaderName = HeaderName::from_static(BAGGAGE);

const MOST_MEMBERS: usize = 64;
const LONGEST: usize = 8_192;
const LONGEST_MEMBER: usize = 4_096;

/// A `baggage` header of a size that is handed on. Borrowed, and 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baggage<'a> {
    text: &'a [u8],
}

/// One member of a [`Baggage`]: a key, a value, and what is said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaggageMember<'a> {
    key: &'a str,
    value: &'a str,
    properties: Option<&'a str>,
}

impl<'a> Baggage<'a> {
    /// Takes a header; `None` where it has more than 8,192 bytes or more than 64 members. Allocates nothing.
    #[must_use]
    pub fn parse(header: &'a [u8]) -> Option<Self> {
        let fits = header.len() <= LONGEST && Members::of(header).nth(MOST_MEMBERS).is_none();
        fits.then(|| Self { text: trim(header) })
    }

    /// The members that keep to the grammar, in their order.
    pub fn members(&self) -> impl Iterator<Item = BaggageMember<'a>> + use<'a> {
        Members::of(self.text).filter_map(BaggageMember::parse)
    }

    /// The value of a key, decoded. Of several members with one key the last counts.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Cow<'a, str>> {
        self.members().filter(|member| member.key == key).last().map(|member| member.value())
    }

    /// Whether every member keeps to the grammar.
    fn is_clean(&self) -> bool {
        Members::of(self.text).all(|member| BaggageMember::parse(member).is_some())
    }
}

impl<'a> BaggageMember<'a> {
    fn parse(member: &'a [u8]) -> Option<Self> {
        if member.len() > LONGEST_MEMBER {
            return None;
        }
        let member = str::from_utf8(member).ok()?;
        let (pair, properties) = match member.split_once(';') {
            Some((pair, properties)) => (pair, Some(properties)),
            None => (member, None),
        };
        let (key, value) = split(pair)?;
        let value = value?;
        let valid = is_token(key)
            && value.bytes().all(is_octet)
            && properties.into_iter().flat_map(|all| all.split(';')).all(|property| {
                split(property).is_some_and(|(key, value)| {
                    is_token(key) && value.is_none_or(|value| value.bytes().all(is_octet))
                })
            });
        valid.then_some(Self { key, value, properties })
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &'a str {
        self.key
    }

    /// The value as it stands in the header.
    #[must_use]
    pub fn raw_value(&self) -> &'a str {
        self.value
    }

    /// The value, decoded. Bytes that are not UTF-8 become U+FFFD, as the recommendation says. Allocates only where
    /// something is encoded.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        percent_decoded(self.value)
    }

    /// What is said about the value: keys with and without values, decoded.
    pub fn properties(&self) -> impl Iterator<Item = (&'a str, Option<Cow<'a, str>>)> + use<'a> {
        self.properties
            .into_iter()
            .flat_map(|all| all.split(';'))
            .filter_map(split)
            .map(|(key, value)| (key, value.map(percent_decoded)))
    }
}

/// The `baggage` of a request, where there is one to hand on: without the members that break the grammar. Several headers
/// are one; a single one without fault is shared and not copied.
#[must_use]
pub fn baggage_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = joined(headers, &HEADER, LONGEST)?;
    let baggage = Baggage::parse(value.as_bytes())?;
    if baggage.is_clean() {
        return Members::of(baggage.text).next().map(|_| value.clone());
    }
    let mut clean = Vec::with_capacity(value.len());
    for member in Members::of(baggage.text).filter(|member| BaggageMember::parse(member).is_some()) {
        if !clean.is_empty() {
            clean.push(b',');
        }
        clean.extend_from_slice(member);
    }
    if clean.is_empty() { None } else { HeaderValue::try_from(clean).ok() }
}

/// Puts together the baggage of a message that goes out.
///
/// ```
/// use tower_watch_layers::w3c::BaggageBuilder;
///
/// # fn main() -> Result<(), tower_watch_layers::w3c::BaggageError> {
/// let baggage = BaggageBuilder::new().with("plan", "gold")?.with("city", "Zürich")?;
/// assert_eq!(baggage.build().unwrap(), "plan=gold,city=Z%C3%BCrich");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct BaggageBuilder {
    text: String,
    members: usize,
}

/// A member that cannot be added.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageError {
    /// The key is no token: letters, digits and ``!#$%&'*+-.^_`|~``.
    Key(String),
    /// The member would have more than 4,096 bytes.
    Member(String),
    /// There are 64 members, or 8,192 bytes, already.
    Full(String),
}

impl fmt::Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => {
                write!(f, "baggage key {key:?}: use letters, digits and any of !#$%&'*+-.^_`|~")
            }
            Self::Member(key) => {
                write!(f, "baggage key {key:?}: the value is too long; 4,096 bytes is the most")
            }
            Self::Full(key) => {
                write!(f, "baggage key {key:?}: there is no room; 64 members and 8,192 bytes are the most")
            }
        }
    }
}

impl std::error::Error for BaggageError {}

impl BaggageBuilder {
    /// No members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What came in, to add to it.
    #[must_use]
    pub fn from_baggage(baggage: &Baggage<'_>) -> Self {
        let mut builder = Self::new();
        for member in Members::of(baggage.text).filter(|member| BaggageMember::parse(member).is_some()) {
            builder.push(&String::from_utf8_lossy(member));
        }
        builder
    }

    /// Adds a member; the value is encoded.
    ///
    /// # Errors
    ///
    /// The key is no token, or there is no room. Nothing is added then.
    pub fn with(mut self, key: &str, value: &str) -> Result<Self, BaggageError> {
        if !is_token(key) {
            return Err(BaggageError::Key(key.to_owned()));
        }
        let mut member = format!("{key}=");
        encode(value, &mut member);
        if member.len() > LONGEST_MEMBER {
            return Err(BaggageError::Member(key.to_owned()));
        }
        if self.members == MOST_MEMBERS || self.text.len() + 1 + member.len() > LONGEST {
            return Err(BaggageError::Full(key.to_owned()));
        }
        self.push(&member);
        Ok(self)
    }

    fn push(&mut self, member: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(member);
        self.members += 1;
    }

    /// The header; `None` where there are no members.
    #[must_use]
    pub fn build(self) -> Option<HeaderValue> {
        if self.text.is_empty() { None } else { HeaderValue::try_from(self.text).ok() }
    }
}

/// Key and value of a pair, without the space around them; a property may have no value.
fn split(pair: &str) -> Option<(&str, Option<&str>)> {
    let space = [' ', '\t'];
    Some(match pair.split_once('=') {
        Some((key, value)) => (key.trim_matches(space), Some(value.trim_matches(space))),
        None => (pair.trim_matches(space), None),
    })
}

fn is_token(key: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !key.is_empty() && key.bytes().all(is_token)
}

/// Printable, and none of space, quotation mark, comma, semicolon and backslash.
fn is_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

fn encode(value: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        if is_octet(byte) && byte != b'%' {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 0xf)]));
        }
    }
}
