//! A value that remembers where it stood.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::alert::config::problem::{Place, Problem};

/// What a value is called that wants to know its place.
pub(crate) const PLACED: &str = "tower_watch::Placed";

/// A value, its place and its key. The place is only known where a [`Node`](crate::alert::config::yaml::Node) is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
    pub(crate) key: String,
}

impl<T> Placed<T> {
    /// What is wrong with it.
    pub(crate) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.place, self.key.clone(), message)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Placed<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Placed<T>, D::Error> {
                let value = T::deserialize(deserializer)?;
                Ok(Placed { value, place: Place::default(), key: String::new() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Placed<T>, A::Error> {
                let lacking = || A::Error::custom("a place has four parts");
                let line = parts.next_element()?.ok_or_else(lacking)?;
                let column = parts.next_element()?.ok_or_else(lacking)?;
                let key = parts.next_element()?.ok_or_else(lacking)?;
                let value = parts.next_element()?.ok_or_else(lacking)?;
                Ok(Placed { value, place: Place { line, column }, key })
            }
        }

        deserializer.deserialize_newtype_struct(PLACED, Parts(PhantomData))
    }
}
