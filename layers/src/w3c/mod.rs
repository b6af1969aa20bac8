//! Trace context and baggage as W3C says them: ids, headers, limits.
//!
//! Pure data and pure functions: nothing in here knows an exchange, a span or a subscriber. What comes in was written by
//! strangers, so each parser takes bytes, allocates nothing, and answers with a value that is valid or with nothing.
//!
//! | file | what it holds | by |
//! |---|---|---|
//! | `ids` | [`TraceId`], [`SpanId`] | |
//! | `trace_context` | [`TraceContext`]: where in which trace something happens | |
//! | `traceparent` | the header `traceparent`, in and out | <https://www.w3.org/TR/trace-context-2/#traceparent-header> |
//! | `tracestate` | the header `tracestate`: checked and handed on | <https://www.w3.org/TR/trace-context-2/#tracestate-header> |
//! | `baggage` | the header `baggage`: members, percent-encoding, limits | <https://www.w3.org/TR/baggage/> |
//! | `propagation` | [`Propagation`]: which of these headers are read and sent | |
//! | `header` | lists in one header or in several | <https://www.rfc-editor.org/rfc/rfc9110#section-5.3> |
//! | `carrier` | anything that has headers, to read and to write: requests, messages of a queue | |

mod baggage;
mod carrier;
mod header;
mod ids;
mod propagation;
mod trace_context;
mod traceparent;
mod tracestate;

pub use self::baggage::{BAGGAGE, Baggage, BaggageBuilder, BaggageError, BaggageMember, baggage_of};
pub use self::carrier::{Carrier, CarrierMut};
pub use self::ids::{SpanId, TraceId};
pub use self::propagation::Propagation;
pub use self::trace_context::{Carried, TraceContext};
pub use self::traceparent::{
    RemoteParent, TRACEPARENT, format_traceparent, parse_traceparent, traceparent_of,
};
pub use self::tracestate::{TRACESTATE, Tracestate, tracestate_of};
