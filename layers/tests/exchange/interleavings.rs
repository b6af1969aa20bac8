//! Random services under random transports, many at once on one thread: a simple model says how each one ends.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body::Body;
use http_body_util::Empty;
use metrics_util::debugging::DebuggingRecorder;
use proptest::prelude::*;
use proptest::sample::Index;
use tower::{Layer, Service};
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::classify::Outcome;
use tower_watch_layers::context::{ContextObserver, RequestContext};
use tower_watch_layers::observe::{Observe, ObserveBody, ObserveFuture, ObserveLayer, Observer, Settings};
use tower_watch_layers::red::{RedConfig, RedObserver};
use tower_watch_layers::testing::RecordExchanges;

use crate::matrix::Numbers;
use crate::scenarios::{Refuse, grpc_trailers};
use crate::script::{Answer, BodyScript, Failure, Script, Scripted, ScriptedBody, ScriptedFuture, Step};

/// One exchange, and how long the transport cares.
#[derive(Clone, Debug)]
struct Plan {
    method: Method,
    grpc: bool,
    refused: bool,
    script: Script,
    /// The transport goes away after so many polls.
    polls: usize,
    /// Whether it drops what panicked while nothing unwinds any more.
    catches_at_poll: bool,
}

/// What the model says.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    outcome: Outcome,
    status: Option<u16>,
    bytes: u64,
}

const PROBLEM: &str =
    r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"no","request_id":""}"#;
/// A request id is a UUID.
const ID_LENGTH: usize = 36;

impl Plan {
    fn expected(&self) -> Expected {
        let told = |outcome, status, bytes| Expected { outcome, status, bytes };
        if self.refused {
            let (status, bytes) =
                if self.grpc { (200, 0) } else { (403, (PROBLEM.len() + ID_LENGTH) as u64) };
            return match self.polls {
                0 => told(Outcome::Cancelled, None, 0),
                _ if self.grpc || self.method == Method::HEAD => told(Outcome::Refused, Some(status), 0),
                1 => told(Outcome::BodyDropped, Some(status), 0),
                _ => told(Outcome::Refused, Some(status), bytes),
            };
        }
        let script = &self.script;
        if matches!(script.answer, Answer::PanicInCall) {
            return told(Outcome::Panicked, Some(500), 0);
        }
        if self.polls <= script.pendings {
            return told(Outcome::Cancelled, None, 0);
        }
        match &script.answer {
            Answer::PanicInCall | Answer::Panic => told(Outcome::Panicked, Some(500), 0),
            Answer::Error => told(Outcome::ServiceError, None, 0),
            Answer::Respond { status, headers, body } => {
                let (outcome, bytes) =
                    self.expected_body(status.as_u16(), headers, body, self.polls - script.pendings - 1);
                told(outcome, Some(status.as_u16()), bytes)
            }
        }
    }

