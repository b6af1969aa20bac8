//! A recorder that can be read, a clock that stands still, and requests.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tower::ServiceExt;
use tower_service::Service;
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::clock::{Clock, FakeClock};
use tower_watch_layers::context::ContextObserver;
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::red::{RedConfig, RedObserver};
use tower_watch_layers::route::Routes;
use tower_watch_layers::testing::RecordExchanges;

/// A recorder with what it was told so far. A series is written `name{label=value,...}`, labels in order.
pub(crate) struct Numbers {
    pub(crate) recorder: SharedRecorder,
    snapshotter: Snapshotter,
    total: Mutex<BTreeMap<String, Number>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Counter(u64),
    Gauge(f64),
    Histogram(Vec<f64>),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter(count) => write!(f, "{count}"),
            Self::Gauge(level) => write!(f, "{level}"),
            Self::Histogram(samples) => write!(f, "{samples:?}"),
        }
    }
}

impl Numbers {
    pub(crate) fn new() -> Self {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        Self { recorder: SharedRecorder::new(recorder), snapshotter, total: Mutex::default() }
    }

    /// What moved since the last look: counters and histograms by what came in, gauges that are not at zero.
    pub(crate) fn moved(&self) -> Vec<String> {
        let mut moved = Vec::new();
        let mut total = self.total.lock().unwrap();
        // A snapshot takes the numbers out of the recorder.
        for (key, _, _, value) in self.snapshotter.snapshot().into_vec() {
            let mut labels: Vec<_> =
                key.key().labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            labels.sort();
            let name = match &*labels {
                [] => key.key().name().to_owned(),
                labels => format!("{}{{{}}}", key.key().name(), labels.join(",")),
            };
            match value {
                DebugValue::Counter(more) => {
                    let Number::Counter(count) = total.entry(name.clone()).or_insert(Number::Counter(0))
                    else {
                        panic!("{name} is two kinds of metric")
                    };
                    *count += more;
                    if more > 0 {
                        moved.push(format!("{name} {more}"));
                    }
                }
                DebugValue::Gauge(change) => {
                    let Number::Gauge(level) = total.entry(name.clone()).or_insert(Number::Gauge(0.0)) else {
                        panic!("{name} is two kinds of metric")
                    };
                    *level += change.0;
                    if *level != 0.0 {
                        moved.push(format!("{name} {level}"));
                    }
                }
                DebugValue::Histogram(more) => {
                    let Number::Histogram(samples) =
                        total.entry(name.clone()).or_insert(Number::Histogram(Vec::new()))
                    else {
                        panic!("{name} is two kinds of metric")
                    };
                    let more: Vec<f64> = more.into_iter().map(|sample| sample.0).collect();
                    if !more.is_empty() {
                        moved.push(format!("{name} {more:?}"));
                    }
                    samples.extend(more);
                }
            }
        }
        moved.sort();
        moved
    }

    /// All that was recorded so far.
    pub(crate) fn all(&self) -> BTreeMap<String, Number> {
        self.moved();
        self.total.lock().unwrap().clone()
    }

    /// The value of one counter; zero where it does not exist.
    pub(crate) fn counter(&self, series: &str) -> u64 {
        match self.all().get(series) {
            Some(Number::Counter(count)) => *count,
            None => 0,
            other => panic!("{series} is no counter: {other:?}"),
        }
    }

    /// The samples of one histogram; none where it does not exist.
    pub(crate) fn samples(&self, series: &str) -> Vec<f64> {
        match self.all().get(series) {
            Some(Number::Histogram(samples)) => samples.clone(),
            None => Vec::new(),
            other => panic!("{series} is no histogram: {other:?}"),
        }
    }

    /// The series of one metric, without its name.
    pub(crate) fn series(&self, metric: &str) -> Vec<String> {
        self.all()
            .keys()
            .filter_map(|series| {
                let (name, labels) = series.split_once('{').unwrap_or((series, ""));
                (name == metric).then(|| labels.trim_end_matches('}').to_owned())
            })
            .collect()
    }

    /// The in-flight gauges, which must all be at this level.
    #[track_caller]
    pub(crate) fn assert_in_flight(&self, level: f64) {
        let all = self.all();
        let gauges: Vec<_> =
            all.iter().filter(|(series, _)| series.starts_with("http_requests_in_flight{")).collect();
        assert!(!gauges.is_empty(), "no request was ever in flight");
        for (series, number) in gauges {
            assert_eq!(*number, Number::Gauge(level), "{series}");
        }
    }
}

/// A layer's surroundings: numbers, recorded exchanges, and a clock that only the test moves.
pub(crate) struct Bench {
    pub(crate) numbers: Numbers,
    pub(crate) seen: RecordExchanges,
    pub(crate) clock: Clock,
    pub(crate) hand: FakeClock,
}

/// The layer of a [`Bench`].
pub(crate) type BenchLayer = ObserveLayer<(ContextObserver, RedObserver, RecordExchanges)>;

impl Bench {
    pub(crate) fn new() -> Self {
        let (clock, hand) = Clock::fake();
        Self { numbers: Numbers::new(), seen: RecordExchanges::new(), clock, hand }
    }

    pub(crate) fn settings(&self, routes: Routes) -> Settings {
        Settings::new()
            .with_clock(self.clock.clone())
            .with_recorder(self.numbers.recorder.clone())
            .with_routes(routes)
    }

    pub(crate) fn layer(&self) -> BenchLayer {
        self.layer_of(ContextObserver::new(), &RedConfig::new(), Routes::new())
    }

    pub(crate) fn layer_of(&self, context: ContextObserver, red: &RedConfig, routes: Routes) -> BenchLayer {
        let observers = (context, RedObserver::new(red), self.seen.clone());
        ObserveLayer::with_settings(observers, self.settings(routes))
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {self:?}")).to_str().unwrap()
    }
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
    Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.into()).unwrap() }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    request(Method::GET, path)
}

pub(crate) fn request(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

/// A request with one header.
pub(crate) fn get_with(path: &str, name: &'static str, value: impl AsRef<[u8]>) -> Request<Body> {
    let mut request = get(path);
    request.headers_mut().insert(name, http::HeaderValue::from_bytes(value.as_ref()).unwrap());
    request
}

pub(crate) fn grpc(path: &str) -> Request<Body> {
    Request::post(path).header("content-type", "application/grpc").body(Body::empty()).unwrap()
}

/// Polls a future once.
pub(crate) fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What a [`Script`] does next.
pub(crate) enum Step {
    Data(&'static str),
    Trailers(HeaderMap),
    Pending,
    Fail,
    Panic,
    /// Moves the clock, then goes on.
    Wait(u64),
}

/// A response body without a known length that does what it is told.
pub(crate) struct Script {
    steps: VecDeque<Step>,
    hand: Option<FakeClock>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), hand: None }
    }

    pub(crate) fn timed(hand: &FakeClock, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), hand: Some(hand.clone()) }
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
                Some(Step::Pending) => Poll::Pending,
                Some(Step::Fail) => Poll::Ready(Some(Err(Broken))),
                Some(Step::Panic) => panic!("the body panics, as it was told"),
                Some(Step::Wait(seconds)) => {
                    self.hand.as_ref().unwrap().advance(Duration::from_secs(seconds));
                    continue;
                }
                None => Poll::Ready(None),
            };
        }
    }
}

/// The trailers of a gRPC answer.
pub(crate) fn grpc_trailers(status: u8) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), http::HeaderValue::from(u16::from(status)))])
}
