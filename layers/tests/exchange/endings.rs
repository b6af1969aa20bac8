//! Each exchange ends once, and what is told of its end is true.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty, Full};
use tower::util::{ServiceExt, service_fn};
use tower::{Layer, Service, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_watch_layers::classify::{GrpcStatus, Outcome};
use tower_watch_layers::clock::Clock;
use tower_watch_layers::context::{ContextObserver, RequestContext};
use tower_watch_layers::observe::{
    CountRequestBodyLayer, CountedRequestBody, End, Exchange, ObserveLayer, Observer, PanicResponse,
    Settings, Slot, Start,
};
use tower_watch_layers::route::Routes;
use tower_watch_layers::testing::{RecordExchanges, Recorded, Recording};

use crate::scenarios::{self, Refuse, Scenario, Told};
use crate::script::{Answer, Failure, Log, Script, Scripted, Step, Stop, Transport};

fn told(exchange: &Recorded) -> Told {
    Told {
        outcome: exchange.outcome,
        status: exchange.status.map(|status| status.as_u16()),
        grpc_status: exchange.grpc_status.map(GrpcStatus::name),
        error: exchange.error.clone(),
        aborted: exchange.aborted,
        streaming: exchange.streaming,
        bytes: exchange.response_bytes,
        head_after: exchange.time_to_head.as_ref().map(Duration::as_secs),
        ended_after: exchange.duration.as_secs(),
    }
}

#[test]
fn every_scenario_ends_once_and_as_it_says() {
    for scenario in scenarios::all() {
        let (clock, hand) = Clock::fake();
        let (first, last) = (RecordExchanges::new(), RecordExchanges::new());
        let observer = (first.clone(), Refuse::of(&scenario), last.clone());
        let layer = ObserveLayer::with_settings(observer, Settings::new().with_clock(clock));
        let service = Scripted::new(scenario.script.clone());
        let inner = scenario.inner(service.clone());
        let mut stack = scenario.outer(scenarios::erase(layer.layer(inner)));

        let transport = Transport { stop: scenario.stop, catch: scenario.catch, clock: Some(hand) };
        let arrived = transport.send(&mut stack, scenario.request());

        // All observers see it, those before and those after the one that refuses.
        for record in [first, last] {
            assert_eq!(told(&record.only()), scenario.told, "{}", scenario.name);
        }
        assert_eq!(service.calls(), usize::from(!scenario.refused), "{}", scenario.name);
        if scenario.catch_panic == scenarios::CatchPanic::Absent {
            assert_eq!(arrived.bytes.len() as u64, scenario.told.bytes, "{}", scenario.name);
            assert_eq!(
                arrived.panic.is_some(),
                scenario.told.outcome == Outcome::Panicked,
                "{}",
                scenario.name
            );
        }
    }
}

#[test]
fn observing_changes_nothing_of_what_arrives() {
    for scenario in scenarios::all().iter().filter(|scenario| !scenario.refused) {
        let arrive = |observed: bool| {
            let inner = scenario.inner(Scripted::new(scenario.script.clone()));
            let mut stack = if observed {
                scenario.outer(scenarios::erase(ObserveLayer::new(RecordExchanges::new()).layer(inner)))
            } else {
                scenario.outer(inner)
            };
            let transport = Transport { stop: scenario.stop, catch: scenario.catch, clock: None };
            let arrived = transport.send(&mut stack, scenario.request());
            let head = arrived.head.map(|head| (head.status, head.headers));
            let error = arrived.error.map(|error| error.to_string());
            (head, arrived.bytes, arrived.trailers, error, arrived.body_failed, arrived.panic)
        };
        assert_eq!(arrive(true), arrive(false), "{}", scenario.name);
    }
}

#[test]
fn the_body_hands_on_its_size_and_its_end() {
    let layer = ObserveLayer::new(RecordExchanges::new());
    let future = layer.layer(service_fn(|_: Request<()>| async move {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("abc")))
    }));
    let mut future = Box::pin(future.oneshot(Request::new(())));
    let cx = &mut Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = future.as_mut().poll(cx) else { panic!("not ready") };
    let mut body = Box::pin(response.into_body());
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(3), false));
    assert!(matches!(body.as_mut().poll_frame(cx), Poll::Ready(Some(Ok(_)))));
    assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
}

