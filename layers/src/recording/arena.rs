//! The spans, fields, events and texts of one exchange, each kind in one list.

use std::borrow::Cow;
use std::mem::size_of;
use std::time::Duration;

use tracing::{Level, Metadata};

use crate::clock::Instant;
use crate::recording::budget::Share;
use crate::recording::fields::{Fields, Part, Value};
use crate::recording::{DroppedSpans, FieldValue, Limits, RecordedEvent, RecordedSpan};
use crate::w3c::SpanId;

/// A span that begins.
#[derive(Debug)]
pub(crate) struct NewSpan {
    pub(crate) metadata: &'static Metadata<'static>,
    pub(crate) span_id: SpanId,
    /// The closest recorded span above it; none: the exchange's own.
    pub(crate) anchor: Option<u32>,
    /// The exchange's own span.
    pub(crate) exchange: SpanId,
    pub(crate) at: Instant,
}

/// What is behind the lock of a recording.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    spans: Vec<SpanNode>,
    fields: Vec<FieldNode>,
    events: Vec<EventNode>,
    text: String,
    /// Those in the exchange's own span.
    own_events: Chain,
    own_error: bool,
    bytes: usize,
    share: Share,
    pub(crate) dropped: Dropped,
    /// What comes after the end of the exchange is not recorded.
    pub(crate) is_over: bool,
}

/// What found no place.
#[derive(Debug, Default)]
pub(crate) struct Dropped {
    pub(crate) spans: usize,
    pub(crate) events: usize,
    pub(crate) fields: usize,
    pub(crate) cut_values: usize,
    /// By parent and name, as far as there is room.
    pub(crate) by_name: Vec<DroppedSpans>,
}

/// Beyond so many pairs of parent and name, what is dropped is only counted in all.
const NAMES: usize = 64;

#[derive(Debug)]
struct SpanNode {
    metadata: &'static Metadata<'static>,
    span_id: SpanId,
    parent: SpanId,
    /// The parent's index; [`END`] for the exchange's own span.
    above: u32,
    start: Instant,
    end: Option<Instant>,
    busy: Duration,
    fields: Chain,
    events: Chain,
    has_error: bool,
}

#[derive(Debug)]
struct FieldNode {
    name: &'static str,
    value: Value,
    next: u32,
}

#[derive(Debug)]
struct EventNode {
    metadata: &'static Metadata<'static>,
    message: Option<Part>,
    at: Instant,
    fields: Chain,
    next: u32,
}

/// Places in a list, in order. [`END`] for none.
#[derive(Clone, Copy, Debug)]
struct Chain {
    first: u32,
    last: u32,
}

const END: u32 = u32::MAX;

impl Default for Chain {
    fn default() -> Self {
        Self { first: END, last: END }
    }
}

fn short(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(END)
}

impl Arena {
    /// Takes room for so many bytes.
    fn charge(&mut self, bytes: usize, limits: &Limits) -> bool {
        let sum = self.bytes + bytes;
        let fits = sum <= limits.bytes && self.share.grow_to(sum, limits.total_bytes);
        if fits {
            self.bytes = sum;
        }
        fits
    }

    /// Its index, where it found a place.
    pub(crate) fn open(&mut self, new: &NewSpan, limits: &Limits) -> Option<u32> {
        let parent = new.anchor.and_then(|anchor| self.spans.get(anchor as usize));
        let parent = parent.map_or(new.exchange, |parent| parent.span_id);
        if self.spans.len() >= limits.spans || !self.charge(size_of::<SpanNode>(), limits) {
            self.drop_span(parent, new.metadata.name());
            return None;
        }
        self.spans.push(SpanNode {
            metadata: new.metadata,
            span_id: new.span_id,
            parent,
            above: new.anchor.unwrap_or(END),
            start: new.at,
            end: None,
            busy: Duration::ZERO,
            fields: Chain::default(),
            events: Chain::default(),
            has_error: false,
        });
        Some(short(self.spans.len() - 1))
    }

    fn drop_span(&mut self, parent: SpanId, name: &'static str) {
        self.dropped.spans += 1;
        let by_name = &mut self.dropped.by_name;
        let has_room = by_name.len() < NAMES;
        match by_name.iter_mut().find(|known| known.parent == parent && known.name == name) {
            Some(known) => known.count += 1,
            None if has_room => by_name.push(DroppedSpans { parent, name, count: 1 }),
            None => {}
        }
    }

    /// Records fields of a span; where a name was recorded before, the new value stands.
    pub(crate) fn set_fields(&mut self, span: u32, fields: &Fields, limits: &Limits) {
        let Some(mut chain) = self.spans.get(span as usize).map(|span| span.fields) else { return };
        self.append(&mut chain, fields, limits);
        if let Some(span) = self.spans.get_mut(span as usize) {
            span.fields = chain;
        }
    }

    fn append(&mut self, chain: &mut Chain, fields: &Fields, limits: &Limits) {
        self.dropped.cut_values += fields.cut;
        let known = *chain;
        for (name, value) in &fields.list {
            let place = self.find(known, name);
            let node = if place.is_some() { 0 } else { size_of::<FieldNode>() };
            let text = if let Value::Text(text) = value { text.of(&fields.text) } else { "" };
            if !self.charge(node + text.len(), limits) {
                self.dropped.fields += 1;
                continue;
            }
            let value = match value {
                Value::Text(_) => Value::Text(self.keep(text)),
                value => *value,
            };
            match place.and_then(|place| self.fields.get_mut(place)) {
                Some(field) => field.value = value,
                None => {
                    let index = short(self.fields.len());
                    self.fields.push(FieldNode { name, value, next: END });
                    if let Some(last) = self.fields.get_mut(chain.last as usize) {
                        last.next = index;
                    } else {
                        chain.first = index;
                    }
                    chain.last = index;
                }
            }
        }
    }

