//! From a tree to types, by serde.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, Expected, IntoDeserializer, Visitor};

use crate::alert::config::problem::Problem;
use crate::alert::config::yaml::access::{Elements, Entries, PlacedParts};
use crate::alert::config::yaml::error::DecodeError;
use crate::alert::config::yaml::node::{Node, Value};
use crate::alert::config::yaml::placed::PLACED;
use crate::alert::config::yaml::{nearest, scalar};

/// So many mistakes are told of one text.
const MOST_PROBLEMS: usize = 100;

/// What paths in a text are relative to; `None` leaves them as they are.
pub(crate) type Files<'a> = Option<&'a Path>;

/// Reads a tree into a type. Notes what does not fit and leaves it out; `None` where nothing is left.
///
/// The value of a key that a type reads and that ends with `_file` is a path, and is made absolute.
pub(crate) fn decode<T: DeserializeOwned>(
    node: &Node,
    key: &str,
    files: Files<'_>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let state = State { files, left_out: RefCell::default(), problems: RefCell::default() };
    let root = Steps { before: None, step: Step::Key(key) };
    let mut tries = 0;
    let decoded = loop {
        tries += 1;
        let error = match T::deserialize(Decoder { node, steps: &root, state: &state, is_path: false }) {
            Ok(value) => break Some(value),
            Err(error) => error.or_at(node.place, || root.key()),
        };
        let (place, key) = error.at.unwrap_or_default();
        // What is missing because it was wrong is not missing.
        let is_told = error.is_missing && state.has_left_out_below(&key);
        if !is_told {
            state.problems.borrow_mut().push(Problem::new(place, key.clone(), error.message));
        }
        let is_first = state.left_out.borrow_mut().insert(key.clone());
        if key == root.key() || !is_first || tries > MOST_PROBLEMS {
            break None;
        }
    };
    problems.append(&mut state.problems.into_inner());
    decoded
}

/// What one reading of a text has come to know.
pub(crate) struct State<'a> {
    files: Files<'a>,
    left_out: RefCell<HashSet<String>>,
    problems: RefCell<Vec<Problem>>,
}

impl State<'_> {
    pub(crate) fn is_left_out(&self, key: &str) -> bool {
        self.left_out.borrow().contains(key)
    }

    fn has_left_out_below(&self, key: &str) -> bool {
        self.left_out.borrow().iter().any(|other| {
            other.strip_prefix(key).is_some_and(|rest| key.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// Notes a mistake that does not stop the reading, and leaves the value out from now on.
    pub(crate) fn leave_out(&self, problem: Problem) {
        if self.left_out.borrow_mut().insert(problem.key.clone()) {
            self.problems.borrow_mut().push(problem);
        }
    }

    fn absolute(&self, text: &str) -> Option<String> {
        let path = Path::new(text);
        let base = self.files.filter(|_| !text.is_empty() && path.is_relative())?;
        base.join(path).into_os_string().into_string().ok()
    }
}

/// The way from the root to a value.
#[derive(Clone, Copy)]
pub(crate) struct Steps<'a> {
    pub(crate) before: Option<&'a Steps<'a>>,
    pub(crate) step: Step<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Steps<'_> {
    pub(crate) fn key(&self) -> String {
        let mut text = self.before.map(Steps::key).unwrap_or_default();
        match self.step {
            Step::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
            // The root's is given as it is to be shown.
            Step::Key(key) if self.before.is_none() => text.push_str(key),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                match key.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-') {
                    true => text.push_str(key),
                    false => {
                        let _ = write!(text, "{key:?}");
                    }
                }
            }
        }
        text
    }
}

/// Reads one value.
#[derive(Clone, Copy)]
pub(crate) struct Decoder<'a> {
    pub(crate) node: &'a Node,
    pub(crate) steps: &'a Steps<'a>,
    pub(crate) state: &'a State<'a>,
    pub(crate) is_path: bool,
}