#[test]
fn trailers_and_frames_are_shown() {
    let record = RecordExchanges::new();
    let steps = [Step::Data(1), Step::Data(2), Step::Trailers(scenarios::grpc_trailers("7"))];
    let mut service = ObserveLayer::new(record.clone()).layer(Scripted::new(Script::respond(200, steps)));
    let arrived = Transport::new().send(&mut service, Request::new(()));
    let exchange = record.only();
    assert_eq!(exchange.frames, 2);
    assert_eq!(exchange.trailers, arrived.trailers);
    assert_eq!(exchange.trailers.unwrap()["grpc-status"], "7");
    // Trailers mean something to gRPC only.
    assert_eq!(exchange.grpc_status, None);
}

#[tokio::test]
async fn head_under_axum_is_complete_at_the_head() {
    let record = RecordExchanges::new();
    let router = Router::new().route("/", get(async || "a body")).layer(ObserveLayer::new(record.clone()));
    let request = Request::builder().method(Method::HEAD).uri("/").body(AxumBody::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(record.only().outcome, Outcome::Complete);
    assert_eq!(record.only().response_bytes, 0);
    drop(response);
    assert_eq!(record.only().outcome, Outcome::Complete);
}

#[test]
fn a_refusal_names_the_request() {
    let record = RecordExchanges::new();
    let observer = (ContextObserver::new(), Refuse(Some("say \"please\"\n")), record.clone());
    let service = Scripted::new(Script::respond(200, []));
    let mut stack = ObserveLayer::new(observer).layer(service.clone());
    let request = Request::builder().header("x-request-id", "abc-123").body(()).unwrap();
    let arrived = Transport::new().send(&mut stack, request);

    let head = arrived.head.unwrap();
    let id = record.only().request_id.unwrap();
    assert_eq!(head.status, StatusCode::FORBIDDEN);
    assert_eq!(head.headers["content-type"], "application/problem+json");
    assert_eq!(head.headers["x-request-id"], id.as_str());
    assert_eq!(
        String::from_utf8(arrived.bytes).unwrap(),
        format!(
            r#"{{"type":"about:blank","title":"Forbidden","status":403,"detail":"say \"please\"\u000a","request_id":"{id}"}}"#
        ),
    );
    assert_eq!(service.calls(), 0);
}

#[test]
fn a_refusal_over_grpc_is_trailers_only_and_percent_encoded() {
    let record = RecordExchanges::new();
    let observer = (Refuse(Some("100 % größer\n")), record.clone());
    let service = Scripted::new(Script::respond(200, []));
    let mut stack = ObserveLayer::new(observer).layer(service.clone());
    let request = Request::post("/shop.Cart/Add").header("content-type", "application/grpc+proto").body(());
    let arrived = Transport::new().send(&mut stack, request.unwrap());

    let head = arrived.head.unwrap();
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.headers["content-type"], "application/grpc");
    assert_eq!(head.headers["grpc-status"], "7");
    assert_eq!(head.headers["grpc-message"], "100 %25 gr%C3%B6%C3%9Fer%0A");
    assert_eq!((arrived.bytes.len(), service.calls()), (0, 0));
    assert_eq!(record.only().grpc_status.unwrap().name(), "PERMISSION_DENIED");
}

#[test]
fn of_several_refusals_the_first_is_sent() {
    let observer = (Refuse(Some("first")), Refuse(Some("second")));
    let mut stack = ObserveLayer::new(observer).layer(Scripted::new(Script::respond(200, [])));
    let arrived = Transport::new().send(&mut stack, Request::new(()));
    assert!(String::from_utf8(arrived.bytes).unwrap().contains("first"));
}

#[test]
fn a_service_error_passes_through_as_it_is() {
    fn names_its_error<S: Service<Request<()>, Error = Failure>>(service: S) -> S {
        service
    }
    let record = RecordExchanges::new();
    let layer = ObserveLayer::new(record.clone());
    let mut service = names_its_error(layer.layer(Scripted::new(Script::new(Answer::Error))));
    let arrived = Transport::new().send(&mut service, Request::new(()));
    assert!(matches!(arrived.error, Some(Failure("the service failed"))));
    assert_eq!(record.only().outcome, Outcome::ServiceError);
}

