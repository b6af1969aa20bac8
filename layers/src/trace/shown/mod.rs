//! What a span shows of an exchange: names by OpenTelemetry's conventions, values without anything that a stranger could
//! do harm with.
//!
//! Requests come from strangers, and a span is read by people, in terminals and pages. So every text that a client wrote
//! is cut to a limit and loses its control characters; what may identify a person is shown only where the configuration
//! says so; and a credential never is.
//!
//! | file | what it holds | by |
//! |---|---|---|
//! | `attribute` | the names | <https://opentelemetry.io/docs/specs/semconv/http/http-spans/>, <https://opentelemetry.io/docs/specs/semconv/rpc/grpc/> |
//! | `shape` | the span's callsite: which fields it has | |
//! | `name` | the span's name | |
//! | `seen` | what is taken from the head of a request | |
//! | `values` | the values at the start and at the end | |
//! | `collected` | the same values as plain data | |

mod attribute;
mod collected;
mod name;
mod seen;
mod shape;
mod values;

pub(crate) use self::attribute::Attribute;
pub(crate) use self::collected::collect;
pub(crate) use self::name::SpanName;
pub(crate) use self::seen::{Known, Seen};
pub(crate) use self::shape::Shape;
pub(crate) use self::values::{RequestTexts, header_values, with_brief, with_end, with_start};
