//! Polled until there is an end.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::Response;
use http::response::Parts;
use http_body::{Body, Frame, SizeHint};
use pin_project::{pin_project, pinned_drop};

use crate::observe::guard::Guard;
use crate::observe::{Exchange, Outcome, RefusalBody};

/// The response body of [`Observe`](crate::observe::Observe): the service's, or a refusal's small text.
///
/// It hands on every frame, error, size hint and end of stream as it comes. It is `Send` exactly when the
/// service's body and the exchange are. The exchange ends with the last byte, at the latest when this is dropped.
#[pin_project(PinnedDrop)]
#[derive(Debug)]
pub struct ObserveBody<B, X: Exchange> {
    #[pin]
    source: Source<B>,
    guard: Option<Guard<X>>,
}

/// Where the bytes come from.
#[pin_project(project = SourceProjection)]
#[derive(Debug)]
enum Source<B> {
    Service(#[pin] B),
    /// Boxed, as it is rare and would make every body larger.
    Refusal(Box<RefusalBody>),
    Spent,
}

impl<B: Body, X: Exchange> ObserveBody<B, X> {
    pub(crate) fn unobserved(body: B) -> Self {
        Self { source: Source::Service(body), guard: None }
    }

    pub(crate) fn service(response: Response<B>, mut guard: Guard<X>) -> Response<Self> {
        let (head, body) = response.into_parts();
        let (length, is_end) = guard.noting_panic(|| (body.size_hint().exact(), body.is_end_stream()));
        Self::begin(head, Source::Service(body), guard, length, is_end)
    }

    pub(crate) fn refusal(response: Response<RefusalBody>, guard: Guard<X>) -> Response<Self> {
        let (head, body) = response.into_parts();
        let (length, is_end) = (body.size_hint().exact(), body.is_end_stream());
        Self::begin(head, Source::Refusal(Box::new(body)), guard, length, is_end)
    }

    fn begin(
        mut head: Parts,
        source: Source<B>,
        guard: Guard<X>,
        length: Option<u64>,
        is_end: bool,
    ) -> Response<Self> {
        let mut body = Self { source, guard: Some(guard) };
        if let Some(guard) = &mut body.guard
            && let Some(outcome) = guard.head(&mut head, length, is_end)
        {
            guard.end(outcome);
            body.guard = None;
        }
        Response::from_parts(head, body)
    }
}

impl<B, X> Body for ObserveBody<B, X>
where
    B: Body,
    B::Data: From<Bytes>,
    X: Exchange,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let polled = match this.source.as_mut().project() {
            SourceProjection::Service(body) => match this.guard {
                Some(guard) => ready!(guard.scope(|| body.poll_frame(cx))),
                None => return body.poll_frame(cx),
            },
            SourceProjection::Refusal(body) => body.take().map(|bytes| Ok(Frame::data(bytes.into()))),
            SourceProjection::Spent => None,
        };
        let Some(guard) = this.guard.as_mut() else { return Poll::Ready(polled) };
        let outcome = match &polled {
            Some(Ok(frame)) => match (frame.data_ref(), frame.trailers_ref()) {
                (Some(data), _) => guard.data(data.remaining(), this.source.is_end()),
                (None, Some(trailers)) => Some(guard.trailers(trailers)),
                (None, None) => None,
            },
            Some(Err(_)) => Some(Outcome::BodyError),
            None => Some(guard.whole()),
        };
        if let Some(outcome) = outcome {
            if !matches!(polled, Some(Ok(_))) {
                // Inside the scope, so that spans which the body holds close before the end.
                guard.scope(|| this.source.set(Source::Spent));
            }
            guard.end(outcome);
            *this.guard = None;
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_end()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Service(body) => body.size_hint(),
            Source::Refusal(body) => body.size_hint(),
            Source::Spent => SizeHint::with_exact(0),
        }
    }
}

impl<B: Body> Source<B> {
    fn is_end(&self) -> bool {
        match self {
            Self::Service(body) => body.is_end_stream(),
            Self::Refusal(body) => body.is_end_stream(),
            Self::Spent => true,
        }
    }
}

#[pinned_drop]
impl<B, X: Exchange> PinnedDrop for ObserveBody<B, X> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let Some(guard) = this.guard {
            guard.scope(|| this.source.set(Source::Spent));
        }
    }
}
