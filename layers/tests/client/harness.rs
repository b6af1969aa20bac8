//! A subscriber that keeps its spans, a recorder that can be read, and a client that answers as it is told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tower::{ServiceExt, service_fn};
use tower_service::Service;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::spans::{Mark, SpanLayer, mark_of};
use tracing::Dispatch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span as it was when it closed.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) mark: Mark,
    /// The span id of its parent in the process.
    pub(crate) parent: Option<String>,
}

impl Seen {
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_else(|| panic!("no field {name}: {self:?}"))
    }

    pub(crate) fn name(&self) -> &str {
        self.field("otel.name")
    }
}

/// With only one dispatcher in the process, tracing asks the thread that comes to a span first whether anybody wants it, and
/// remembers the answer for all: that would be a test without a subscriber. This is a second one.
static SECOND: OnceLock<Dispatch> = OnceLock::new();

/// The spans that closed so far.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<Vec<Seen>>>);

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}

impl<S: tracing::Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, subscriber: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        subscriber.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, subscriber: Context<'_, S>) {
        let span = subscriber.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: Id, subscriber: Context<'_, S>) {
        let span = subscriber.span(&id).unwrap();
        let mark = mark_of(&span).unwrap();
        let parent = span.parent().map(|parent| mark_of(&parent).unwrap().context.span_id.to_string());
        let fields = span.extensions_mut().remove::<Fields>().unwrap().0;
        self.0.lock().unwrap().push(Seen { fields, mark, parent });
    }
}

impl Spans {
    /// Keeps the spans of this thread as long as the guard is there.
    pub(crate) fn watch() -> (Self, DefaultGuard) {
        SECOND.get_or_init(|| Dispatch::new(tracing_subscriber::registry()));
        let spans = Self::default();
        let subscriber = tracing_subscriber::registry().with(SpanLayer::new()).with(spans.clone());
        (spans, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn closed(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let mut closed = self.closed();
        assert_eq!(closed.len(), 1, "{closed:?}");
        closed.remove(0)
    }

    #[track_caller]
    pub(crate) fn named(&self, name: &str) -> Seen {
        let closed = self.closed();
        closed
            .iter()
            .find(|span| span.name() == name)
            .unwrap_or_else(|| panic!("no {name}: {closed:?}"))
            .clone()
    }
}

/// A recorder with what it was told.
pub(crate) struct Numbers {
    pub(crate) recorder: SharedRecorder,
    snapshotter: Snapshotter,
}

impl Numbers {
    pub(crate) fn new() -> Self {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        Self { recorder: SharedRecorder::new(recorder), snapshotter }
    }

    /// What moved since the last look, in order: `name{label=value} number`; of a histogram, how many samples, of a gauge, by how
    /// much it moved.
    pub(crate) fn moved(&self) -> Vec<String> {
        let mut moved = Vec::new();
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let labels: Vec<_> =
                key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            let value = match value {
                DebugValue::Counter(0) => continue,
                DebugValue::Counter(count) => count.to_string(),
                DebugValue::Gauge(level) => level.0.to_string(),
                DebugValue::Histogram(samples) if samples.is_empty() => continue,
                DebugValue::Histogram(samples) => format!("of {}", samples.len()),
            };
            moved.push(format!("{}{{{}}} {value}", key.key().name(), labels.join(",")));
        }
        moved.sort();
        moved
    }
}

/// A client that answers each request with this, and keeps the heads of all requests.
#[derive(Clone)]
pub(crate) struct Fake {
    answer: fn() -> Response<Full<Bytes>>,
    pub(crate) heads: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Fake {
    pub(crate) fn new(answer: fn() -> Response<Full<Bytes>>) -> Self {
        Self { answer, heads: Arc::default() }
    }

    pub(crate) fn ok() -> Self {
        Self::new(|| Response::new(Full::new(Bytes::from_static(b"hello"))))
    }

    /// The headers of the only request.
    #[track_caller]
    pub(crate) fn only(&self) -> HeaderMap {
        let heads = self.heads.lock().unwrap();
        assert_eq!(heads.len(), 1);
        heads[0].clone()
    }
}

impl<B> Service<Request<B>> for Fake {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.heads.lock().unwrap().push(request.headers().clone());
        ready(Ok((self.answer)()))
    }
}

/// Sends a request and reads the answer to its end.
pub(crate) async fn send<S, B, R>(client: S, request: Request<B>)
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Error: fmt::Debug,
    R: http_body::Body,
    R::Error: fmt::Debug,
{
    client.oneshot(request).await.unwrap().into_body().collect().await.unwrap();
}

pub(crate) fn get(uri: &str) -> Request<Full<Bytes>> {
    Request::get(uri).body(Full::default()).unwrap()
}

/// A server's service that sends what `client` says, and answers.
pub(crate) fn handler<F, Fut>(
    work: F,
) -> impl Service<
    Request<Full<Bytes>>,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
> + Clone
where
    F: Fn() -> Fut + Clone,
    Fut: Future<Output = ()>,
{
    service_fn(move |_: Request<Full<Bytes>>| {
        let work = work();
        async move {
            work.await;
            Ok(Response::new(Full::default()))
        }
    })
}
