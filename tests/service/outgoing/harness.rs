//! The service that is asked, and the spans of both.

use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use tower_watch::layers::spans::{Mark, SpanLayer, mark_of};
use tower_watch::{RequestContext, Watch};
use tracing::Dispatch;
use tracing::span::{Attributes, Id};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::support::Service;

/// Where in which trace the other service was asked, and by which request.
pub(crate) fn asked() -> Router {
    let seen = async || {
        let context = RequestContext::current().unwrap();
        let trace = context.slot().trace().unwrap();
        let parent = trace.parent.map(|parent| parent.to_string()).unwrap_or_default();
        format!("{} {} {}", trace.trace_id, parent, context.request_id().unwrap())
    };
    Router::new().route("/seen", get(seen)).route("/broken", get(async || StatusCode::SERVICE_UNAVAILABLE))
}

/// Serves [`asked`] under a watch of its own.
pub(crate) async fn other_service() -> Service {
    let watch = Watch::builder("other").local().start().unwrap();
    Service::start(asked().layer(watch.layer())).await
}

/// With only one dispatcher in the process, tracing asks the thread that comes to a span first whether anybody wants it, and
/// remembers the answer for all: that would be a test without a subscriber. This is a second one.
static SECOND: OnceLock<Dispatch> = OnceLock::new();

/// The marks of all spans, by name, in the order in which they were made.
#[derive(Clone, Default)]
pub(crate) struct Marks(Arc<Mutex<Vec<(&'static str, Mark)>>>);

impl<S: tracing::Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Marks {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        let span = subscriber.span(id).unwrap();
        self.0.lock().unwrap().push((span.name(), mark_of(&span).unwrap()));
    }
}

impl Marks {
    /// Keeps the spans of this thread as long as the guard is there.
    pub(crate) fn watch() -> (Self, DefaultGuard) {
        SECOND.get_or_init(|| Dispatch::new(tracing_subscriber::registry()));
        let marks = Self::default();
        let subscriber = tracing_subscriber::registry().with(SpanLayer::new()).with(marks.clone());
        (marks, tracing::subscriber::set_default(subscriber))
    }

    /// The only span of a client.
    #[track_caller]
    pub(crate) fn client(&self) -> Mark {
        let marks = self.0.lock().unwrap();
        let mut clients = marks.iter().filter(|(name, _)| *name == "http client request");
        let (_, mark) = clients.next().unwrap();
        assert!(clients.next().is_none());
        mark.clone()
    }

    /// The span of the exchange with this id.
    #[track_caller]
    pub(crate) fn exchange(&self, span_id: &str) -> Mark {
        let marks = self.0.lock().unwrap();
        let exchange = |mark: &Mark| mark.is_exchange && mark.context.span_id.to_string() == span_id;
        marks.iter().find(|(_, mark)| exchange(mark)).unwrap().1.clone()
    }
}

/// Holds what the other service has seen against the spans of both: one trace, and each the child of the one before.
#[track_caller]
pub(crate) fn assert_one_trace(marks: &Marks, seen: &str, caller: &str) {
    let words: Vec<_> = seen.split(' ').collect();
    let [trace_id, parent, request_id] = *words else { panic!("not three words: {seen}") };
    let client = marks.client();
    assert_eq!(trace_id, "0af7651916cd43dd8448eb211c80319c", "the caller's trace");
    assert_eq!(client.context.trace_id.to_string(), trace_id);
    assert_eq!(parent, client.context.span_id.to_string(), "the other service is below the client's span");
    let front = marks.exchange(&client.context.parent.unwrap().to_string());
    assert_eq!(front.context.parent.unwrap().to_string(), caller, "the first service is below its caller");
    assert_eq!(request_id, "abc-123");
}

/// A caller's place in its trace.
pub(crate) const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
pub(crate) const CALLER: &str = "b7ad6b7169203331";
