//! A subscriber that keeps what it is told, a service that does as it is told, and a clock that only the test moves.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tower::ServiceExt;
use tower_service::Service;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::clock::{Clock, FakeClock, Instant};
use tower_watch_layers::context::ContextObserver;
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::route::Routes;
use tower_watch_layers::spans::{SpanLayer, mark_of};
use tower_watch_layers::testing::RecordExchanges;
use tower_watch_layers::trace::{TraceConfig, TraceObserver};
use tower_watch_layers::w3c::TraceContext;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{self, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span as the subscriber saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// The names of the fields that had a value when the span was made.
    pub(crate) at_start: Vec<&'static str>,
    /// How often fields were recorded after that.
    pub(crate) records: usize,
    pub(crate) parent: Option<u64>,
    pub(crate) mark: Option<TraceContext>,
    /// By the test's clock.
    pub(crate) made: Instant,
    pub(crate) closed: Option<Instant>,
    /// What happened to it, in order: `new`, `record`, `enter`, `exit`, `close`.
    pub(crate) life: Vec<&'static str>,
}

impl Seen {
    /// The value of a field.
    #[track_caller]
    pub(crate) fn get(&self, field: &str) -> &str {
        self.fields.get(field).unwrap_or_else(|| panic!("no {field}: {:#?}", self.fields))
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Which fields it has.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.fields.keys().copied().collect()
    }

    /// From its making to its closing.
    #[track_caller]
    pub(crate) fn length(&self) -> Duration {
        self.closed.expect("it is closed").since(self.made)
    }
}

