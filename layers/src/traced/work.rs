//! A piece of work in a span.

use std::any::type_name;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::{pin_project, pinned_drop};
use tracing::Span;
use tracing::field::Empty;

use crate::cut::cut;

/// The most bytes of an error's text.
const LONGEST_TEXT: usize = 1_024;

/// Runs a future in a span of this name. Where it fails, the span is marked as failed, with the type and the text of the
/// error. The span begins with the call, and ends with the future.
pub fn traced<F, T, E>(name: &str, future: F) -> Traced<F>
where
    F: Future<Output = Result<T, E>>,
    E: Display,
{
    Traced::new(span(name), future)
}

/// Runs a function in a span of this name; see [`traced`].
///
/// # Errors
///
/// Those of the function.
pub fn traced_fn<T, E: Display>(name: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    run(&span(name), work)
}

/// Runs a future that cannot fail in a span of this name.
pub fn spanned<F: Future>(name: &str, future: F) -> Spanned<F> {
    Spanned { future: Some(future), span: span(name) }
}

fn span(name: &str) -> Span {
    tracing::info_span!(
        "work",
        otel.name = name,
        otel.status_code = Empty,
        otel.status_description = Empty,
        error.type = Empty,
    )
}

pub(crate) fn run<T, E: Display>(span: &Span, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    span.in_scope(work).inspect_err(|error| mark(span, error))
}

/// Notes in the span why its work failed.
fn mark<E: Display>(span: &Span, error: &E) {
    if span.is_disabled() {
        return;
    }
    span.record("error.type", type_name::<E>());
    span.record("otel.status_code", "ERROR");
    span.record("otel.status_description", cut(&error.to_string(), LONGEST_TEXT));
}

/// A future in a span, which is marked where the future fails; see [`traced`].
#[pin_project]
#[derive(Debug)]
pub struct Traced<F> {
    #[pin]
    spanned: Spanned<F>,
}

impl<F> Traced<F> {
    pub(crate) fn new(span: Span, future: F) -> Self {
        Self { spanned: Spanned { future: Some(future), span } }
    }

    /// The span, to note more in it.
    pub fn span(&self) -> &Span {
        &self.spanned.span
    }
}

impl<F, T, E> Future for Traced<F>
where
    F: Future<Output = Result<T, E>>,
    E: Display,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = ready!(this.spanned.as_mut().poll(cx));
        if let Err(error) = &result {
            mark(&this.spanned.span, error);
        }
        Poll::Ready(result)
    }
}

/// A future in a span; see [`spanned`].
#[pin_project(PinnedDrop)]
#[derive(Debug)]
pub struct Spanned<F> {
    /// Taken out when it is dropped.
    #[pin]
    future: Option<F>,
    span: Span,
}

impl<F: Future> Future for Spanned<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let future = this.future.as_pin_mut().expect("taken out by the drop only");
        this.span.in_scope(|| future.poll(cx))
    }
}

/// Inside the span, so that spans which the future holds close before it.
#[pinned_drop]
impl<F> PinnedDrop for Spanned<F> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.span.in_scope(|| this.future.set(None));
    }
}