#[test]
fn a_service_that_is_not_ready_is_no_exchange() {
    #[derive(Clone)]
    struct Overloaded;
    impl Service<Request<()>> for Overloaded {
        type Response = Response<Full<Bytes>>;
        type Error = Failure;
        type Future = std::future::Ready<Result<Self::Response, Failure>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
            Poll::Ready(Err(Failure("overloaded")))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            unreachable!("it is not ready")
        }
    }
    let record = RecordExchanges::new();
    let mut service = ObserveLayer::new(record.clone()).layer(Overloaded);
    let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(ready, Poll::Ready(Err(Failure("overloaded")))));
    assert_eq!((record.open(), record.ended().len()), (0, 0));
}

#[tokio::test]
async fn a_panic_that_only_the_task_catches_is_told() {
    let record = RecordExchanges::new();
    let service =
        ObserveLayer::new(record.clone()).layer(Scripted::new(Script::new(Answer::Panic).pending(2)));
    let task = tokio::spawn(service.oneshot(Request::new(())));
    assert!(task.await.unwrap_err().is_panic());
    let exchange = record.only();
    assert_eq!(
        (exchange.outcome, exchange.status),
        (Outcome::Panicked, Some(StatusCode::INTERNAL_SERVER_ERROR))
    );
}

/// A panic in an observer's end, on the way out of the handler's, would end the process: nothing would be left to see.
#[tokio::test]
async fn an_observer_that_panics_on_the_way_out_of_a_panic_does_not_end_the_process() {
    #[derive(Clone, Debug)]
    struct Panicking;
    impl Observer for Panicking {
        type Exchange = Self;
        fn begin(&self, _: &mut Start<'_>) -> Option<Self> {
            Some(self.clone())
        }
    }
    impl Exchange for Panicking {
        fn end(self, _: &End<'_>) {
            panic!("the observer panics, as it was told");
        }
    }
    let record = RecordExchanges::new();
    let service =
        ObserveLayer::new((record.clone(), Panicking)).layer(Scripted::new(Script::new(Answer::Panic)));
    let task = tokio::spawn(service.oneshot(Request::new(())));
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(record.only().outcome, Outcome::Panicked);
}

#[tokio::test]
async fn an_aborted_task_cancels_its_exchange() {
    let record = RecordExchanges::new();
    let forever = service_fn(|_: Request<()>| async move {
        std::future::pending::<Result<Response<Empty<Bytes>>, Infallible>>().await
    });
    let service = ObserveLayer::new(record.clone()).layer(forever);
    let task = tokio::spawn(service.oneshot(Request::new(())));
    tokio::task::yield_now().await;
    assert_eq!(record.open(), 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(record.only().outcome, Outcome::Cancelled);
}

#[test]
fn both_of_two_nested_layers_hear_of_an_answered_panic() {
    let (outer, inner) = (RecordExchanges::new(), RecordExchanges::new());
    let mut stack = ServiceBuilder::new()
        .layer(ObserveLayer::new(outer.clone()))
        .layer(ObserveLayer::new(inner.clone()))
        .layer(CatchPanicLayer::custom(|_| {
            let mut response = Response::new(Full::<Bytes>::from("sorry"));
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response.extensions_mut().insert(PanicResponse);
            response
        }))
        .service(Scripted::new(Script::new(Answer::Panic)));
    Transport::new().send(&mut stack, Request::new(()));
    assert_eq!(inner.only().outcome, Outcome::Panicked);
    assert_eq!(outer.only().outcome, Outcome::Panicked);
}

/// Keeps the slots that it is shown.
#[derive(Clone, Default)]
struct KeepSlots(Arc<Mutex<Vec<Arc<Slot>>>>);

impl Observer for KeepSlots {
    type Exchange = scenarios::Nothing;

    fn begin(&self, start: &mut Start<'_>) -> Option<scenarios::Nothing> {
        self.0.lock().unwrap().push(Arc::clone(start.slot()));
        None
    }
}

#[test]
fn nested_layers_share_one_slot() {
    let (slots, outer, inner) = (KeepSlots::default(), RecordExchanges::new(), RecordExchanges::new());
    let handler = service_fn(|request: Request<()>| async move {
        let context = RequestContext::of(request.extensions()).unwrap();
        context.set_tenant("acme").unwrap();
        context.set_error_type("out_of_stock");
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("no")))
    });
    let mut stack = ServiceBuilder::new()
        .layer(ObserveLayer::new((slots.clone(), ContextObserver::new(), outer.clone())))
        .layer(ObserveLayer::new((slots.clone(), inner.clone())))
        .service(handler);
    Transport::new().send(&mut stack, Request::new(()));

    let slots = slots.0.lock().unwrap();
    assert!(Arc::ptr_eq(&slots[0], &slots[1]));
    let (outer, inner) = (outer.only(), inner.only());
    assert!(outer.request_id.is_some());
    assert_eq!(outer.request_id, inner.request_id);
    for exchange in [outer, inner] {
        assert_eq!(exchange.tenant.unwrap().as_str(), "acme");
        assert_eq!(exchange.error.unwrap(), "out_of_stock");
    }
}

