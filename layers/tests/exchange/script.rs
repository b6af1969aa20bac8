//! A service that does what its script says, and a transport that polls it by hand.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use tower::Service;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::testing::FakeClock;

/// What the service does: it waits a few polls, then it answers.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) pendings: usize,
    pub(crate) answer: Answer,
}

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Respond { status: StatusCode, headers: HeaderMap, body: BodyScript },
    Error,
    PanicInCall,
    Panic,
}

/// What the body does, poll by poll; after the last step it gives `None`.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyScript {
    pub(crate) steps: Vec<Step>,
    /// Its size hint is exact.
    pub(crate) sized: bool,
    /// Its `is_end_stream` is true once no step is left.
    pub(crate) tells_end: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Pending,
    Data(usize),
    Trailers(HeaderMap),
    Error,
    Panic,
}

impl Script {
    pub(crate) fn new(answer: Answer) -> Self {
        Self { pendings: 0, answer }
    }

    /// Answers with a status and a body that says nothing about itself.
    pub(crate) fn respond(status: u16, steps: impl Into<Vec<Step>>) -> Self {
        let body = BodyScript { steps: steps.into(), ..BodyScript::default() };
        let status = StatusCode::from_u16(status).unwrap();
        Self::new(Answer::Respond { status, headers: HeaderMap::new(), body })
    }

    pub(crate) fn pending(mut self, polls: usize) -> Self {
        self.pendings = polls;
        self
    }

    pub(crate) fn header(self, name: &'static str, value: &'static str) -> Self {
        self.change(|headers, _| {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        })
    }

    /// The head says how long the body is.
    pub(crate) fn content_length(self) -> Self {
        self.change(|headers, body| {
            headers.insert(header::CONTENT_LENGTH, body.length().into());
        })
    }

    /// The body says how long it is.
    pub(crate) fn sized(self) -> Self {
        self.change(|_, body| body.sized = true)
    }

    /// The body says when it is over.
    pub(crate) fn tells_end(self) -> Self {
        self.change(|_, body| body.tells_end = true)
    }

    fn change(mut self, change: impl FnOnce(&mut HeaderMap, &mut BodyScript)) -> Self {
        match &mut self.answer {
            Answer::Respond { headers, body, .. } => change(headers, body),
            other => panic!("{other:?} has no head and no body"),
        }
        self
    }
}

impl BodyScript {
    pub(crate) fn length(&self) -> u64 {
        self.steps.iter().map(|step| if let Step::Data(bytes) = step { *bytes as u64 } else { 0 }).sum()
    }
}

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn push(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// The error of the service and of its body. It cannot be cloned or compared, so it can only be passed on.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) &'static str);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Failure {}

/// The service. Its future and its body tell the log when they are dropped, and in whose context.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    script: Script,
    pub(crate) log: Log,
    calls: Arc<AtomicUsize>,
}

impl Scripted {
    pub(crate) fn new(script: Script) -> Self {
        Self { script, log: Log::default(), calls: Arc::default() }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Without the panic hook, so that nothing is printed.
fn quiet_panic(text: &'static str) -> ! {
    resume_unwind(Box::new(text))
}

impl<B> Service<Request<B>> for Scripted {
    type Response = Response<ScriptedBody>;
    type Error = Failure;
    type Future = ScriptedFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ScriptedFuture {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let own = Own(RequestContext::of(request.extensions()));
        own.assert_current();
        if matches!(self.script.answer, Answer::PanicInCall) {
            quiet_panic("in call");
        }
        let dropped = Dropped { what: "future", log: self.log.clone() };
        ScriptedFuture { script: self.script.clone(), own, log: self.log.clone(), _dropped: dropped }
    }
}

/// The context of the exchange that a part of the service belongs to, where it is observed.
#[derive(Debug)]
struct Own(Option<RequestContext>);

impl Own {
    /// The current context is this exchange's, and never another's.
    fn assert_current(&self) {
        let ids = |context: Option<&RequestContext>| {
            context.map(|context| context.request_id().map(ToString::to_string))
        };
        assert_eq!(ids(RequestContext::current().as_ref()), ids(self.0.as_ref()));
    }
}

#[derive(Debug)]
struct Dropped {
    what: &'static str,
    log: Log,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        let place = if RequestContext::current().is_some() { "inside" } else { "outside" };
        self.log.push(format!("{} dropped {place}", self.what));
    }
}

#[derive(Debug)]
pub(crate) struct ScriptedFuture {
    script: Script,
    own: Own,
    log: Log,
    _dropped: Dropped,
}

impl Future for ScriptedFuture {
    type Output = Result<Response<ScriptedBody>, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.own.assert_current();
        if self.script.pendings > 0 {
            self.script.pendings -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match &self.script.answer {
            Answer::Respond { status, headers, body } => {
                let dropped = Dropped { what: "body", log: self.log.clone() };
                let mut response = Response::new(ScriptedBody { script: body.clone(), _dropped: dropped });
                *response.status_mut() = *status;
                *response.headers_mut() = headers.clone();
                Ok(response)
            }
            Answer::Error => Err(Failure("the service failed")),
            Answer::Panic | Answer::PanicInCall => quiet_panic("in poll"),
        })
    }
}

