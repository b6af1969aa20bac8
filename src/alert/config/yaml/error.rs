//! Why a value could not be read.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::alert::config::problem::Place;

/// The place is added on the way up, by the first that knows it.
#[derive(Debug)]
pub(crate) struct DecodeError {
    pub(crate) message: String,
    pub(crate) at: Option<(Place, String)>,
    /// Whether it is only that a key is not there.
    pub(crate) is_missing: bool,
}

impl DecodeError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, is_missing: false }
    }

    pub(crate) fn or_at(mut self, place: Place, key: impl FnOnce() -> String) -> Self {
        self.at.get_or_insert_with(|| (place, key()));
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    // The values that serde would quote may be secrets.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) | Unexpected::Char(_) => "a text",
            Unexpected::Unit | Unexpected::Option => "nothing",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a mapping",
            _ => "something else",
        };
        Self::new(format!("this is {found}; write {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("this value cannot be; write {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { message: format!("{field} is missing; add it"), at: None, is_missing: true }
    }
}
