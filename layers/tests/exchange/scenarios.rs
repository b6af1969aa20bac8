//! The endings of an exchange, as a table.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use tower::util::{BoxService, ServiceExt};
use tower::{BoxError, Layer, Service};
use tower_http::catch_panic::CatchPanicLayer;
use tower_watch_layers::classify::{GrpcStatus, Outcome};
use tower_watch_layers::observe::{End, Exchange, Observer, PanicResponse, Refusal, Start};

use crate::script::{Answer, Catch, Script, Scripted, Step, Stop};

/// Any stack of layers around any service.
pub(crate) type Stack = BoxService<Request<Empty<Bytes>>, Response<UnsyncBoxBody<Bytes, BoxError>>, BoxError>;

/// Forgets the types.
pub(crate) fn erase<S, B>(service: S) -> Stack
where
    S: Service<Request<Empty<Bytes>>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let boxed = |response: Response<B>| response.map(|body| UnsyncBoxBody::new(body.map_err(Into::into)));
    BoxService::new(service.map_response(boxed).map_err(Into::into))
}

/// Where a panic handler stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatchPanic {
    Absent,
    /// Between the observing layer and the service; it marks its response.
    Inside,
    /// Around the observing layer.
    Outside,
}

/// One way for an exchange to go, and what is to be told of it. A poll takes a second.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) grpc: bool,
    pub(crate) script: Script,
    pub(crate) refused: bool,
    pub(crate) catch_panic: CatchPanic,
    pub(crate) catch: Catch,
    pub(crate) stop: Stop,
    pub(crate) told: Told,
}

/// What is told at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<u16>,
    pub(crate) grpc_status: Option<&'static str>,
    pub(crate) error: Option<String>,
    pub(crate) aborted: bool,
    pub(crate) streaming: bool,
    pub(crate) bytes: u64,
    pub(crate) head_after: Option<u64>,
    pub(crate) ended_after: u64,
}

impl Scenario {
    /// A plain GET that gets the status 200 at once and ends well, `ended_after` seconds from its start.
    fn new(name: &str, script: Script, bytes: u64, ended_after: u64) -> Self {
        let told = Told {
            outcome: Outcome::Complete,
            status: Some(200),
            grpc_status: None,
            error: None,
            aborted: false,
            streaming: false,
            bytes,
            head_after: Some(1),
            ended_after,
        };
        Self {
            name: name.to_owned(),
            method: Method::GET,
            grpc: false,
            script,
            refused: false,
            catch_panic: CatchPanic::Absent,
            catch: Catch::AtPoll,
            stop: Stop::Never,
            told,
        }
    }

    fn stop(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    fn status(mut self, status: u16) -> Self {
        self.told.status = Some(status);
        self
    }

    fn grpc(mut self, status: Option<&'static str>, error: Option<&str>) -> Self {
        (self.grpc, self.method) = (true, Method::POST);
        self.told.grpc_status = status;
        self.told.error = error.map(str::to_owned);
        self
    }

    fn refused(mut self) -> Self {
        self.refused = true;
        self.told.outcome = Outcome::Refused;
        self
    }

    fn streaming(mut self) -> Self {
        self.told.streaming = true;
        self
    }

    fn upgraded(mut self) -> Self {
        self.told.outcome = Outcome::Upgraded;
        self.streaming()
    }

    /// It is cut short, after the head.
    fn aborted(mut self, outcome: Outcome, error: Option<&str>) -> Self {
        self.told.outcome = outcome;
        self.told.error = error.map(str::to_owned);
        self.told.aborted = true;
        self
    }

    /// It has no head.
    fn headless(mut self, outcome: Outcome, error: Option<&str>) -> Self {
        self = self.aborted(outcome, error);
        (self.told.status, self.told.head_after) = (None, None);
        self
    }

    pub(crate) fn request(&self) -> Request<Empty<Bytes>> {
        let builder = Request::builder().method(&self.method).uri("/scenario");
        let builder = if self.grpc { builder.header("content-type", "application/grpc") } else { builder };
        builder.body(Empty::new()).unwrap()
    }

    /// The service of this scenario, with what stands inside the observing layers.
    pub(crate) fn inner(&self, service: Scripted) -> Stack {
        match self.catch_panic {
            CatchPanic::Inside => erase(CatchPanicLayer::custom(marked_response).layer(service)),
            CatchPanic::Absent | CatchPanic::Outside => erase(service),
        }
    }

    /// The observing layers, with what stands around them.
    pub(crate) fn outer(&self, stack: Stack) -> Stack {
        match self.catch_panic {
            CatchPanic::Outside => erase(CatchPanicLayer::new().layer(stack)),
            CatchPanic::Absent | CatchPanic::Inside => stack,
        }
    }
}

const ANSWER_TO_PANIC: &str = "sorry";

#[allow(clippy::needless_pass_by_value, reason = "the signature that tower-http asks for")]
fn marked_response(_: Box<dyn std::any::Any + Send>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(ANSWER_TO_PANIC));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.extensions_mut().insert(PanicResponse);
    response
}