/// Tells the log when the exchange ends.
#[derive(Clone)]
struct LogEnd(Log);

struct LoggingEnd(Log);

impl Observer for LogEnd {
    type Exchange = LoggingEnd;

    fn begin(&self, _: &mut Start<'_>) -> Option<LoggingEnd> {
        Some(LoggingEnd(self.0.clone()))
    }
}

impl Exchange for LoggingEnd {
    fn scope<R>(&mut self, poll: impl FnOnce() -> R) -> R {
        assert!(RequestContext::current().is_some());
        poll()
    }

    fn end(self, end: &End<'_>) {
        self.0.push(format!("end {}", end.outcome));
    }
}

/// What is logged when the transport stops like this.
fn order(script: Script, stop: Stop) -> Vec<String> {
    let service = Scripted::new(script);
    let log = service.log.clone();
    let mut stack = ObserveLayer::new(LogEnd(log.clone())).layer(service);
    Transport::new().stop(stop).send(&mut stack, Request::new(()));
    assert!(RequestContext::current().is_none());
    log.lines()
}

#[test]
fn the_future_and_the_body_are_dropped_inside_before_the_end() {
    let body = || Script::respond(200, [Step::Data(3), Step::Data(4)]);
    assert_eq!(order(body(), Stop::Future(0)), ["future dropped inside", "end cancelled"]);
    assert_eq!(order(body().pending(2), Stop::Future(1)), ["future dropped inside", "end cancelled"]);
    assert_eq!(
        order(Script::new(Answer::Error), Stop::Never),
        ["future dropped inside", "end service_error"]
    );
    assert_eq!(order(Script::new(Answer::Panic), Stop::Never), ["future dropped inside", "end panic"]);
    let with_body = |end: &'static str| ["future dropped inside", "body dropped inside", end];
    assert_eq!(order(body(), Stop::Never), with_body("end complete"));
    assert_eq!(order(body(), Stop::Body(0)), with_body("end body_dropped"));
    assert_eq!(order(body(), Stop::Body(1)), with_body("end body_dropped"));
    let failing = Script::respond(200, [Step::Data(3), Step::Error]);
    assert_eq!(order(failing, Stop::Never), with_body("end body_error"));
    let panicking = Script::respond(200, [Step::Data(3), Step::Panic]);
    assert_eq!(order(panicking, Stop::Never), with_body("end panic"));
}

#[test]
fn a_body_that_still_owes_its_none_lives_on_after_the_end() {
    // The transport need not ask again after the last byte, so the end does not wait for it.
    let lines = order(Script::respond(200, [Step::Data(3)]).content_length(), Stop::Body(1));
    assert_eq!(lines, ["future dropped inside", "end complete", "body dropped outside"]);
}

#[test]
fn a_panic_while_the_future_is_dropped_is_told() {
    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("in drop"));
        }
    }
    impl Future for PanicsOnDrop {
        type Output = Result<Response<Empty<Bytes>>, Infallible>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(Ok(Response::new(Empty::new())))
        }
    }
    for stop in [Stop::Never, Stop::Future(0)] {
        let record = RecordExchanges::new();
        let mut stack = ObserveLayer::new(record.clone()).layer(service_fn(|_: Request<()>| PanicsOnDrop));
        let arrived = Transport::new().stop(stop).send(&mut stack, Request::new(()));
        assert_eq!(arrived.panic, Some("in drop"));
        assert_eq!(record.only().outcome, Outcome::Panicked);
        assert!(RequestContext::current().is_none());
    }
}

