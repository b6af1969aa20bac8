//! How the bytes of a request are counted.
//!
//! The size that counts is what the service read, so somebody must stand in the body. axum's body is wrapped in
//! place, without changing its type. For any other, [`CountRequestBodyLayer`] goes between the observing layer and
//! the service; without it, the declared length stands in, up to a tebibyte: it is the client's word.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::Request;
use http_body::{Body, Frame, SizeHint};
use pin_project::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::observe::Slot;

/// Counts the bytes of request bodies of any type, for the exchange around it.
///
/// Goes inside the observing layer. The service inside must take a `Request<CountedRequestBody<B>>`, as
/// `Request<impl Body>` does. Not needed under axum.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountRequestBodyLayer;

impl<S> Layer<S> for CountRequestBodyLayer {
    type Service = CountRequestBody<S>;

    fn layer(&self, inner: S) -> CountRequestBody<S> {
        CountRequestBody { inner }
    }
}

/// The service of [`CountRequestBodyLayer`].
#[derive(Clone, Copy, Debug)]
pub struct CountRequestBody<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for CountRequestBody<S>
where
    S: Service<Request<CountedRequestBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        let slot = request.extensions().get::<Arc<Slot>>().filter(|slot| slot.count_request_body()).cloned();
        self.inner.call(request.map(|body| CountedRequestBody { body, slot }))
    }
}

/// A request body that tells its exchange how many bytes were read.
#[pin_project]
#[derive(Debug)]
pub struct CountedRequestBody<B> {
    #[pin]
    body: B,
    slot: Option<Arc<Slot>>,
}

impl<B> CountedRequestBody<B> {
    /// Used where a framework's own body is wrapped in place.
    #[cfg_attr(not(feature = "axum"), allow(dead_code, reason = "no framework has a body of its own"))]
    pub(crate) fn new(body: B, slot: Arc<Slot>) -> Self {
        Self { body, slot: Some(slot) }
    }
}

impl<B: Body> Body for CountedRequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = ready!(this.body.poll_frame(cx));
        if let (Some(Ok(frame)), Some(slot)) = (&polled, this.slot)
            && let Some(data) = frame.data_ref()
        {
            slot.add_request_bytes(data.remaining() as u64);
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
