//! The parts of a value, one after the other.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use crate::alert::config::yaml::decode::{Decoder, Step, Steps};
use crate::alert::config::yaml::error::DecodeError;
use crate::alert::config::yaml::node::{Entry, Node};

/// The elements of a list, without those that are left out.
pub(crate) struct Elements<'a> {
    list: Decoder<'a>,
    nodes: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'a> Elements<'a> {
    pub(crate) fn new(list: Decoder<'a>, nodes: &'a [Node]) -> Self {
        Self { list, nodes: nodes.iter().enumerate() }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        for (index, node) in self.nodes.by_ref() {
            let steps = Steps { before: Some(self.list.steps), step: Step::Index(index) };
            if self.list.state.is_left_out(&steps.key()) {
                continue;
            }
            let element = Decoder { node, steps: &steps, ..self.list };
            return seed
                .deserialize(element)
                .map(Some)
                .map_err(|error| error.or_at(node.place, || steps.key()));
        }
        Ok(None)
    }
}

/// The entries of a mapping, without those that are left out.
pub(crate) struct Entries<'a> {
    mapping: Decoder<'a>,
    entries: std::slice::Iter<'a, Entry>,
    /// The keys that are read; `None` for all.
    fields: Option<&'static [&'static str]>,
    current: Option<&'a Entry>,
}

impl<'a> Entries<'a> {
    pub(crate) fn of_map(mapping: Decoder<'a>, entries: &'a [Entry]) -> Self {
        Self { mapping, entries: entries.iter(), fields: None, current: None }
    }

    pub(crate) fn of_struct(
        mapping: Decoder<'a>,
        entries: &'a [Entry],
        fields: &'static [&'static str],
    ) -> Self {
        Self { mapping, entries: entries.iter(), fields: Some(fields), current: None }
    }

    fn steps<'b>(&'b self, entry: &'b Entry) -> Steps<'b> {
        Steps { before: Some(self.mapping.steps), step: Step::Key(&entry.key) }
    }

    /// A key of a type that has no value is as if it were not there.
    fn is_read(&self, entry: &Entry) -> bool {
        let is_field =
            self.fields.is_none_or(|fields| fields.contains(&entry.key.as_str()) && !entry.node.is_null());
        is_field && !self.mapping.state.is_left_out(&self.steps(entry).key())
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let Some(entry) = self.entries.clone().find(|entry| self.is_read(entry)) else { return Ok(None) };
        while self.entries.next().is_some_and(|passed| !std::ptr::eq(passed, entry)) {}
        self.current = Some(entry);
        let key: StrDeserializer<'_, DecodeError> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| error.or_at(entry.place, || self.steps(entry).key()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let Some(entry) = self.current.take() else {
            return Err(DecodeError::new("a value was asked for before its key"));
        };
        let steps = self.steps(entry);
        let is_path = self.fields.is_some() && (entry.key.ends_with("_file") || entry.key == "files");
        let value = Decoder { node: &entry.node, steps: &steps, is_path, ..self.mapping };
        seed.deserialize(value).map_err(|error| error.or_at(entry.node.place, || steps.key()))
    }
}

/// Line, column, key and value of a value that wants to know them.
pub(crate) struct PlacedParts<'a> {
    value: Decoder<'a>,
    next: u8,
}

impl<'a> PlacedParts<'a> {
    pub(crate) fn new(value: Decoder<'a>) -> Self {
        Self { value, next: 0 }
    }
}

impl<'de> SeqAccess<'de> for PlacedParts<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        let place = self.value.node.place;
        self.next += 1;
        match self.next {
            1 => seed.deserialize(place.line.into_deserializer()).map(Some),
            2 => seed.deserialize(place.column.into_deserializer()).map(Some),
            3 => seed.deserialize(self.value.steps.key().into_deserializer()).map(Some),
            4 => seed.deserialize(self.value).map(Some),
            _ => Ok(None),
        }
    }
}