/// Refuses everything, if it is told to.
#[derive(Clone, Debug)]
pub(crate) struct Refuse(pub(crate) Option<&'static str>);

pub(crate) const DETAIL: &str = "not today";

impl Refuse {
    pub(crate) fn of(scenario: &Scenario) -> Self {
        Self(scenario.refused.then_some(DETAIL))
    }
}

impl Observer for Refuse {
    type Exchange = Nothing;

    fn begin(&self, start: &mut Start<'_>) -> Option<Nothing> {
        if let Some(detail) = self.0 {
            start.refuse(Refusal::new(StatusCode::FORBIDDEN, GrpcStatus::from_code(7), detail));
        }
        None
    }
}

/// Looks at nothing.
#[derive(Debug)]
pub(crate) enum Nothing {}

impl Exchange for Nothing {
    fn end(self, _: &End<'_>) {
        match self {}
    }
}

pub(crate) fn grpc_trailers(status: &'static str) -> HeaderMap {
    HeaderMap::from_iter([("grpc-status".parse().unwrap(), status.parse().unwrap())])
}

/// All of them.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    all.extend(complete());
    all.extend(without_body());
    all.extend(grpc());
    all.extend(refused());
    all.extend(cut_short());
    all.extend(panicked());
    all
}

fn complete() -> Vec<Scenario> {
    use Step::{Data, Pending, Trailers};
    let new = Scenario::new;
    vec![
        new("a fixed body, asked for None", Script::respond(200, [Data(5)]).sized().tells_end(), 5, 2),
        new("a fixed body in two frames", Script::respond(200, [Data(5), Data(2)]).sized(), 7, 3),
        new("a stream", Script::respond(200, [Pending, Data(3), Pending, Data(4)]), 7, 6),
        new("a stream with empty frames", Script::respond(200, [Data(0), Data(3), Data(0)]), 3, 5),
        new(
            "a stream with a Content-Length, dropped after its last byte",
            Script::respond(200, [Data(3), Data(4)]).content_length(),
            7,
            3,
        )
        .stop(Stop::Body(2)),
        new("a sized body, dropped after its last byte", Script::respond(200, [Data(3)]).sized(), 3, 2)
            .stop(Stop::Body(1)),
        new(
            "a stream that says that it is over, dropped then",
            Script::respond(200, [Data(3)]).tells_end(),
            3,
            2,
        )
        .stop(Stop::EndOfStream),
        new(
            "trailers after a stream",
            Script::respond(200, [Data(3), Trailers(grpc_trailers("0"))]).tells_end(),
            3,
            3,
        ),
        new("trailers alone, dropped then", Script::respond(200, [Trailers(HeaderMap::new())]), 0, 2)
            .stop(Stop::Body(1)),
        new(
            "an event stream",
            Script::respond(200, [Data(3)]).header("content-type", "text/event-stream; charset=utf-8"),
            3,
            3,
        )
        .streaming(),
        Scenario {
            told: Told { head_after: Some(4), ..new("", Script::respond(200, []), 3, 5).told },
            ..new("a slow head", Script::respond(200, [Data(3)]).sized().pending(3), 3, 5)
        },
        Scenario {
            told: Told {
                status: Some(503),
                error: Some("503".to_owned()),
                ..new("", Script::respond(200, []), 3, 2).told
            },
            ..new("a 503", Script::respond(503, [Data(3)]).sized(), 3, 2)
        },
    ]
}

