//! The present context, to take along: to a spawned task, a thread, or the other end of a channel.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project::{pin_project, pinned_drop};
use tracing::Span;

use crate::facade::{self, SharedRecorder};
use crate::observe::{self, Slot};
use crate::spans;
use crate::w3c::TraceContext;

/// What the code around is working on: the exchange, the span, the recorder of its numbers.
///
/// Taking it costs three counts and no allocation. It keeps the span open as long as it is held: a task that goes on
/// after its request was answered is part of that request's trace, and its spans are.
#[derive(Clone, Debug)]
pub struct Captured {
    slot: Option<Arc<Slot>>,
    recorder: Option<SharedRecorder>,
    context: Option<TraceContext>,
    span: Span,
}

impl Captured {
    /// What is current now on this thread.
    #[must_use]
    pub fn current() -> Self {
        let slot = observe::current();
        let recorder = slot.as_ref().and_then(|slot| slot.recorder().cloned());
        Self { slot, recorder, context: spans::current(), span: Span::current() }
    }

    /// The exchange of `slot`, without the span that is current now.
    pub(crate) fn of(slot: Arc<Slot>) -> Self {
        let (recorder, context) = (slot.recorder().cloned(), slot.trace().copied());
        Self { slot: Some(slot), recorder, context, span: Span::none() }
    }

    /// Where in which trace it is.
    #[must_use]
    pub fn trace(&self) -> Option<&TraceContext> {
        self.context.as_ref()
    }

    /// Runs a function in it.
    pub fn scope<R>(&self, run: impl FnOnce() -> R) -> R {
        self.clone().entered(run)
    }

    /// Runs a future in it, wherever that is polled.
    pub fn run<F>(self, future: F) -> InContext<F> {
        InContext { future: Some(future), captured: self }
    }

    /// The slot is moved and not counted, so this needs it for itself.
    fn entered<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let Self { slot, recorder, context, span } = self;
        let traced = || spans::enter(*context, || span.in_scope(run));
        observe::enter(slot, || facade::within(recorder.as_ref(), traced))
    }
}

/// A future that runs in a context, wherever it is polled, and is dropped in it; see
/// [`ContextExt::in_context`](crate::context::ContextExt::in_context).
#[pin_project(PinnedDrop)]
#[derive(Debug)]
pub struct InContext<F> {
    /// Taken out when it is dropped.
    #[pin]
    future: Option<F>,
    captured: Captured,
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("taken out by the drop only");
        this.captured.entered(|| future.poll(cx))
    }
}

#[pinned_drop]
impl<F> PinnedDrop for InContext<F> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.captured.entered(|| this.future.set(None));
    }
}

/// A value on its way through a channel, with the context that it was sent in.
///
/// ```
/// use tower_watch_layers::context::Envelope;
///
/// let (send, receive) = std::sync::mpsc::channel();
/// send.send(Envelope::new("an order"))?;
/// let answer = receive.recv()?.open(|order| format!("packed {order}"));
/// assert_eq!(answer, "packed an order");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Envelope<T> {
    value: T,
    captured: Captured,
}

impl<T> Envelope<T> {
    /// Puts the value in, with the present context.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { value, captured: Captured::current() }
    }

    /// The value, to look at.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The value and the context, apart.
    #[must_use]
    pub fn into_parts(self) -> (T, Captured) {
        (self.value, self.captured)
    }

    /// Works on the value in the sender's context.
    pub fn open<R>(mut self, work: impl FnOnce(T) -> R) -> R {
        self.captured.entered(|| work(self.value))
    }

    /// The same with a future.
    pub fn run<F: Future>(mut self, work: impl FnOnce(T) -> F) -> InContext<F> {
        let future = self.captured.entered(|| work(self.value));
        self.captured.run(future)
    }
}