    fn expected_body(
        &self,
        status: u16,
        headers: &HeaderMap,
        body: &BodyScript,
        polls: usize,
    ) -> (Outcome, u64) {
        if status == 101 || (self.method == Method::CONNECT && (200..300).contains(&status)) {
            return (Outcome::Upgraded, 0);
        }
        let is_bodiless = self.method == Method::HEAD || [204, 304].contains(&status);
        let has_length = !self.grpc && (body.sized || headers.contains_key("content-length"));
        let whole = body.length();
        if is_bodiless || (has_length && whole == 0) || (body.tells_end && body.steps.is_empty()) {
            return (Outcome::Complete, 0);
        }
        let mut sent = 0;
        for (poll, step) in body.steps.iter().enumerate() {
            if poll == polls {
                return (Outcome::BodyDropped, sent);
            }
            match step {
                Step::Pending => {}
                Step::Data(bytes) => {
                    sent += *bytes as u64;
                    let says_so = body.tells_end && poll + 1 == body.steps.len();
                    if says_so || (has_length && sent == whole) {
                        return (Outcome::Complete, sent);
                    }
                }
                Step::Trailers(_) => return (Outcome::Complete, sent),
                Step::Error => return (Outcome::BodyError, sent),
                Step::Panic => return (Outcome::Panicked, sent),
            }
        }
        let asked_for_none = polls > body.steps.len();
        (if asked_for_none { Outcome::Complete } else { Outcome::BodyDropped }, sent)
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Pending),
        6 => (0..5usize).prop_map(Step::Data),
        1 => Just(Step::Trailers(grpc_trailers("0"))),
        1 => Just(Step::Error),
        1 => Just(Step::Panic),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let respond = (
        prop_oneof![6 => Just(200u16), 1 => Just(101), 1 => Just(204), 1 => Just(304), 1 => Just(503)],
        proptest::collection::vec(step(), 0..6),
        any::<(bool, bool, bool)>(),
    )
        .prop_map(|(status, steps, (content_length, sized, tells_end))| {
            let script = Script::respond(status, steps);
            let script = if content_length { script.content_length() } else { script };
            let script = if sized { script.sized() } else { script };
            if tells_end { script.tells_end().answer } else { script.answer }
        });
    prop_oneof![12 => respond, 1 => Just(Answer::Error), 1 => Just(Answer::PanicInCall), 1 => Just(Answer::Panic)]
}

fn plan() -> impl Strategy<Value = Plan> {
    let method = prop_oneof![6 => Just(Method::GET), 1 => Just(Method::HEAD), 1 => Just(Method::CONNECT)];
    let refused = proptest::bool::weighted(0.1);
    (method, any::<bool>(), refused, 0..3usize, answer(), 0..12usize, any::<bool>()).prop_map(
        |(method, grpc, refused, pendings, answer, polls, catches_at_poll)| Plan {
            method: if grpc { Method::POST } else { method },
            grpc,
            refused,
            script: Script::new(answer).pending(pendings),
            polls,
            catches_at_poll,
        },
    )
}

type Observers = (ContextObserver, RedObserver, RecordExchanges, Refuse);
type Exchange = <Observers as Observer>::Exchange;

/// An exchange under way.
struct Live {
    plan: Plan,
    id: String,
    stage: Stage,
    polled: usize,
}

enum Stage {
    Begin(Box<Observe<Scripted, Observers>>),
    Future(Pin<Box<ObserveFuture<ScriptedFuture, Exchange>>>),
    Body(Pin<Box<ObserveBody<ScriptedBody, Exchange>>>),
    Over,
}

impl Live {
    /// Does the next thing that the transport does.
    fn advance(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Begin(mut service) => {
                let mut request = Request::builder().method(&self.plan.method).uri("/");
                if self.plan.grpc {
                    request = request.header("content-type", "application/grpc");
                }
                let request = request.body(Empty::<Bytes>::new()).unwrap();
                match catch_unwind(AssertUnwindSafe(|| service.call(request))) {
                    Ok(future) => self.stage = Stage::Future(Box::pin(future)),
                    Err(panic) => assert_scripted(panic),
                }
            }
            // It goes away.
            _ if self.polled == self.plan.polls => {}
            Stage::Future(future) => {
                self.polled += 1;
                match self.poll(future, |future, cx| future.as_mut().poll(cx)) {
                    Some((future, Poll::Pending)) => self.stage = Stage::Future(future),
                    Some((_, Poll::Ready(Ok(response)))) => {
                        self.id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
                        self.stage = Stage::Body(Box::pin(response.into_body()));
                    }
                    Some((_, Poll::Ready(Err(Failure(_))))) | None => {}
                }
            }
            Stage::Body(body) => {
                self.polled += 1;
                match self.poll(body, |body, cx| body.as_mut().poll_frame(cx)) {
                    Some((body, Poll::Pending | Poll::Ready(Some(Ok(_))))) => self.stage = Stage::Body(body),
                    Some((_, Poll::Ready(Some(Err(Failure(_))) | None))) | None => {}
                }
            }
            Stage::Over => {}
        }
        assert!(RequestContext::current().is_none(), "a context was left behind");
    }

    /// Polls, and gives back what was polled; `None` after a panic.
    fn poll<P, T>(&self, mut polled: P, poll: impl Fn(&mut P, &mut Context<'_>) -> T) -> Option<(P, T)> {
        let cx = &mut Context::from_waker(Waker::noop());
        let result = if self.plan.catches_at_poll {
            catch_unwind(AssertUnwindSafe(|| poll(&mut polled, cx))).map(|result| (polled, result))
        } else {
            catch_unwind(AssertUnwindSafe(move || {
                let result = poll(&mut polled, cx);
                (polled, result)
            }))
        };
        result.map_err(assert_scripted).ok()
    }

    fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }
}

