//! Traces: from the spans of `tracing` to the queue.
//!
//! tracing-opentelemetry makes OpenTelemetry's spans, so that its `OpenTelemetrySpanExt` and other instrumentation work in
//! handlers. What it does is decided here: a filter keeps from it what is not sampled, and everything below, which is why an
//! unsampled request does not pay for it and its children do not become roots; and each span that it makes gets the ids and
//! the decision that its mark ([`spans`](tower_watch_layers::spans)) has, so that the ids in log lines are those that are
//! exported.
//!
//! | file | what it holds |
//! |---|---|
//! | `filter` | [`SampledOnly`]: what tracing-opentelemetry gets to see; whose child it is |
//! | `begin` | [`BeginSpans`]: each span is begun with its ids, and when |
//! | `rename` | names that come later |
//! | `making` | the ids and the decision of the span that is being made, for the two above |
//! | `provider` | our own provider: sampler, ids, and the way into the queue |
//! | `spans` | [`Spans`]: spans as a signal |
//! | `kept` | [`Keep`]: traces that are kept at their end |
//! | `said` | what the fields of a recorded span say |
//! | `values` | attributes of a bounded length |
//! | `layers` | what goes into the subscriber |
//!
//! What it cannot do: a child whose explicit parent (`parent: &span`) is sampled, made while the thread works for an exchange
//! that is not, is left out; and `OpenTelemetrySpanExt::set_parent` comes too late for a span inside of an exchange or below
//! another, and cannot have a span exported that is not sampled by itself (make such spans with [`spans::at`] instead).

mod begin;
mod filter;
mod kept;
mod layers;
mod making;
mod outlet;
mod own;
mod provider;
mod rename;
mod said;
mod spans;
mod values;

pub use self::own::OwnProvider;

pub(crate) use self::outlet::{TraceExport, TraceOutlet};