#[derive(Debug)]
pub(crate) struct ScriptedBody {
    script: BodyScript,
    _dropped: Dropped,
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failure>>> {
        if self.script.steps.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match self.script.steps.remove(0) {
            Step::Pending => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Step::Data(bytes) => Ok(Frame::data(Bytes::from(vec![b'x'; bytes]))),
            Step::Trailers(trailers) => Ok(Frame::trailers(trailers)),
            Step::Error => Err(Failure("the body failed")),
            Step::Panic => quiet_panic("in poll_frame"),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.script.tells_end && self.script.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.script.sized { SizeHint::with_exact(self.script.length()) } else { SizeHint::default() }
    }
}

/// When the transport loses interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It polls until `None` or an error.
    Never,
    /// It drops the future after so many polls.
    Future(usize),
    /// It drops the body after so many frames.
    Body(usize),
    /// It drops the body as soon as that says that it is over.
    EndOfStream,
}

/// Who sees a panic first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Catch {
    /// Somebody around the poll: what panicked is dropped later, while nothing unwinds.
    AtPoll,
    /// Nobody around the poll: what panicked is dropped by the unwinding.
    Outside,
}

/// A transport. Each poll takes a second on the clock, where it has one.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(crate) stop: Stop,
    pub(crate) catch: Catch,
    pub(crate) clock: Option<FakeClock>,
}

/// What arrived.
#[derive(Debug)]
pub(crate) struct Arrived<E> {
    pub(crate) head: Option<Parts>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
    pub(crate) error: Option<E>,
    pub(crate) body_failed: bool,
    pub(crate) panic: Option<&'static str>,
}

impl<E> Arrived<E> {
    fn nothing() -> Self {
        Self { head: None, bytes: Vec::new(), trailers: None, error: None, body_failed: false, panic: None }
    }
}

type Panic = Box<dyn Any + Send>;

impl Transport {
    pub(crate) fn new() -> Self {
        Self { stop: Stop::Never, catch: Catch::AtPoll, clock: None }
    }

    pub(crate) fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Sends one request and takes what it wants of the answer.
    pub(crate) fn send<S, R, B>(&self, service: &mut S, request: Request<R>) -> Arrived<S::Error>
    where
        S: Service<Request<R>, Response = Response<B>>,
        B: Body,
    {
        let mut arrived = Arrived::nothing();
        let sent = catch_unwind(AssertUnwindSafe(|| self.exchange(service, request, &mut arrived)));
        if let Err(panic) | Ok(Err(panic)) = sent {
            let text = panic.downcast_ref::<&'static str>().copied();
            // An assertion of the script is no panic of the script.
            arrived.panic = Some(text.unwrap_or_else(|| resume_unwind(panic)));
        }
        arrived
    }

    fn exchange<S, R, B>(
        &self,
        service: &mut S,
        request: Request<R>,
        arrived: &mut Arrived<S::Error>,
    ) -> Result<(), Panic>
    where
        S: Service<Request<R>, Response = Response<B>>,
        B: Body,
    {
        let cx = &mut Context::from_waker(Waker::noop());
        let mut future = Box::pin(self.guarded(|| service.call(request))?);
        let mut polls = 0;
        let response = loop {
            if self.stop == Stop::Future(polls) {
                return Ok(());
            }
            polls += 1;
            self.tick();
            match self.guarded(|| future.as_mut().poll(cx))? {
                Poll::Pending => {}
                Poll::Ready(Ok(response)) => break response,
                Poll::Ready(Err(error)) => {
                    arrived.error = Some(error);
                    return Ok(());
                }
            }
        };
        drop(future);
        let (head, body) = response.into_parts();
        arrived.head = Some(head);
        let mut body = Box::pin(body);
        let mut frames = 0;
        loop {
            if self.stop == Stop::Body(frames) || (self.stop == Stop::EndOfStream && body.is_end_stream()) {
                return Ok(());
            }
            self.tick();
            let frame = match self.guarded(|| body.as_mut().poll_frame(cx))? {
                Poll::Pending => continue,
                Poll::Ready(None) => return Ok(()),
                Poll::Ready(Some(Err(_))) => {
                    arrived.body_failed = true;
                    return Ok(());
                }
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            frames += 1;
            match frame.into_data() {
                Ok(mut data) => arrived.bytes.extend_from_slice(&data.copy_to_bytes(data.remaining())),
                Err(frame) => arrived.trailers = frame.into_trailers().ok(),
            }
        }
    }

    fn guarded<T>(&self, poll: impl FnOnce() -> T) -> Result<T, Panic> {
        match self.catch {
            Catch::AtPoll => catch_unwind(AssertUnwindSafe(poll)),
            Catch::Outside => Ok(poll()),
        }
    }

    fn tick(&self) {
        if let Some(clock) = &self.clock {
            clock.advance(Duration::from_secs(1));
        }
    }
}