fn without_body() -> Vec<Scenario> {
    use Step::Data;
    let new = Scenario::new;
    let unpolled = Stop::Body(0);
    let endless = [Data(3), Data(4)];
    vec![
        new("an empty body", Script::respond(200, []).tells_end().sized(), 0, 1).stop(unpolled),
        new("a body of length 0", Script::respond(200, []).sized(), 0, 1).stop(unpolled),
        new("Content-Length: 0", Script::respond(200, []).content_length(), 0, 1).stop(unpolled),
        new("an empty stream", Script::respond(200, []), 0, 2),
        new("HEAD", Script::respond(200, endless.clone()), 0, 1).method(Method::HEAD).stop(unpolled),
        new("HEAD with a Content-Length", Script::respond(200, endless.clone()).content_length(), 0, 1)
            .method(Method::HEAD)
            .stop(unpolled),
        new("204", Script::respond(204, endless.clone()), 0, 1).status(204).stop(unpolled),
        new("304", Script::respond(304, endless.clone()).content_length(), 0, 1).status(304).stop(unpolled),
        new("101", Script::respond(101, endless.clone()), 0, 1).status(101).stop(unpolled).upgraded(),
        new("2xx to CONNECT", Script::respond(200, endless), 0, 1)
            .method(Method::CONNECT)
            .stop(unpolled)
            .upgraded(),
        new("403 to CONNECT", Script::respond(403, [Data(3)]), 3, 3).method(Method::CONNECT).status(403),
    ]
}

const GRPC: &str = "application/grpc";

fn grpc() -> Vec<Scenario> {
    use Step::{Data, Trailers};
    let new = Scenario::new;
    let with_trailers = |status| Script::respond(200, [Data(3), Trailers(grpc_trailers(status))]).sized();
    vec![
        // Its last byte is not the end: the status follows.
        new("gRPC, OK in the trailers", with_trailers("0"), 3, 3).grpc(Some("OK"), None),
        new("gRPC, UNAVAILABLE in the trailers", with_trailers("14"), 3, 3)
            .grpc(Some("UNAVAILABLE"), Some("UNAVAILABLE")),
        new("gRPC, NOT_FOUND is no error", with_trailers("5"), 3, 3).grpc(Some("NOT_FOUND"), None),
        new("gRPC, trailers-only", Script::respond(200, []).tells_end().header("grpc-status", "8"), 0, 1)
            .stop(Stop::Body(0))
            .grpc(Some("RESOURCE_EXHAUSTED"), None),
        new(
            "gRPC without a status",
            Script::respond(200, [Data(3)]).tells_end().header("content-type", GRPC),
            3,
            2,
        )
        .grpc(Some("UNKNOWN"), Some("UNKNOWN")),
        // A stranger can call any request gRPC, and must not make errors of it.
        new("gRPC, a 200 of somebody else", Script::respond(200, [Data(3)]).tells_end(), 3, 2)
            .grpc(None, None),
        new("gRPC, a 404 of somebody else", Script::respond(404, [Data(3)]), 3, 3)
            .status(404)
            .grpc(None, None),
        new("gRPC, a 503 of somebody else", Script::respond(503, []), 0, 2)
            .status(503)
            .grpc(Some("UNAVAILABLE"), Some("UNAVAILABLE")),
        new("gRPC, dropped before its trailers", with_trailers("0"), 3, 2)
            .stop(Stop::Body(1))
            .aborted(Outcome::BodyDropped, None)
            .grpc(None, None),
        new("gRPC, failed before its trailers", Script::respond(200, [Data(3), Step::Error]), 3, 3)
            .aborted(Outcome::BodyError, None)
            .grpc(None, Some("body_error")),
    ]
}