#[test]
fn what_the_service_reads_of_the_request_is_counted() {
    let read = |how_much: usize| {
        let record = RecordExchanges::new();
        let service = service_fn(move |mut request: Request<CountedRequestBody<Full<Bytes>>>| async move {
            if how_much > 0 {
                request.body_mut().frame().await.unwrap().unwrap();
            }
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        });
        let mut stack = ServiceBuilder::new()
            .layer(ObserveLayer::new(record.clone()))
            .layer(CountRequestBodyLayer)
            .service(service);
        let request = Request::post("/").header("content-length", "9").body(Full::from("a request"));
        Transport::new().send(&mut stack, request.unwrap());
        record.only().request_bytes
    };
    assert_eq!(read(0), Some(0));
    assert_eq!(read(9), Some(9));
}

#[test]
fn the_declared_length_stands_in_where_nobody_counts() {
    let declared = |request: http::request::Builder| {
        let record = RecordExchanges::new();
        let mut stack = ObserveLayer::new(record.clone()).layer(Scripted::new(Script::respond(200, [])));
        Transport::new().send(&mut stack, request.body(()).unwrap());
        record.only().request_bytes
    };
    assert_eq!(declared(Request::post("/").header("content-length", "9")), Some(9));
    assert_eq!(declared(Request::post("/").header("content-length", "18446744073709551000")), None, "a lie");
    assert_eq!(declared(Request::post("/")), None);
    assert_eq!(declared(Request::get("/")), Some(0));
}

#[tokio::test]
async fn a_request_body_that_two_layers_could_count_is_counted_once() {
    let record = RecordExchanges::new();
    let service = service_fn(|request: Request<CountedRequestBody<AxumBody>>| async move {
        request.into_body().collect().await.unwrap();
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    });
    let stack = ServiceBuilder::new()
        .layer(ObserveLayer::new(record.clone()))
        .layer(ObserveLayer::new(RecordExchanges::new()))
        .layer(CountRequestBodyLayer)
        .service(service);
    stack.oneshot(Request::post("/").body(AxumBody::from("a request")).unwrap()).await.unwrap();
    assert_eq!(record.only().request_bytes, Some(9));
}

#[test]
fn an_observer_without_interest_is_left_alone() {
    let record = RecordExchanges::new();
    let observer = (KeepSlots::default(), record.clone());
    let mut stack = ObserveLayer::new(observer).layer(Scripted::new(Script::respond(200, [Step::Data(3)])));
    let arrived = Transport::new().send(&mut stack, Request::new(()));
    assert_eq!(arrived.bytes.len(), 3);
    assert_eq!(record.only().outcome, Outcome::Complete);
    // Alone it observes nothing, and the service still runs in the exchange's context.
    let mut stack =
        ObserveLayer::new(KeepSlots::default()).layer(Scripted::new(Script::respond(200, [Step::Data(3)])));
    assert_eq!(Transport::new().send(&mut stack, Request::new(())).bytes.len(), 3);
}

#[test]
fn an_excluded_path_is_no_exchange() {
    let record = RecordExchanges::new();
    let routes = Routes::new().with_excluded("/favicon.ico".parse().unwrap());
    let layer = ObserveLayer::with_settings(record.clone(), Settings::new().with_routes(routes));
    let service = Scripted::new(Script::respond(200, [Step::Data(3)]).tells_end());
    let log = service.log.clone();
    let arrived =
        Transport::new().send(&mut layer.layer(service), Request::get("/favicon.ico").body(()).unwrap());
    assert_eq!((arrived.bytes.len(), record.ended().len(), record.open()), (3, 0, 0));
    assert_eq!(log.lines(), ["future dropped outside", "body dropped outside"]);
}

#[test]
fn a_panic_after_the_last_byte_is_not_the_exchanges() {
    let record = RecordExchanges::new();
    let steps = [Step::Data(3), Step::Panic];
    let service = Scripted::new(Script::respond(200, steps).content_length());
    let arrived =
        Transport::new().send(&mut ObserveLayer::new(record.clone()).layer(service), Request::new(()));
    assert_eq!(arrived.panic, Some("in poll_frame"));
    assert_eq!(record.only().outcome, Outcome::Complete);
}

