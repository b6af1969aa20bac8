//! Messages of a queue, sent and received.

use std::fmt::Display;
use std::future::Future;

use tracing::Span;
use tracing::field::Empty;

use crate::spans;
use crate::traced::work;
use crate::traced::{RemoteContext, Traced};

/// A span around what is done with a message, by OpenTelemetry's conventions:
/// <https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/>.
///
/// On the sending side, [`inject`](crate::traced::inject) inside the span writes its place into the message; on the other side
/// [`continuing`](Self::continuing) or [`linked_to`](Self::linked_to) takes it up.
#[derive(Clone, Debug)]
#[must_use = "it is made by `run`, `run_fn` or `span`"]
pub struct MessageSpan<'a> {
    system: &'a str,
    operation: &'static str,
    kind: &'static str,
    destination: &'a str,
    id: Option<&'a str>,
    consumer_group: Option<&'a str>,
    batch: Option<usize>,
    body_bytes: Option<usize>,
    origin: Option<(&'a RemoteContext, Relation)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    Parent,
    Link,
}

impl<'a> MessageSpan<'a> {
    fn new(system: &'a str, destination: &'a str, operation: &'static str, kind: &'static str) -> Self {
        Self {
            system,
            operation,
            kind,
            destination,
            id: None,
            consumer_group: None,
            batch: None,
            body_bytes: None,
            origin: None,
        }
    }

    /// Sends a message to a queue or topic of a system (`kafka`, `rabbitmq`; `messaging.system`).
    pub fn send(system: &'a str, destination: &'a str) -> Self {
        Self::new(system, destination, "send", "producer")
    }

    /// Asks for messages.
    pub fn receive(system: &'a str, destination: &'a str) -> Self {
        Self::new(system, destination, "receive", "client")
    }

    /// Works on a message.
    pub fn process(system: &'a str, destination: &'a str) -> Self {
        Self::new(system, destination, "process", "consumer")
    }

    /// The id of the message (`messaging.message.id`).
    pub fn id(mut self, id: &'a str) -> Self {
        self.id = Some(id);
        self
    }

    /// The group that the consumer belongs to (`messaging.consumer.group.name`).
    pub fn consumer_group(mut self, name: &'a str) -> Self {
        self.consumer_group = Some(name);
        self
    }

    /// How many messages it is about (`messaging.batch.message_count`).
    pub fn batch(mut self, messages: usize) -> Self {
        self.batch = Some(messages);
        self
    }

    /// The size of the body (`messaging.message.body.size`), in bytes.
    pub fn body_bytes(mut self, bytes: usize) -> Self {
        self.body_bytes = Some(bytes);
        self
    }

    /// The span is a child of the sender's, in its trace.
    pub fn continuing(mut self, sender: &'a RemoteContext) -> Self {
        self.origin = Some((sender, Relation::Parent));
        self
    }

    /// The span is where it would be anyway, with a link to the sender's.
    pub fn linked_to(mut self, sender: &'a RemoteContext) -> Self {
        self.origin = Some((sender, Relation::Link));
        self
    }

    /// The span, for what none of the others fits.
    #[must_use]
    pub fn span(&self) -> Span {
        match self.origin {
            Some((sender, Relation::Parent)) => spans::placing(sender.child(), || self.make()),
            Some((sender, Relation::Link)) => spans::placing(sender.linked(), || self.make()),
            None => self.make(),
        }
    }

    fn make(&self) -> Span {
        let span = tracing::info_span!(
            "message",
            otel.name = Empty,
            otel.kind = self.kind,
            messaging.system = self.system,
            messaging.operation.name = self.operation,
            messaging.operation.type = self.operation,
            messaging.destination.name = self.destination,
            messaging.message.id = self.id,
            messaging.consumer.group.name = self.consumer_group,
            messaging.batch.message_count = self.batch,
            messaging.message.body.size = self.body_bytes,
            otel.status_code = Empty,
            otel.status_description = Empty,
            error.type = Empty,
        );
        if !span.is_disabled() {
            span.record("otel.name", format!("{} {}", self.operation, self.destination));
        }
        span
    }

    /// Runs a future in the span, which is marked as failed where that fails.
    pub fn run<F, T, E>(&self, future: F) -> Traced<F>
    where
        F: Future<Output = Result<T, E>>,
        E: Display,
    {
        Traced::new(self.span(), future)
    }

    /// Runs a function in the span; see [`run`](Self::run).
    ///
    /// # Errors
    ///
    /// Those of the function.
    pub fn run_fn<T, E: Display>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        work::run(&self.span(), work)
    }
}
