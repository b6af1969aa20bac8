//! How much of a span or log record is exported.

use crate::config::{Reader, Variable};
use crate::telemetry::otlp::settings::variables::{
    ATTRIBUTES, EVENT_ATTRIBUTES, LINK_ATTRIBUTES, SPAN_EVENTS, SPAN_LINKS, VALUE_LENGTH,
};

/// How many attributes there are, and how long their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AttributeLimits {
    /// So many at most.
    pub(crate) count: usize,
    /// So many characters of a text at most.
    pub(crate) value_length: usize,
}

/// How much of a span is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanLimits {
    pub(crate) attributes: AttributeLimits,
    pub(crate) events: usize,
    pub(crate) links: usize,
    /// Attributes of one event.
    pub(crate) event_attributes: usize,
    /// Attributes of one link.
    pub(crate) link_attributes: usize,
}

/// The specification's default for everything that is counted.
const COUNT: usize = 128;

/// The specification has none, and one value of a megabyte would displace a thousand spans.
const VALUE_LENGTH_DEFAULT: usize = 4_096;

impl Default for AttributeLimits {
    fn default() -> Self {
        Self { count: COUNT, value_length: VALUE_LENGTH_DEFAULT }
    }
}

impl Default for SpanLimits {
    fn default() -> Self {
        Self {
            attributes: AttributeLimits::default(),
            events: COUNT,
            links: COUNT,
            event_attributes: COUNT,
            link_attributes: COUNT,
        }
    }
}

/// Whose limits: the place of its name in [`ATTRIBUTES`] and [`VALUE_LENGTH`].
#[derive(Clone, Copy)]
enum Of {
    Span = 1,
    LogRecord = 2,
}

impl SpanLimits {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            attributes: AttributeLimits::read(reader, Of::Span),
            events: reader.read(&SPAN_EVENTS).unwrap_or(COUNT),
            links: reader.read(&SPAN_LINKS).unwrap_or(COUNT),
            event_attributes: reader.read(&EVENT_ATTRIBUTES).unwrap_or(COUNT),
            link_attributes: reader.read(&LINK_ATTRIBUTES).unwrap_or(COUNT),
        }
    }
}

impl AttributeLimits {
    pub(super) fn of_log_records(reader: &mut Reader<'_>) -> Self {
        Self::read(reader, Of::LogRecord)
    }

    fn read(reader: &mut Reader<'_>, of: Of) -> Self {
        Self {
            count: own_or_general(reader, &ATTRIBUTES, of).unwrap_or(COUNT),
            value_length: own_or_general(reader, &VALUE_LENGTH, of).unwrap_or(VALUE_LENGTH_DEFAULT),
        }
    }
}

fn own_or_general(reader: &mut Reader<'_>, variable: &Variable<usize>, of: Of) -> Option<usize> {
    let general = reader.read(variable);
    reader.read_named(variable, variable.names[of as usize]).or(general)
}