#[test]
fn headers_that_observers_add_arrive() {
    #[derive(Clone)]
    struct Stamp(&'static str);
    struct Stamping(&'static str);
    impl Observer for Stamp {
        type Exchange = Stamping;
        fn begin(&self, start: &mut Start<'_>) -> Option<Stamping> {
            start.head_mut().headers.append("x-seen-by", self.0.parse().unwrap());
            Some(Stamping(self.0))
        }
    }
    impl Exchange for Stamping {
        fn response(&mut self, head: &mut http::response::Parts, _: &Slot) {
            head.headers.append("x-stamp", self.0.parse().unwrap());
        }
        fn end(self, _: &End<'_>) {}
    }
    fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }
    // Six is the longest tuple; observers are asked in order.
    let observer = (Stamp("a"), Stamp("b"), Stamp("c"), Stamp("d"), Stamp("e"), Stamp("f"));
    let service = service_fn(|request: Request<()>| async move {
        assert_eq!(all(request.headers(), "x-seen-by"), ["a", "b", "c", "d", "e", "f"]);
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    });
    let mut stack = ObserveLayer::new(observer).layer(service);
    let head = Transport::new().send(&mut stack, Request::new(())).head.unwrap();
    assert_eq!(all(&head.headers, "x-stamp"), ["a", "b", "c", "d", "e", "f"]);
}

#[test]
fn the_table_has_every_outcome() {
    let seen: Vec<Outcome> =
        scenarios::all().iter().map(|scenario: &Scenario| scenario.told.outcome).collect();
    for outcome in [
        Outcome::Complete,
        Outcome::Refused,
        Outcome::Upgraded,
        Outcome::ServiceError,
        Outcome::Panicked,
        Outcome::Cancelled,
        Outcome::BodyError,
        Outcome::BodyDropped,
    ] {
        assert!(seen.contains(&outcome), "{outcome}");
    }
}

/// Moments of two clocks cannot be compared, so a layer inside goes by the clock of the one around it.
#[tokio::test]
async fn a_layer_inside_goes_by_the_clock_of_the_one_around_it() {
    let (clock, hand) = Clock::fake();
    hand.advance(Duration::from_secs(1_000_000));
    let (outside, inside) = (RecordExchanges::new(), RecordExchanges::new());
    let service = ServiceBuilder::new()
        .layer(ObserveLayer::with_settings(outside.clone(), Settings::new().with_clock(clock)))
        .layer(ObserveLayer::new(inside.clone()))
        .service_fn(move |_: Request<()>| {
            hand.advance(Duration::from_secs(2));
            std::future::ready(Ok::<_, Infallible>(Response::new(String::new())))
        });
    service.oneshot(Request::new(())).await.unwrap();
    assert_eq!(outside.only().duration, Duration::from_secs(2));
    assert_eq!(inside.only().duration, Duration::from_secs(2));
}

/// Whose begin panics has no interest in the exchange, and costs the request nothing.
#[tokio::test]
async fn an_observer_that_panics_at_the_start_costs_no_answer() {
    #[derive(Debug)]
    struct Clumsy;

    impl Observer for Clumsy {
        type Exchange = Recording;

        fn begin(&self, _: &mut Start<'_>) -> Option<Recording> {
            std::panic::resume_unwind(Box::new("clumsy"))
        }
    }

    let service = ServiceBuilder::new()
        .layer(ObserveLayer::new(Clumsy))
        .service_fn(|_: Request<()>| std::future::ready(Ok::<_, Infallible>(Response::new(String::new()))));
    assert_eq!(service.oneshot(Request::new(())).await.unwrap().status(), StatusCode::OK);
}

/// What the head makes an observer panic of is a panic, not a client that went away.
#[tokio::test]
async fn an_observer_that_panics_at_the_head_is_a_panic() {
    #[derive(Debug)]
    struct Clumsy(Recording);

    #[derive(Debug)]
    struct AtTheHead(RecordExchanges);

    impl Observer for AtTheHead {
        type Exchange = Clumsy;

        fn begin(&self, start: &mut Start<'_>) -> Option<Clumsy> {
            self.0.begin(start).map(Clumsy)
        }
    }

    impl Exchange for Clumsy {
        fn response(&mut self, _: &mut http::response::Parts, _: &Slot) {
            std::panic::resume_unwind(Box::new("clumsy"))
        }

        fn end(self, end: &End<'_>) {
            self.0.end(end);
        }
    }

    let record = RecordExchanges::new();
    let service = ServiceBuilder::new().layer(ObserveLayer::new(AtTheHead(record.clone()))).service_fn(
        |_: Request<()>| std::future::ready(Ok::<_, Infallible>(Response::new("text".to_owned()))),
    );
    assert!(tokio::spawn(service.oneshot(Request::new(()))).await.unwrap_err().is_panic());
    assert_eq!(record.only().outcome, Outcome::Panicked);
}
