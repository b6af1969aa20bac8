//! What happened inside of one exchange, span by span: a bounded arena, and nothing but data.
//!
//! The subscriber's layer in [`spans`](crate::spans) writes it, the exchange's slot holds it, and whoever decides at the end
//! that the exchange is worth keeping (an error, a slow one) reads it: tail sampling, and slow-request profiles. An exchange
//! without spans of its own has none.

mod arena;

pub use self::arena::{FieldValue, Limits, RecordedEvent, RecordedSpan, Recording};