fn refused() -> Vec<Scenario> {
    let problem = r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"not today"}"#;
    let script = || Script::respond(200, [Step::Data(3)]);
    let length = problem.len() as u64;
    vec![
        Scenario::new("refused", script(), length, 2).status(403).refused(),
        Scenario::new("refused, dropped after its last byte", script(), length, 2)
            .status(403)
            .stop(Stop::Body(1))
            .refused(),
        Scenario::new("refused, to HEAD", script(), 0, 1)
            .status(403)
            .method(Method::HEAD)
            .stop(Stop::Body(0))
            .refused(),
        Scenario::new("refused, over gRPC", script(), 0, 1)
            .stop(Stop::Body(0))
            .grpc(Some("PERMISSION_DENIED"), None)
            .refused(),
        Scenario::new("refused, and its answer dropped", script(), 0, 1)
            .status(403)
            .stop(Stop::Body(0))
            .refused()
            .aborted(Outcome::BodyDropped, None),
        Scenario::new("refused, and nobody asks for the answer", script(), 0, 0)
            .stop(Stop::Future(0))
            .refused()
            .headless(Outcome::Cancelled, None),
    ]
}

fn cut_short() -> Vec<Scenario> {
    use Step::{Data, Error, Pending};
    let new = Scenario::new;
    let body = || Script::respond(200, [Data(3), Pending, Data(4)]);
    let dropped = |name, script, bytes, ended_after, frames| {
        new(name, script, bytes, ended_after).stop(Stop::Body(frames)).aborted(Outcome::BodyDropped, None)
    };
    vec![
        new("a service error", Script::new(Answer::Error).pending(1), 0, 2)
            .headless(Outcome::ServiceError, Some("service_error")),
        new("cancelled before the first poll", body(), 0, 0)
            .stop(Stop::Future(0))
            .headless(Outcome::Cancelled, None),
        new("cancelled while it waits", body().pending(5), 0, 2)
            .stop(Stop::Future(2))
            .headless(Outcome::Cancelled, None),
        new("a body error in mid-stream", Script::respond(200, [Data(3), Error, Data(4)]), 3, 3)
            .aborted(Outcome::BodyError, Some("body_error")),
        new("a body error before the last byte", Script::respond(200, [Data(3), Error]), 3, 3)
            .aborted(Outcome::BodyError, Some("body_error")),
        dropped("a body that nobody polls", body(), 0, 1, 0),
        dropped("a stream dropped half-way", body(), 3, 2, 1),
        dropped("a stream dropped before its None", body(), 7, 4, 2),
        dropped("a sized body dropped half-way", body().sized(), 3, 2, 1),
        dropped("a body with a Content-Length dropped half-way", body().content_length(), 3, 2, 1),
    ]
}

fn panicked() -> Vec<Scenario> {
    let mut panicked = Vec::new();
    let headless = |name: &str, script: Script| {
        let ended_after = u64::from(name == "poll") * 2;
        let scenario = Scenario::new("", script, 0, ended_after).headless(Outcome::Panicked, Some("panic"));
        let told = Told { status: Some(500), aborted: false, ..scenario.told.clone() };
        Scenario { name: format!("a panic in {name}"), told, ..scenario }
    };
    for catch in [Catch::AtPoll, Catch::Outside] {
        for catch_panic in [CatchPanic::Absent, CatchPanic::Inside, CatchPanic::Outside] {
            let in_call = headless("call", Script::new(Answer::PanicInCall));
            let in_poll = headless("poll", Script::new(Answer::Panic).pending(1));
            let in_body = Scenario::new(
                "a panic in poll_frame",
                Script::respond(200, [Step::Data(3), Step::Panic]),
                3,
                3,
            )
            .aborted(Outcome::Panicked, Some("panic"));
            for mut scenario in [in_call, in_poll, in_body] {
                // The answer of the panic handler inside is the response; to a panic in the body it has none.
                if catch_panic == CatchPanic::Inside && scenario.told.head_after.is_none() {
                    let head_after = scenario.told.ended_after.max(1);
                    scenario.told.head_after = Some(head_after);
                    scenario.told.ended_after = head_after + 1;
                    scenario.told.bytes = ANSWER_TO_PANIC.len() as u64;
                }
                // The panic handler outside answers at the first poll after a panic in `call`.
                scenario.name = format!("{}, CatchPanic {catch_panic:?}, caught {catch:?}", scenario.name);
                (scenario.catch, scenario.catch_panic) = (catch, catch_panic);
                panicked.push(scenario);
            }
        }
    }
    panicked
}