impl Decoder<'_> {
    fn wrong(&self, expected: &dyn Expected) -> DecodeError {
        DecodeError::new(format!("this is {}; write {expected}", self.node.kind()))
    }

    fn placed(&self, error: DecodeError) -> DecodeError {
        error.or_at(self.node.place, || self.steps.key())
    }

    fn plain(&self) -> Option<&str> {
        match &self.node.value {
            Value::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    fn text<'d, V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let visited = match &self.node.value {
            Value::Scalar { .. } if self.node.is_null() => visitor.visit_str(""),
            Value::Scalar { text, .. } if self.is_path => match self.state.absolute(text) {
                Some(absolute) => visitor.visit_string(absolute),
                None => visitor.visit_str(text),
            },
            Value::Scalar { text, .. } => visitor.visit_str(text),
            _ => Err(self.wrong(&visitor)),
        };
        visited.map_err(|error| self.placed(error))
    }

    fn number<'d, V: Visitor<'d>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let visited = match self.plain().map(|text| (scalar::integer(text), scalar::float(text))) {
            Some((Some(number), _)) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(number),
            },
            Some((None, Some(number))) => visitor.visit_f64(number),
            _ => Err(self.wrong(&visitor)),
        };
        visited.map_err(|error| self.placed(error))
    }
}

/// All kinds of numbers are read alike: the visitor knows what fits.
macro_rules! as_number {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Decoder<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Mapping(_) => self.deserialize_map(visitor),
            Value::Scalar { .. } if self.node.is_null() => visitor.visit_unit(),
            Value::Scalar { text, plain: true } if scalar::boolean(text).is_some() => {
                self.deserialize_bool(visitor)
            }
            Value::Scalar { text, plain: true } if scalar::float(text).is_some() => self.number(visitor),
            Value::Scalar { .. } => self.text(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let visited = match self.plain().and_then(scalar::boolean) {
            Some(value) => visitor.visit_bool(value),
            None => {
                Err(DecodeError::new("this is neither true nor false; write one of them, without quotes"))
            }
        };
        visited.map_err(|error| self.placed(error))
    }

    as_number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.is_null() {
            true => visitor.visit_none(),
            false => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.is_null() {
            true => visitor.visit_unit(),
            false => Err(self.placed(self.wrong(&visitor))),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let visited = match name == PLACED {
            true => visitor.visit_seq(PlacedParts::new(self)),
            false => visitor.visit_newtype_struct(self),
        };
        visited.map_err(|error| self.placed(error))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let visited = match &self.node.value {
            Value::List(nodes) => visitor.visit_seq(Elements::new(self, nodes)),
            Value::Scalar { .. } if self.node.is_null() => visitor.visit_seq(Elements::new(self, &[])),
            _ => Err(DecodeError::new(format!("this is {}; write a list", self.node.kind()))),
        };
        visited.map_err(|error| self.placed(error))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let visited = match &self.node.value {
            Value::Mapping(entries) => visitor.visit_map(Entries::of_map(self, entries)),
            Value::Scalar { .. } if self.node.is_null() => visitor.visit_map(Entries::of_map(self, &[])),
            _ => Err(DecodeError::new(format!(
                "this is {}; write a mapping of keys and values",
                self.node.kind()
            ))),
        };
        visited.map_err(|error| self.placed(error))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let entries = match &self.node.value {
            Value::Mapping(entries) => entries.as_slice(),
            _ => {
                let message = format!("this is {}; write a mapping of keys and values", self.node.kind());
                return Err(self.placed(DecodeError::new(message)));
            }
        };
        for entry in entries.iter().filter(|entry| !fields.contains(&entry.key.as_str())) {
            let steps = Steps { before: Some(self.steps), step: Step::Key(&entry.key) };
            let mend = match nearest(&entry.key, fields.iter().copied()) {
                Some(known) => format!("did you mean {known}?"),
                None => "remove it".to_owned(),
            };
            let message = format!("there is no such key; {mend}");
            self.state.leave_out(Problem::new(entry.place, steps.key(), message));
        }
        visitor.visit_map(Entries::of_struct(self, entries, fields)).map_err(|error| self.placed(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let expected = || format!("one of {}", variants.join(", "));
        let visited = match &self.node.value {
            Value::Scalar { text, .. } if variants.contains(&text.as_str()) => {
                let name: StrDeserializer<'_, DecodeError> = text.as_str().into_deserializer();
                visitor.visit_enum(name)
            }
            Value::Scalar { .. } => Err(DecodeError::custom(format!("write {}", expected()))),
            _ => Err(DecodeError::new(format!("this is {}; write {}", self.node.kind(), expected()))),
        };
        visited.map_err(|error| self.placed(error))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }
}