/// The layer of the subscriber.
#[derive(Clone)]
pub(crate) struct Keep {
    clock: Clock,
    spans: Arc<Mutex<Vec<Seen>>>,
    messages: Arc<Mutex<Vec<String>>>,
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Keep {
    fn change(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let mut spans = self.spans.lock().unwrap();
        // The registry gives ids anew.
        if let Some(span) = spans.iter_mut().rev().find(|span| span.id == id.into_u64()) {
            change(span);
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        let metadata = attributes.metadata();
        self.spans.lock().unwrap().push(Seen {
            id: id.into_u64(),
            name: metadata.name(),
            target: metadata.target(),
            level: *metadata.level(),
            at_start: fields.keys().copied().collect(),
            fields,
            records: 0,
            parent: span.parent().map(|parent| parent.id().into_u64()),
            mark: mark_of(&span).map(|mark| mark.context),
            made: self.clock.now(),
            closed: None,
            life: vec!["new"],
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: layer::Context<'_, S>) {
        self.change(id, |span| {
            values.record(&mut Fields(&mut span.fields));
            span.records += 1;
            span.life.push("record");
        });
    }

    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.messages.lock().unwrap().push(fields.remove("message").unwrap_or_default());
    }

    fn on_enter(&self, id: &Id, _: layer::Context<'_, S>) {
        self.change(id, |span| span.life.push("enter"));
    }

    fn on_exit(&self, id: &Id, _: layer::Context<'_, S>) {
        self.change(id, |span| span.life.push("exit"));
    }

    fn on_close(&self, id: Id, _: layer::Context<'_, S>) {
        let now = self.clock.now();
        self.change(&id, |span| {
            span.closed = Some(now);
            span.life.push("close");
        });
    }
}

/// All around a layer: the subscriber, the recorder, the clock, the exchanges.
pub(crate) struct Bench {
    keep: Keep,
    recorder: SharedRecorder,
    snapshotter: Snapshotter,
    pub(crate) seen: RecordExchanges,
    pub(crate) clock: Clock,
    pub(crate) hand: FakeClock,
    _subscriber: DefaultGuard,
}

/// The layer of a [`Bench`].
pub(crate) type BenchLayer = ObserveLayer<(ContextObserver, TraceObserver, RecordExchanges)>;

impl Bench {
    /// The subscriber of this thread is a registry, the layer of spans, and one that keeps all.
    pub(crate) fn new() -> Self {
        Self::with(|keep| {
            let registry = tracing_subscriber::registry().with(SpanLayer::new()).with(keep);
            tracing::subscriber::set_default(registry)
        })
    }

    /// A subscriber of one's own.
    pub(crate) fn with(subscribe: impl FnOnce(Keep) -> DefaultGuard) -> Self {
        let (clock, hand) = Clock::fake();
        let keep = Keep { clock: clock.clone(), spans: Arc::default(), messages: Arc::default() };
        let recorder = DebuggingRecorder::new();
        Self {
            snapshotter: recorder.snapshotter(),
            recorder: SharedRecorder::new(recorder),
            seen: RecordExchanges::new(),
            clock,
            hand,
            _subscriber: subscribe(keep.clone()),
            keep,
        }
    }

    pub(crate) fn settings(&self, routes: Routes) -> Settings {
        Settings::new()
            .with_clock(self.clock.clone())
            .with_recorder(self.recorder.clone())
            .with_routes(routes)
    }

    pub(crate) fn layer(&self, config: TraceConfig) -> BenchLayer {
        self.layer_of(ContextObserver::new(), config, Routes::new())
    }

    pub(crate) fn layer_of(
        &self,
        context: ContextObserver,
        config: TraceConfig,
        routes: Routes,
    ) -> BenchLayer {
        let observers = (context, TraceObserver::new(config), self.seen.clone());
        ObserveLayer::with_settings(observers, self.settings(routes))
    }

    /// The spans so far.
    pub(crate) fn spans(&self) -> Vec<Seen> {
        self.keep.spans.lock().unwrap().clone()
    }

    /// The spans of requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.spans().into_iter().filter(|span| span.target == "tower_watch::request").collect()
    }

    /// The only span of a request, which must be closed.
    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        let span = requests.remove(0);
        assert!(span.closed.is_some(), "it is open: {span:#?}");
        span
    }

    /// How many messages say this.
    pub(crate) fn said(&self, what: &str) -> usize {
        self.keep.messages.lock().unwrap().iter().filter(|message| message.contains(what)).count()
    }

    /// What a counter was counted up by since the last look.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        self.snapshotter
            .snapshot()
            .into_vec()
            .into_iter()
            .filter(|(key, ..)| key.key().name() == name)
            .map(|(_, _, _, value)| match value {
                DebugValue::Counter(count) => count,
                other => panic!("{name} is no counter: {other:?}"),
            })
            .sum()
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

pub(crate) async fn send<S, B>(service: &S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: fmt::Debug,
    B: http_body::Body,
    B::Error: fmt::Debug,
{
    let response = service.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { headers: head.headers, body: String::from_utf8(body.into()).unwrap() }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    get_with(path, &[])
}

/// A request with these headers.
pub(crate) fn get_with(path: &str, headers: &[(&'static str, &str)]) -> Request<Body> {
    let mut request = Request::get(path).body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    request
}

pub(crate) fn grpc(path: &str) -> Request<Body> {
    Request::post(path).header("content-type", "application/grpc").body(Body::empty()).unwrap()
}

/// A valid `traceparent`, whose caller records the trace or does not.
pub(crate) const SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
pub(crate) const UNSAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// What a [`Script`] does next.
pub(crate) enum Step {
    Data(&'static str),
    Trailers(HeaderMap),
    Fail,
    Panic,
    /// Moves the clock, then goes on.
    Wait(Duration),
}

/// A response body without a known length that does what it is told.
pub(crate) struct Script {
    steps: VecDeque<Step>,
    hand: FakeClock,
}

impl Script {
    pub(crate) fn new(hand: &FakeClock, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), hand: hand.clone() }
    }
}

/// What a [`Script`] fails with.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        loop {
            return match self.steps.pop_front() {
                Some(Step::Data(text)) => {
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(text.as_bytes())))))
                }
                Some(Step::Trailers(trailers)) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Some(Step::Fail) => Poll::Ready(Some(Err(Broken))),
                Some(Step::Panic) => panic!("the body panics, as it was told"),
                Some(Step::Wait(time)) => {
                    self.hand.advance(time);
                    continue;
                }
                None => Poll::Ready(None),
            };
        }
    }
}

/// The trailers of a gRPC answer.
pub(crate) fn grpc_trailers(status: u8) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from(u16::from(status)))])
}
