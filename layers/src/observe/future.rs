//! Polled until there is a head.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project::{pin_project, pinned_drop};

use crate::observe::guard::Guard;
use crate::observe::{Exchange, ObserveBody, Outcome, Refusal};

/// The response future of [`Observe`](crate::observe::Observe). It is `Send` exactly when the service's future
/// and the exchange are.
#[pin_project(PinnedDrop)]
#[derive(Debug)]
pub struct ObserveFuture<F, X: Exchange> {
    #[pin]
    answer: Answer<F>,
    guard: Option<Guard<X>>,
}

/// Where the response comes from.
#[pin_project(project = AnswerProjection)]
#[derive(Debug)]
enum Answer<F> {
    Service(#[pin] F),
    Refusal(Refusal),
    Given,
}

impl<F, X: Exchange> ObserveFuture<F, X> {
    pub(crate) fn unobserved(future: F) -> Self {
        Self { answer: Answer::Service(future), guard: None }
    }

    pub(crate) fn observed(future: F, guard: Guard<X>) -> Self {
        Self { answer: Answer::Service(future), guard: Some(guard) }
    }

    pub(crate) fn refused(refusal: Refusal, guard: Guard<X>) -> Self {
        Self { answer: Answer::Refusal(refusal), guard: Some(guard) }
    }
}

impl<F, X, B, E> Future for ObserveFuture<F, X>
where
    F: Future<Output = Result<Response<B>, E>>,
    X: Exchange,
    B: Body,
{
    type Output = Result<Response<ObserveBody<B, X>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(guard) = this.guard else {
            let AnswerProjection::Service(future) = this.answer.project() else {
                unreachable_after_completion()
            };
            return future.poll(cx).map_ok(|response| response.map(ObserveBody::unobserved));
        };
        if let AnswerProjection::Refusal(refusal) = this.answer.as_mut().project() {
            let response = refusal.clone().into_response(Some(guard.slot()));
            this.answer.set(Answer::Given);
            let guard = this.guard.take().expect("matched above");
            return Poll::Ready(Ok(ObserveBody::refusal(response, guard)));
        }
        let result = ready!(guard.scope(|| {
            let AnswerProjection::Service(future) = this.answer.as_mut().project() else {
                unreachable_after_completion()
            };
            let result = ready!(future.poll(cx));
            // Dropped inside the scope too, so that spans which the future holds close before the end.
            this.answer.set(Answer::Given);
            Poll::Ready(result)
        }));
        let mut guard = this.guard.take().expect("matched above");
        Poll::Ready(match result {
            Ok(response) => Ok(ObserveBody::service(response, guard)),
            Err(error) => {
                guard.end(Outcome::ServiceError);
                Err(error)
            }
        })
    }
}

#[pinned_drop]
impl<F, X: Exchange> PinnedDrop for ObserveFuture<F, X> {
    fn drop(self: Pin<&mut Self>) {
        let mut this = self.project();
        if let Some(guard) = this.guard {
            guard.scope(|| this.answer.set(Answer::Given));
        }
    }
}

/// As for any future, polling again after the response is the caller's bug.
#[cold]
fn unreachable_after_completion() -> ! {
    panic!("ObserveFuture was polled after it had given its response")
}