    fn find(&self, chain: Chain, name: &str) -> Option<usize> {
        self.along(chain).find(|(_, field)| field.name == name).map(|(index, _)| index as usize)
    }

    fn keep(&mut self, text: &str) -> Part {
        let start = self.text.len();
        self.text.push_str(text);
        Part::since(start, self.text.len())
    }

    /// Whether an event may find a place; where not, its fields need not be looked at.
    pub(crate) fn has_place_for_event(&self, limits: &Limits) -> bool {
        self.events.len() < limits.events && self.bytes < limits.bytes
    }

    /// An event in a span, or in the exchange's own.
    pub(crate) fn event(
        &mut self,
        span: Option<u32>,
        metadata: &'static Metadata<'static>,
        at: Instant,
        fields: &Fields,
        limits: &Limits,
    ) {
        let message = fields.message.map(|message| message.of(&fields.text));
        let bytes = size_of::<EventNode>() + message.map_or(0, str::len);
        if self.events.len() >= limits.events || !self.charge(bytes, limits) {
            self.dropped.events += 1;
            return;
        }
        let message = message.map(|message| self.keep(message));
        let mut chain = Chain::default();
        self.append(&mut chain, fields, limits);
        let index = short(self.events.len());
        self.events.push(EventNode { metadata, message, at, fields: chain, next: END });
        let is_error = *metadata.level() == Level::ERROR;
        let (events, has_error) = match span.and_then(|span| self.spans.get_mut(span as usize)) {
            Some(span) => (&mut span.events, &mut span.has_error),
            None => (&mut self.own_events, &mut self.own_error),
        };
        *has_error |= is_error;
        let last = std::mem::replace(&mut events.last, index);
        match self.events.get_mut(last as usize) {
            Some(last) => last.next = index,
            None => events.first = index,
        }
    }

    pub(crate) fn busy(&mut self, span: u32, time: Duration) {
        if let Some(span) = self.spans.get_mut(span as usize) {
            span.busy += time;
        }
    }

    pub(crate) fn close(&mut self, span: u32, at: Instant) {
        let mut next = span;
        while let Some(node) = self.spans.get_mut(next as usize) {
            // A parent that only waited for this one to close is told so a moment before.
            if next != span && node.end.is_none_or(|end| end >= at) {
                break;
            }
            node.end = Some(at);
            next = node.above;
        }
    }
}

impl Arena {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn own_error(&self) -> bool {
        self.own_error
    }

    pub(crate) fn read_spans(&self) -> Vec<RecordedSpan> {
        let read = |span: &SpanNode| RecordedSpan {
            name: span.metadata.name(),
            target: span.metadata.target(),
            level: *span.metadata.level(),
            span_id: span.span_id,
            parent: span.parent,
            start: span.start,
            end: span.end,
            busy: span.busy,
            fields: self.read_fields(span.fields),
            events: self.read_events(span.events),
            has_error: span.has_error,
        };
        self.spans.iter().map(read).collect()
    }

    pub(crate) fn read_own_events(&self) -> Vec<RecordedEvent> {
        self.read_events(self.own_events)
    }

    fn read_events(&self, chain: Chain) -> Vec<RecordedEvent> {
        let mut next = chain.first;
        let walk = std::iter::from_fn(|| {
            let event = self.events.get(next as usize)?;
            next = event.next;
            Some(RecordedEvent {
                message: match event.message {
                    Some(message) => Cow::Owned(message.of(&self.text).to_owned()),
                    None => Cow::Borrowed(event.metadata.name()),
                },
                target: event.metadata.target(),
                level: *event.metadata.level(),
                at: event.at,
                fields: self.read_fields(event.fields),
            })
        });
        walk.collect()
    }

    fn read_fields(&self, chain: Chain) -> Vec<(&'static str, FieldValue)> {
        let read = |value: Value| match value {
            Value::Bool(value) => FieldValue::Bool(value),
            Value::I64(value) => FieldValue::I64(value),
            Value::U64(value) => FieldValue::U64(value),
            Value::F64(value) => FieldValue::F64(value),
            Value::Text(text) => FieldValue::Text(Cow::Owned(text.of(&self.text).to_owned())),
            Value::Constant(text) => FieldValue::Text(Cow::Borrowed(text)),
        };
        self.along(chain).map(|(_, field)| (field.name, read(field.value))).collect()
    }

    /// The fields of a chain, with their places.
    fn along(&self, chain: Chain) -> impl Iterator<Item = (u32, &FieldNode)> {
        let mut next = chain.first;
        std::iter::from_fn(move || {
            let field = self.fields.get(next as usize)?;
            Some((std::mem::replace(&mut next, field.next), field))
        })
    }
}

impl Arena {
    /// Forgets everything but the room.
    pub(crate) fn clear(&mut self) {
        let Self { spans, fields, events, text, own_events, own_error, bytes, share, dropped, is_over } =
            self;
        spans.clear();
        fields.clear();
        events.clear();
        text.clear();
        *own_events = Chain::default();
        *own_error = false;
        *bytes = 0;
        *share = Share::default();
        *dropped = Dropped::default();
        *is_over = false;
    }

    /// How much room it holds.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.spans.capacity() * size_of::<SpanNode>()
            + self.fields.capacity() * size_of::<FieldNode>()
            + self.events.capacity() * size_of::<EventNode>()
            + self.text.capacity()
    }
}