/// An assertion in the script is a failure of this test.
#[allow(clippy::needless_pass_by_value, reason = "the payload of a panic is owned")]
fn assert_scripted(panic: Box<dyn Any + Send>) {
    let text = panic.downcast_ref::<&'static str>();
    assert!(text.is_some_and(|text| text.starts_with("in ")), "not a panic of the script");
}

fn check(plans: Vec<Plan>, schedule: &[Index]) {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let recorder = SharedRecorder::new(recorder);
    let red = RedObserver::new(&RedConfig::new());
    let total = plans.len() as u64;
    let mut expected: Vec<_> = plans.iter().map(Plan::expected).collect();
    let record = RecordExchanges::new();
    let mut live: Vec<_> = plans
        .into_iter()
        .map(|plan| {
            let refuse = Refuse(plan.refused.then_some("no"));
            let observers = (ContextObserver::new(), red.clone(), record.clone(), refuse);
            let settings = Settings::new().with_recorder(recorder.clone());
            let service = Scripted::new(plan.script.clone());
            let service = ObserveLayer::with_settings(observers, settings).layer(service);
            Live { plan, id: String::new(), stage: Stage::Begin(Box::new(service)), polled: 0 }
        })
        .collect();

    // First as the schedule says, then one after the other, until all are over.
    for turn in schedule {
        turn.get_mut(&mut live).advance();
    }
    for exchange in &mut live {
        while !exchange.is_over() {
            exchange.advance();
        }
    }

    assert_eq!(record.open(), 0);
    let ended = record.ended();
    assert_eq!(ended.len() as u64, total);
    let told = ended.iter().map(|end| Expected {
        outcome: end.outcome,
        status: end.status.map(|status| status.as_u16()),
        bytes: end.response_bytes,
    });
    // The order of the ends is the schedule's. Those with a head are told apart by their id, the others only by what
    // they were.
    for (exchange, expected) in live.iter().zip(&expected) {
        let own: Vec<_> = ended
            .iter()
            .zip(told.clone())
            .filter(|(end, _)| end.request_id.as_ref().is_some_and(|id| id.as_str() == exchange.id))
            .map(|(_, told)| told)
            .collect();
        assert!(exchange.id.is_empty() || own == [Expected { ..*expected }], "{:?}: {own:?}", exchange.plan);
    }
    let mut told: Vec<_> = told.collect();
    let by_all = |told: &Expected| (told.outcome.as_str(), told.status, told.bytes);
    told.sort_by_key(by_all);
    expected.sort_by_key(by_all);
    assert_eq!(told, expected);

    let numbers = Numbers::take(&snapshotter);
    assert_eq!(numbers.requests + numbers.headless(), total);
    assert!(numbers.in_flight.iter().all(|gauge| *gauge == 0.0), "{numbers:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_of_many_exchanges_ends_once_and_as_the_model_says(
        plans in proptest::collection::vec(plan(), 1..8),
        schedule in proptest::collection::vec(any::<Index>(), 0..60),
    ) {
        check(plans, &schedule);
    }
}
