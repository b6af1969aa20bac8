//! What moves from the future to the body and cannot be dropped without an end.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use http::response::Parts;
use http::{HeaderMap, Method, StatusCode, header};

use crate::classify::{GrpcStatus, Protocol};
use crate::clock::Instant;
use crate::facade;
use crate::observe::{self, End, Exchange, Outcome, PanicResponse, Slot, panic_message};

/// One exchange under way. However it goes, [`Exchange::end`] is called once: by [`end`](Self::end), or when the
/// guard is dropped.
#[derive(Debug)]
pub(crate) struct Guard<X: Exchange> {
    /// Taken out at the end. From the start not there where the observer has no interest in the exchange.
    exchange: Option<X>,
    /// Always there, but while [`scope`](Self::scope) runs.
    slot: Option<Arc<Slot>>,
    started: Instant,
    refused: bool,
    head: Option<Head>,
    grpc_status: Option<GrpcStatus>,
    sent: u64,
    panicked: bool,
}

#[derive(Debug)]
struct Head {
    status: StatusCode,
    at: Instant,
    /// The body's length, where it is known.
    expected: Option<u64>,
    event_stream: bool,
    /// The answer to a gRPC call is gRPC's own, or a failure: not what a plain HTTP route says to one who only calls
    /// its request gRPC.
    answers_grpc: bool,
    /// The response is the answer of a panic handler.
    answers_panic: bool,
}

/// Says that there was a panic, unless it is forgotten first. Not `thread::panicking()` when the guard is dropped:
/// whoever catches the panic outside may drop it later.
struct Armed<'a>(&'a mut bool);

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        *self.0 = true;
    }
}

impl<X: Exchange> Guard<X> {
    pub(crate) fn new(exchange: Option<X>, slot: Arc<Slot>, started: Instant, refused: bool) -> Self {
        Self {
            exchange,
            slot: Some(slot),
            started,
            refused,
            head: None,
            grpc_status: None,
            sent: 0,
            panicked: false,
        }
    }

    /// The slot of the exchange.
    pub(crate) fn slot(&self) -> &Slot {
        self.slot.as_ref().expect("only `scope` takes it out, and puts it back")
    }

