//! What happened inside of one exchange, span by span: a bounded arena, and nothing but data.
//!
//! The subscriber's layer in [`spans`](crate::spans) writes it, the exchange's slot holds it, and whoever decides at the end
//! that the exchange is worth keeping (an error, a slow one) reads it: tail sampling, and slow-request profiles. It is made
//! where somebody asked for it ([`Slot::want_recording`](crate::observe::Slot::want_recording)) and there is something to
//! record; an exchange without spans and events of its own has none.
//!
//! Nothing that is written allocates once the arena has grown: names stay where they are in the code, and all texts lie one
//! after the other in one buffer. The arena is used again for a later exchange. What a reader asks for is put together then.
//!
//! | file | what it holds |
//! |---|---|
//! | `limits` | [`Limits`]: how much of one exchange, and of all together, is recorded |
//! | `read` | [`RecordedSpan`], [`RecordedEvent`], [`DroppedSpans`]: what a reader gets |
//! | `whole` | [`Recording`]: the arena behind its lock |
//! | `arena` | the spans, fields, events and texts |
//! | `fields` | fields on their way into the arena |
//! | `budget` | what all recordings take together |
//! | `pool` | arenas that wait for their next exchange |

mod arena;
mod budget;
mod fields;
mod limits;
mod pool;
mod read;
mod whole;

pub use self::limits::Limits;
pub use self::read::{DroppedSpans, FieldValue, RecordedEvent, RecordedSpan};
pub use self::whole::Recording;

pub(crate) use self::arena::NewSpan;
pub(crate) use self::fields::{Fields, Part, Value};
