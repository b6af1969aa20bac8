//! How much is recorded.

/// How much of one exchange is recorded, and of all exchanges together. Beyond it spans, fields and events are counted, and
/// not kept.
///
/// The memory behind it is at most twice what is counted here, because a list that is full doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Spans of one exchange.
    pub spans: usize,
    /// Events of one exchange, of all its spans together.
    pub events: usize,
    /// Bytes of one exchange: its spans, fields and events, with their texts.
    pub bytes: usize,
    /// Bytes of one value; a longer one is cut.
    pub value_bytes: usize,
    /// Bytes of all exchanges that are under way at once.
    pub total_bytes: usize,
}

impl Default for Limits {
    /// 512 spans, 1,024 events, 256 KiB, 4 KiB a value; 64 MiB in all.
    fn default() -> Self {
        Self {
            spans: 512,
            events: 1_024,
            bytes: 256 * 1024,
            value_bytes: 4 * 1024,
            total_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps at most so many spans of one exchange.
    #[must_use]
    pub fn with_spans(self, spans: usize) -> Self {
        Self { spans, ..self }
    }

    /// Keeps at most so many events of one exchange.
    #[must_use]
    pub fn with_events(self, events: usize) -> Self {
        Self { events, ..self }
    }

    /// Keeps at most so many bytes of one exchange.
    #[must_use]
    pub fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }

    /// Cuts values that are longer, at the last character that fits.
    #[must_use]
    pub fn with_value_bytes(self, value_bytes: usize) -> Self {
        Self { value_bytes, ..self }
    }

    /// Keeps at most so many bytes of all exchanges that are under way at once.
    #[must_use]
    pub fn with_total_bytes(self, total_bytes: usize) -> Self {
        Self { total_bytes, ..self }
    }
}