    /// Runs a piece of the service in the context of the exchange. A panic in it is noted, and goes on.
    pub(crate) fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        let armed = Armed(&mut self.panicked);
        let exchange = &mut self.exchange;
        let recorder = self.slot.as_ref().and_then(|slot| slot.recorder());
        let recorder = recorder.filter(|recorder| recorder.must_be_entered()).cloned();
        let within = || facade::within(recorder.as_ref(), || exchange.scope(poll));
        let result = match self.slot.as_ref().is_some_and(|slot| slot.is_outgoing()) {
            false => observe::enter(&mut self.slot, within),
            true => within(),
        };
        mem::forget(armed);
        result
    }

    /// Runs a piece of the service that needs no context. A panic in it is noted, and goes on.
    pub(crate) fn noting_panic<R>(&mut self, ask: impl FnOnce() -> R) -> R {
        let armed = Armed(&mut self.panicked);
        let result = ask();
        mem::forget(armed);
        result
    }

    /// Takes note of the head. The exchange is over when the outcome is returned.
    ///
    /// `length` is the length of the body as the body knows it, `is_end` whether it is at its end already.
    pub(crate) fn head(&mut self, head: &mut Parts, length: Option<u64>, is_end: bool) -> Option<Outcome> {
        let slot = self.slot();
        slot.settle_route();
        let method = slot.method();
        let is_grpc = slot.protocol() == Protocol::Grpc;
        let speaks_grpc = is_grpc && Protocol::is_grpc(&head.headers);
        let upgraded = head.status == StatusCode::SWITCHING_PROTOCOLS
            || (method == Method::CONNECT && head.status.is_success());
        let bodiless = method == Method::HEAD
            || head.status.is_informational()
            || matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let expected = match () {
            () if bodiless => Some(0),
            // Trailers may follow the last byte, and the status is in them.
            () if speaks_grpc || (is_grpc && !head.headers.contains_key(header::CONTENT_TYPE)) => None,
            () => length.or_else(|| content_length(&head.headers)),
        };
        if is_grpc {
            self.grpc_status = GrpcStatus::from_headers(&head.headers);
        }
        self.head = Some(Head {
            status: head.status,
            at: self.slot().clock().now(),
            expected,
            // What has a length is no stream, and needs no look at its type.
            event_stream: upgraded || (length.is_none() && is_event_stream(&head.headers)),
            answers_grpc: speaks_grpc || (is_grpc && head.status.is_server_error()),
            // It stays there for a layer around this one, to which it is a panic too.
            answers_panic: head.extensions.get::<PanicResponse>().is_some(),
        });
        let slot = self.slot.as_ref().expect("only `scope` takes it out, and puts it back");
        let (exchange, armed) = (&mut self.exchange, Armed(&mut self.panicked));
        facade::within(slot.recorder(), || exchange.response(head, slot));
        mem::forget(armed);
        match () {
            () if upgraded => Some(Outcome::Upgraded),
            () if expected == Some(0) || is_end => Some(self.whole()),
            () => None,
        }
    }

    /// Takes note of a data frame. `is_end`: the body says that nothing follows.
    pub(crate) fn data(&mut self, bytes: usize, is_end: bool) -> Option<Outcome> {
        self.sent += bytes as u64;
        self.exchange.data(bytes);
        let expected = self.head.as_ref().and_then(|head| head.expected);
        (is_end || expected.is_some_and(|expected| self.sent >= expected)).then(|| self.whole())
    }

    /// Takes note of the trailers, with which the exchange is over.
    pub(crate) fn trailers(&mut self, trailers: &HeaderMap) -> Outcome {
        if self.slot().protocol() == Protocol::Grpc {
            self.grpc_status = GrpcStatus::from_headers(trailers).or(self.grpc_status);
        }
        self.exchange.trailers(trailers);
        self.whole()
    }

    /// The outcome of a response that went out whole.
    pub(crate) fn whole(&self) -> Outcome {
        if self.refused { Outcome::Refused } else { Outcome::Complete }
    }

    /// Ends the exchange; the first end counts.
    #[inline]
    #[expect(
        clippy::disallowed_methods,
        reason = "it is asked whether one more panic is the last, and not how the exchange ended"
    )]
    pub(crate) fn end(&mut self, outcome: Outcome) {
        let Some(exchange) = self.exchange.take() else { return };
        if thread::panicking() {
            self.tell_amid_a_panic(exchange, outcome);
        } else {
            self.tell(exchange, outcome);
        }
    }

    /// A second panic on the way out of a first one would end the process.
    #[cold]
    fn tell_amid_a_panic(&self, exchange: X, outcome: Outcome) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.tell(exchange, outcome))) {
            tracing::error!(
                panic = panic_message(&*payload),
                "an observer panicked at the end of an exchange"
            );
        }
    }

    /// Tells the observer how the exchange ended.
    fn tell(&self, exchange: X, outcome: Outcome) {
        let (head, slot) = (self.head.as_ref(), self.slot());
        let outcome = match head {
            Some(head) if head.answers_panic => Outcome::Panicked,
            _ => outcome,
        };
        let aborted = self.panicked && head.is_some()
            || matches!(
                outcome,
                Outcome::Cancelled | Outcome::ServiceError | Outcome::BodyError | Outcome::BodyDropped
            );
        let unanswered_panic = outcome == Outcome::Panicked && head.is_none();
        let status = match head {
            Some(head) => Some(head.status),
            None => unanswered_panic.then_some(StatusCode::INTERNAL_SERVER_ERROR),
        };
        let grpc_status = (slot.protocol() == Protocol::Grpc)
            .then(|| match (self.grpc_status, status) {
                (Some(grpc_status), _) => Some(grpc_status),
                (None, _) if outcome == Outcome::Panicked => Some(GrpcStatus::INTERNAL),
                (None, Some(status)) if !aborted && head.is_some_and(|head| head.answers_grpc) => {
                    Some(GrpcStatus::from_http(status))
                }
                (None, _) => None,
            })
            .flatten();
        let end = End {
            outcome,
            status,
            grpc_status,
            time_to_head: head.map(|head| head.at.since(self.started)),
            duration: slot.clock().now().since(self.started),
            request_bytes: slot.request_bytes(),
            response_bytes: self.sent,
            streaming: slot.streaming().unwrap_or_else(|| head.is_some_and(|head| head.event_stream)),
            aborted,
            slot,
        };
        facade::within(slot.recorder(), || exchange.end(&end));
    }
}

impl<X: Exchange> Drop for Guard<X> {
    fn drop(&mut self) {
        let outcome = match (self.panicked, &self.head) {
            (true, _) => Outcome::Panicked,
            (false, Some(_)) => Outcome::BodyDropped,
            (false, None) => Outcome::Cancelled,
        };
        self.end(outcome);
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| starts_with_ignore_case(value.as_bytes(), b"text/event-stream"))
}

fn starts_with_ignore_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
