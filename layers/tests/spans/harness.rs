//! An exchange that asks to be recorded, around a handler that is given in place.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, LazyLock, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::runtime::Runtime;
use tower::util::{ServiceExt, service_fn};
use tower::{Layer, Service};
use tower_watch_layers::clock::{Clock, FakeClock};
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Settings, Slot, Start};
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::recording::{FieldValue, RecordedSpan, Recording};
use tower_watch_layers::spans::SpanLayer;
use tower_watch_layers::trace::{Sampling, TraceConfig, TraceObserver};
use tower_watch_layers::w3c::{SpanId, TraceContext};
use tracing::Subscriber;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::Layered;
use tracing_subscriber::prelude::*;

/// Asks for the recording at the start, and keeps it at the end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probe {
    pub(crate) ended: Arc<Mutex<Vec<Ended>>>,
    pub(crate) is_idle: bool,
}

/// What an exchange was.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) context: TraceContext,
    pub(crate) recording: Option<Arc<Recording>>,
}

impl Observer for Probe {
    type Exchange = Self;

    fn begin(&self, start: &mut Start<'_>) -> Option<Self> {
        if !self.is_idle {
            start.slot().want_recording();
        }
        Some(self.clone())
    }
}

impl Exchange for Probe {
    fn end(self, end: &End<'_>) {
        let recording = end.slot.end_recording();
        let context = *end.slot.trace().unwrap();
        self.ended.lock().unwrap().push(Ended { context, recording });
    }
}

pub(crate) fn observers(probe: &Probe) -> (TraceObserver, Probe) {
    let config =
        TraceConfig::new().with_sampling(Sampling::parent_based(Ratio::NONE)).with_unsampled_spans(true);
    (TraceObserver::new(config), probe.clone())
}

pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) fn answer() -> Answer {
    Response::new(Full::default())
}

/// One exchange to its end, in this subscriber where it does not leave the thread.
pub(crate) async fn exchange<F>(settings: Settings, handler: impl FnOnce(RequestContext) -> F) -> Ended
where
    F: Future<Output = ()>,
{
    let probe = Probe::default();
    let mut handler = Some(handler);
    let service = service_fn(|request: Request<()>| {
        let work = handler.take().unwrap()(RequestContext::of(request.extensions()).unwrap());
        async move {
            work.await;
            Ok::<_, Infallible>(answer())
        }
    });
    let service = ObserveLayer::with_settings(observers(&probe), settings).layer(service);
    send(service).await;
    let ended = probe.ended.lock().unwrap().pop();
    ended.unwrap()
}

pub(crate) async fn send<S, B>(service: S)
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    let response = service.oneshot(Request::new(())).await.unwrap();
    response.into_body().collect().await.unwrap();
}

pub(crate) fn subscriber() -> Layered<SpanLayer, Registry> {
    tracing_subscriber::registry().with(SpanLayer::new())
}

/// Runs a future on several threads, in the subscriber of the process: the registry closes the parent of a span by the
/// subscriber of the thread, so that a local one does not do for spans that change threads.
pub(crate) fn run_on_threads<R>(future: impl Future<Output = R>) -> R {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        tracing::subscriber::set_global_default(subscriber()).unwrap();
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap()
    });
    RUNTIME.block_on(future)
}

/// Runs a future on this thread, in this subscriber.
pub(crate) fn run_in<R>(subscriber: impl Subscriber + Send + Sync, future: impl Future<Output = R>) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(subscriber, || runtime.block_on(future))
}

/// One exchange, of which only the recording is of interest.
pub(crate) fn record_in<F>(
    subscriber: impl Subscriber + Send + Sync,
    handler: impl FnOnce(RequestContext) -> F,
) -> Arc<Recording>
where
    F: Future<Output = ()>,
{
    run_in(subscriber, exchange(Settings::new(), handler)).recording.unwrap()
}

pub(crate) fn record<F>(handler: impl FnOnce(RequestContext) -> F) -> Arc<Recording>
where
    F: Future<Output = ()>,
{
    record_in(subscriber(), handler)
}

pub(crate) fn fake_clock() -> (Settings, FakeClock) {
    let (clock, hand) = Clock::fake();
    (Settings::new().with_clock(clock), hand)
}

pub(crate) fn slot_of(context: &RequestContext) -> &Slot {
    context.slot()
}

pub(crate) fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned().into())
}

/// The tree as lines, two spaces in per level, in the order in which the spans were made.
pub(crate) fn tree(spans: &[RecordedSpan], root: SpanId) -> Vec<String> {
    let mut lines = Vec::new();
    for span in spans.iter().filter(|span| span.parent == root) {
        lines.push(span.name.to_owned());
        lines.extend(tree(spans, span.span_id).into_iter().map(|line| format!("  {line}")));
    }
    lines
}
