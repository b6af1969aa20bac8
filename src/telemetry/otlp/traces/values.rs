//! Attributes of a bounded length: one value of a megabyte in each span would make a queue of gigabytes.

use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

/// Cuts values that are longer than they may be. A look at each value's length, for all others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    limit: usize,
}

impl Values {
    /// Values of so many characters at most.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit }
    }

    /// Cuts what is too long in a span, its events and its links: so many values.
    pub(crate) fn cut(self, span: &mut SpanData) -> usize {
        let events = span.events.events.iter_mut().map(|event| &mut event.attributes);
        let links = span.links.links.iter_mut().map(|link| &mut link.attributes);
        let attributes = std::iter::once(&mut span.attributes).chain(events).chain(links);
        attributes.flatten().map(|attribute| self.cut_one(attribute)).filter(|cut| *cut).count()
    }

    fn cut_one(self, attribute: &mut KeyValue) -> bool {
        match &mut attribute.value {
            Value::String(text) => self.cut_text(text),
            Value::Array(Array::String(texts)) => {
                texts.iter_mut().map(|text| self.cut_text(text)).fold(false, |any, cut| any | cut)
            }
            _ => false,
        }
    }

    fn cut_text(self, text: &mut StringValue) -> bool {
        let whole = text.as_str();
        if whole.len() <= self.limit {
            return false;
        }
        let Some((end, _)) = whole.char_indices().nth(self.limit) else { return false };
        *text = whole[..end].to_owned().into();
        true
    }
}
