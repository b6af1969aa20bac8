//! The ids of a request, its tenant and its user: texts that strangers may have written, checked once.

use std::fmt;

use http::HeaderValue;

/// A text that may not be an id of a request, a tenant or a user, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidText {
    /// It is empty.
    Empty,
    /// It has more than 128 characters.
    TooLong,
    /// It has a character outside letters, digits and `-_.:/+=@~`.
    Character,
}

impl InvalidText {
    /// A word for a label or a log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Character => "character",
        }
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "must not be empty",
            Self::TooLong => "must have at most 128 characters",
            Self::Character => "must consist of letters, digits and any of -_.:/+=@~",
        })
    }
}

impl std::error::Error for InvalidText {}

/// The longest id, in characters.
const LONGEST: usize = 128;

/// The bytes that an id may have: letters, digits and `-_.:/+=@~`.
const SAFE: [bool; 256] = {
    let mut safe = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        safe[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'=' | b'@' | b'~');
        byte += 1;
    }
    safe
};

/// Whether bytes can be repeated in a header, a log line, a label and a page without harm.
fn check(text: &[u8]) -> Result<(), InvalidText> {
    match text.len() {
        0 => Err(InvalidText::Empty),
        1..=LONGEST if text.iter().all(|byte| SAFE[usize::from(*byte)]) => Ok(()),
        1..=LONGEST => Err(InvalidText::Character),
        _ => Err(InvalidText::TooLong),
    }
}

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to 128 letters, digits and any of `-_.:/+=@~`: safe in a header, a log line, a label and a page.
        /// Cloning shares the bytes.
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(HeaderValue);

        impl $name {
            /// Checks and copies a text.
            ///
            /// # Errors
            ///
            /// Names what is wrong with it; the text itself is not repeated.
            pub fn new(text: &str) -> Result<Self, InvalidText> {
                check(text.as_bytes())?;
                HeaderValue::from_str(text).map(Self).map_err(|_| InvalidText::Character)
            }

            /// Checks the value of a header and shares it.
            ///
            /// # Errors
            ///
            /// Names what is wrong with it.
            pub fn from_header(value: &HeaderValue) -> Result<Self, InvalidText> {
                check(value.as_bytes()).map(|()| Self(value.clone()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.to_str().expect("checked to be ASCII when it was made")
            }

            /// The text as the value of a header, shared.
            #[must_use]
            pub fn to_header(&self) -> HeaderValue {
                self.0.clone()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.as_str())
            }
        }
    };
}

checked_text! {
    /// The id of a request.
    RequestId
}
impl RequestId {
    /// Takes an id that was made of nothing else than such characters.
    pub(crate) fn made(value: HeaderValue) -> Self {
        Self(value)
    }
}

checked_text! {
    /// The tenant that a request belongs to.
    Tenant
}
impl Tenant {
    /// In characters, which are bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

checked_text! {
    /// The user on whose behalf a request runs.
    User
}
