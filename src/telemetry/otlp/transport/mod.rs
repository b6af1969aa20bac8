//! How one batch reaches one collector, and what the collector says.
//!
//! <https://opentelemetry.io/docs/specs/otlp/>
//!
//! | file | what it holds |
//! |---|---|
//! | `answer` | [`Accepted`], [`Failure`]: what became of a batch; partial success |
//! | `http` | OTLP over HTTP, as protobuf or JSON |
//! | `grpc` | OTLP over gRPC |
//! | `either` | [`Transport`]: one of them, as the destination says |

mod answer;
mod either;
mod grpc;
mod http;

pub(crate) use self::answer::{Accepted, Failure};
pub(crate) use self::either::{Carrier, Transport, TransportError};
