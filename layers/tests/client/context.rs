//! The context across tasks and channels.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::sync::{mpsc, oneshot};
use tower::service_fn;
use tower_layer::Layer;
use tower_watch_layers::client::ClientLayer;
use tower_watch_layers::context::{ContextExt, ContextObserver, Envelope, RequestContext};
use tower_watch_layers::observe::ObserveLayer;
use tower_watch_layers::spans::current;
use tower_watch_layers::trace::{TraceConfig, TraceObserver};
use tower_watch_layers::traced::{spanned, traced_fn};
use tower_watch_layers::w3c::parse_traceparent;

use crate::harness::{Spans, get, handler, send};

/// Runs `work` within a request of the id `abc-123`.
async fn within<F: Future<Output = ()>>(work: impl Fn() -> F + Clone) {
    let observers = (ContextObserver::new(), TraceObserver::new(TraceConfig::new()));
    let request = Request::get("/").header("x-request-id", "abc-123").body(Full::default()).unwrap();
    send(ObserveLayer::new(observers).layer(handler(work)), request).await;
}

fn request_id() -> String {
    RequestContext::current().unwrap().request_id().unwrap().to_string()
}

#[tokio::test]
async fn a_spawned_task_takes_the_span_along() {
    let (spans, _guard) = Spans::watch();
    within(|| async {
        let inside = spanned("around", async {
            let here = current().unwrap();
            let task = async move {
                assert_eq!(current(), Some(here));
                assert_eq!(request_id(), "abc-123");
                traced_fn("in the task", || Ok::<_, std::fmt::Error>(())).unwrap();
            };
            tokio::spawn(task.in_context()).await.unwrap();
        });
        inside.await;
        assert_ne!(current(), None);
    })
    .await;
    let (around, task) = (spans.named("around"), spans.named("in the task"));
    assert_eq!(task.parent, Some(around.mark.context.span_id.to_string()));
    assert_eq!(task.mark.context.trace_id, around.mark.context.trace_id);
    assert_eq!(current(), None, "nothing is left on the thread");
}

#[tokio::test]
async fn what_a_client_runs_sees_the_request_that_came_in() {
    let client = ClientLayer::default().layer(service_fn(async |request: Request<Full<Bytes>>| {
        assert_eq!(request_id(), "abc-123");
        assert!(
            RequestContext::of(request.extensions()).is_none(),
            "the client's exchange is nobody's context"
        );
        let sent = parse_traceparent(request.headers()["traceparent"].as_bytes()).unwrap();
        assert_eq!(current().unwrap().span_id, sent.span_id, "and is in the client's span");
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    within(move || send(client.clone(), get("http://a.example/"))).await;
}

#[tokio::test]
async fn without_a_subscriber_the_ids_go_along_too() {
    within(|| async {
        let here = current().unwrap();
        tokio::spawn(async move { assert_eq!(current(), Some(here)) }.in_context()).await.unwrap();
        tokio::spawn(async { assert_eq!(current(), None) }).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_envelope_brings_its_context_through_a_channel() {
    let (spans, _guard) = Spans::watch();
    let (send, mut receive) = mpsc::channel::<Envelope<oneshot::Sender<String>>>(1);
    let worker = tokio::spawn(async move {
        let envelope = receive.recv().await.unwrap();
        assert!(RequestContext::current().is_none());
        let work = envelope.run(|answer| async move {
            traced_fn("work", || Ok::<_, std::fmt::Error>(())).unwrap();
            answer.send(request_id()).unwrap();
        });
        work.await;
        assert!(RequestContext::current().is_none() && current().is_none());
    });
    within(|| {
        let send = send.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            send.send(Envelope::new(answer)).await.unwrap();
            assert_eq!(answered.await.unwrap(), "abc-123");
        }
    })
    .await;
    worker.await.unwrap();
    assert!(spans.named("work").parent.is_some(), "it is part of the request's trace");
}

#[test]
fn an_envelope_opens_on_a_thread() {
    let envelope = Envelope::new(20);
    assert_eq!(*envelope.value(), 20);
    assert_eq!(std::thread::spawn(|| envelope.open(|value| value + 1)).join().unwrap(), 21);
}
