//! The values of a span as plain data.

use std::borrow::Cow;
use std::fmt;

use tracing::field::{Field, ValueSet, Visit};

use crate::recording::FieldValue;

/// Adds these values to `attributes`. What is a property of the span and no attribute (its name, kind and status) is left
/// out, and a later value replaces an earlier one.
pub(crate) fn collect(values: &ValueSet<'_>, attributes: &mut Vec<(&'static str, FieldValue)>) {
    values.record(&mut Collect(attributes));
}

struct Collect<'a>(&'a mut Vec<(&'static str, FieldValue)>);

impl Collect<'_> {
    fn add(&mut self, field: &Field, value: FieldValue) {
        let name = field.name();
        if name.starts_with("otel.") {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some(attribute) => attribute.1 = value,
            None => self.0.push((name, value)),
        }
    }
}

impl Visit for Collect<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, FieldValue::U64(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, FieldValue::Text(Cow::Owned(value.to_owned())));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, FieldValue::Text(Cow::Owned(format!("{value:?}"))));
    }
}
