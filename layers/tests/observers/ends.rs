//! What each end of an exchange adds to what.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::{PanicResponse, RouteLayer};
use tower_watch_layers::policy::RoutePolicy;
use tower_watch_layers::red::{RedConfig, RedLayer, RedObserver};
use tower_watch_layers::route::Routes;

use crate::harness::{Bench, Broken, Script, Step, get as request, grpc, grpc_trailers, poll_once, send};

/// What one exchange of `GET /t` is expected to have moved.
#[derive(Default)]
struct Moved {
    status: Option<u16>,
    duration: Option<f64>,
    head: Option<f64>,
    response_bytes: f64,
    error: Option<&'static str>,
    aborted: Option<&'static str>,
}

#[track_caller]
fn assert_moved(bench: &Bench, expected: &Moved) {
    let mut lines = Vec::new();
    let labels = "endpoint=/t,method=GET";
    if let Some(status) = expected.status {
        lines.push(format!("http_requests_total{{{labels},status={status}}} 1"));
        lines.push(format!("http_request_size_bytes{{{labels}}} [0.0]"));
        lines.push(format!("http_response_size_bytes{{{labels}}} [{:?}]", expected.response_bytes));
    }
    if let Some(seconds) = expected.duration {
        lines.push(format!("http_request_duration_seconds{{{labels}}} [{seconds:?}]"));
    }
    if let Some(seconds) = expected.head {
        lines.push(format!("http_response_head_seconds{{{labels}}} [{seconds:?}]"));
    }
    if let Some(error) = expected.error {
        lines.push(format!("http_requests_errors_total{{endpoint=/t,error_type={error},method=GET}} 1"));
    }
    if let Some(reason) = expected.aborted {
        lines.push(format!("http_requests_aborted_total{{{labels},reason={reason}}} 1"));
    }
    lines.sort();
    assert_eq!(bench.numbers.moved(), lines);
    bench.numbers.assert_in_flight(0.0);
}

/// What the service does after the second that it takes to a head, or to none.
enum Plot {
    Answer(Response<Script>),
    Fail,
    Panic,
    Hang,
}

fn red(bench: &Bench) -> RedLayer {
    let routes = Routes::new().with_route(|_| Some("/t".into()));
    RedLayer::with_settings(&RedConfig::new(), bench.settings(routes))
}

/// Plays one exchange, reading the body until it ends or hangs.
async fn play_request(bench: &Bench, request: Request<Body>, plot: Plot) {
    let hand = bench.hand.clone();
    let mut plot = Some(plot);
    let service = red(bench).layer(service_fn(move |_: Request<Body>| {
        let (plot, hand) = (plot.take().unwrap(), hand.clone());
        async move {
            hand.advance(Duration::from_secs(1));
            match plot {
                Plot::Answer(response) => Ok(response),
                Plot::Fail => Err(Broken),
                Plot::Panic => panic!("the service panics, as it was told"),
                Plot::Hang => std::future::pending().await,
            }
        }
    }));
    // Spawned, so that a panic ends there.
    let hand = bench.hand.clone();
    let played = tokio::spawn(async move {
        let mut answer = Box::pin(service.oneshot(request));
        let response = match poll_once(answer.as_mut()) {
            std::task::Poll::Ready(response) => response,
            std::task::Poll::Pending => {
                hand.advance(Duration::from_secs(5));
                return;
            }
        };
        let Ok(response) = response else { return };
        let mut body = response.into_body();
        while let std::task::Poll::Ready(Some(Ok(_))) = poll_once(pin!(body.frame())) {}
    });
    let _ = played.await;
}

async fn play(bench: &Bench, plot: Plot) {
    play_request(bench, request("/t"), plot).await;
}

/// An answer with a script for a body.
fn answer(bench: &Bench, status: u16, steps: impl IntoIterator<Item = Step>) -> Response<Script> {
    Response::builder().status(status).body(Script::timed(&bench.hand, steps)).unwrap()
}

/// Two frames, five bytes, and two seconds between them.
fn whole() -> [Step; 3] {
    [Step::Data("abc"), Step::Wait(2), Step::Data("de")]
}

#[tokio::test]
async fn complete() {
    let bench = Bench::new();
    for (status, error) in [(200, None), (404, None), (503, Some("503")), (500, Some("500"))] {
        play(&bench, Plot::Answer(answer(&bench, status, whole()))).await;
        let expected = Moved {
            status: Some(status),
            duration: Some(3.0),
            head: Some(1.0),
            response_bytes: 5.0,
            error,
            aborted: None,
        };
        assert_moved(&bench, &expected);
    }
}

#[tokio::test]
async fn upgraded() {
    let bench = Bench::new();
    play(&bench, Plot::Answer(answer(&bench, 101, []))).await;
    assert_moved(&bench, &Moved { status: Some(101), head: Some(1.0), ..Moved::default() });
    let connect = Request::builder().method(Method::CONNECT).uri("host:443").body(Body::empty()).unwrap();
    play_request(&bench, connect, Plot::Answer(answer(&bench, 200, []))).await;
    let moved = bench.numbers.moved();
    assert!(moved.contains(&"http_requests_total{endpoint=/t,method=CONNECT,status=200} 1".to_owned()));
    assert!(!moved.iter().any(|line| line.starts_with("http_request_duration_seconds")), "{moved:?}");
}

#[tokio::test]
async fn panicked_without_a_head() {
    let bench = Bench::new();
    play(&bench, Plot::Panic).await;
    let expected = Moved { status: Some(500), duration: Some(1.0), error: Some("panic"), ..Moved::default() };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn panicked_and_answered_by_a_handler_inside() {
    let bench = Bench::new();
    let mut answered = answer(&bench, 500, whole());
    answered.extensions_mut().insert(PanicResponse);
    play(&bench, Plot::Answer(answered)).await;
    let expected = Moved {
        status: Some(500),
        duration: Some(3.0),
        head: Some(1.0),
        response_bytes: 5.0,
        error: Some("panic"),
        aborted: None,
    };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn panicked_in_the_body() {
    let bench = Bench::new();
    let steps = [Step::Data("abc"), Step::Wait(1), Step::Panic];
    play(&bench, Plot::Answer(answer(&bench, 200, steps))).await;
    let expected = Moved {
        status: Some(200),
        duration: Some(2.0),
        head: Some(1.0),
        response_bytes: 3.0,
        error: Some("panic"),
        aborted: Some("panic"),
    };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn body_error() {
    let bench = Bench::new();
    let steps = [Step::Data("abc"), Step::Wait(1), Step::Fail];
    play(&bench, Plot::Answer(answer(&bench, 200, steps))).await;
    let expected = Moved {
        status: Some(200),
        duration: Some(2.0),
        head: Some(1.0),
        response_bytes: 3.0,
        error: Some("body_error"),
        aborted: Some("body_error"),
    };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn body_dropped() {
    let bench = Bench::new();
    let steps = [Step::Data("abc"), Step::Wait(1), Step::Pending];
    play(&bench, Plot::Answer(answer(&bench, 200, steps))).await;
    let expected = Moved {
        status: Some(200),
        duration: Some(2.0),
        head: Some(1.0),
        response_bytes: 3.0,
        error: None,
        aborted: Some("body_dropped"),
    };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn service_error() {
    let bench = Bench::new();
    play(&bench, Plot::Fail).await;
    let expected = Moved { error: Some("service_error"), aborted: Some("service_error"), ..Moved::default() };
    assert_moved(&bench, &expected);
}

#[tokio::test]
async fn cancelled() {
    let bench = Bench::new();
    play(&bench, Plot::Hang).await;
    assert_moved(&bench, &Moved { aborted: Some("cancelled"), ..Moved::default() });
}

#[tokio::test]
async fn is_in_flight_until_the_last_byte() {
    let bench = Bench::new();
    let service = red(&bench).layer(service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Script::new([Step::Data("a"), Step::Pending, Step::Data("b")])))
    }));
    let future = service.clone().oneshot(request("/t"));
    let other = service.oneshot(request("/t"));
    let mut body = future.await.unwrap().into_body();
    let other = other.await.unwrap();
    bench.numbers.assert_in_flight(2.0);
    assert!(poll_once(pin!(body.frame())).is_ready());
    assert!(poll_once(pin!(body.frame())).is_pending());
    bench.numbers.assert_in_flight(2.0);
    drop(other);
    bench.numbers.assert_in_flight(1.0);
    assert!(poll_once(pin!(body.frame())).is_ready());
    assert!(poll_once(pin!(body.frame())).is_ready());
    bench.numbers.assert_in_flight(0.0);
}

#[tokio::test]
async fn sizes_are_those_that_flowed() {
    let bench = Bench::new();
    let parts = || Body::new(Script::new([Step::Data("abcd"), Step::Data("ef")]));
    let router = Router::new()
        .route("/all", post(async |body: Body| body.collect().await.unwrap().to_bytes()))
        .route(
            "/half",
            post(async |body: Body| {
                let mut body = body;
                body.frame().await.unwrap().unwrap();
            }),
        )
        .route("/none", post(async || "answer"))
        .route("/streamed", get(async || Body::new(Script::new([Step::Data("abc"), Step::Data("de")]))))
        .layer(bench.layer());
    let post = |path: &str, body: Body| Request::post(path).body(body).unwrap();
    let of = async |request: Request<Body>| {
        let label = format!("endpoint={},method={}", request.uri().path(), request.method());
        send(&router, request).await;
        let moved = bench.numbers.moved();
        let size = |metric: &str| {
            let prefix = format!("{metric}{{{label}}} ");
            moved.iter().find_map(|line| line.strip_prefix(&*prefix)).unwrap_or("none").to_owned()
        };
        (size("http_request_size_bytes"), size("http_response_size_bytes"))
    };
    let sizes = |request: &str, response: &str| (request.to_owned(), response.to_owned());
    assert_eq!(of(post("/all", Body::from("hello"))).await, sizes("[5.0]", "[5.0]"));
    assert_eq!(of(post("/all", parts())).await, sizes("[6.0]", "[6.0]"));
    assert_eq!(of(post("/all", Body::empty())).await, sizes("[0.0]", "[0.0]"));
    assert_eq!(of(post("/half", parts())).await, sizes("[4.0]", "[0.0]"));
    assert_eq!(of(post("/none", Body::from("unread"))).await, sizes("[0.0]", "[6.0]"));
    assert_eq!(of(request("/streamed")).await, sizes("[0.0]", "[5.0]"));
    // A HEAD has a length and no body.
    let head = Request::head("/streamed").body(Body::empty()).unwrap();
    assert_eq!(of(head).await, sizes("[0.0]", "[0.0]"));
}

/// Whether the duration and the time to head of an exchange were recorded, and with what status it was counted.
async fn stream(layer: impl Fn(&Bench) -> Router, request: Request<Body>) -> (bool, bool, bool) {
    let bench = Bench::new();
    let router = layer(&bench);
    send(&router, request).await;
    bench.numbers.assert_in_flight(0.0);
    let moved = bench.numbers.moved();
    drop(moved);
    let all = bench.numbers.all();
    let has = |metric: &str| {
        all.iter().any(|(series, number)| {
            series.starts_with(metric)
                && match number {
                    crate::harness::Number::Histogram(samples) => !samples.is_empty(),
                    crate::harness::Number::Counter(count) => *count > 0,
                    crate::harness::Number::Gauge(_) => false,
                }
        })
    };
    (has("http_requests_total"), has("http_response_head_seconds"), has("http_request_duration_seconds"))
}

const STREAM: (bool, bool, bool) = (true, true, false);
const NO_STREAM: (bool, bool, bool) = (true, true, true);

fn events(content_type: &'static str) -> Router {
    let events =
        async move || ([("content-type", content_type)], Body::new(Script::new([Step::Data("data: 1\n\n")])));
    Router::new().route("/events", get(events))
}

#[tokio::test]
async fn streams_stay_out_of_the_latency_histogram() {
    for content_type in ["text/event-stream", "text/event-stream; charset=utf-8", "Text/Event-Stream"] {
        let router = |bench: &Bench| events(content_type).layer(bench.layer());
        assert_eq!(stream(router, request("/events")).await, STREAM, "{content_type}");
    }
    let plain = |bench: &Bench| events("text/plain").layer(bench.layer());
    assert_eq!(stream(plain, request("/events")).await, NO_STREAM);
}

#[tokio::test]
async fn a_policy_says_what_is_a_stream() {
    let with = |content_type: &'static str, streaming: bool| {
        move |bench: &Bench| {
            let policy = RoutePolicy::new().streaming(streaming);
            events(content_type).layer(RouteLayer::new(policy)).layer(bench.layer())
        }
    };
    assert_eq!(stream(with("text/plain", true), request("/events")).await, STREAM);
    assert_eq!(stream(with("text/event-stream", false), request("/events")).await, NO_STREAM);

    let by_handler = |bench: &Bench| {
        let handler = async |context: RequestContext| {
            context.override_policy(|policy| policy.streaming(true));
        };
        Router::new().route("/", get(handler)).layer(bench.layer())
    };
    assert_eq!(stream(by_handler, request("/")).await, STREAM);

    let grpc_stream = |bench: &Bench| {
        let routes =
            Routes::new().with_grpc_streams(["shop.Orders/Watch"]).with_grpc_methods(["shop.Orders/Get"]);
        Router::new()
            .route("/shop.Orders/{*rest}", post(async || [("grpc-status", "0")]))
            .layer(bench.layer_of(Default::default(), &RedConfig::new(), routes))
    };
    assert_eq!(stream(grpc_stream, grpc("/shop.Orders/Watch")).await, STREAM);
    assert_eq!(stream(grpc_stream, grpc("/shop.Orders/Get")).await, NO_STREAM);
}

#[tokio::test]
async fn an_upgrade_is_a_stream() {
    let upgrade = |bench: &Bench| {
        Router::new().route("/ws", get(async || StatusCode::SWITCHING_PROTOCOLS)).layer(bench.layer())
    };
    assert_eq!(stream(upgrade, request("/ws")).await, STREAM);
}

#[tokio::test]
async fn the_handler_names_an_error_whatever_the_status() {
    let bench = Bench::new();
    let handler = async |context: RequestContext| {
        context.set_error_type("first_word");
        context.set_error_type("payment_declined");
    };
    let failing = async |context: RequestContext| {
        context.set_error_type("no_stock");
        StatusCode::SERVICE_UNAVAILABLE
    };
    let router = Router::new().route("/pay", get(handler)).route("/buy", get(failing)).layer(bench.layer());
    send(&router, request("/pay")).await;
    send(&router, request("/buy")).await;
    assert_eq!(
        bench.numbers.series("http_requests_errors_total"),
        [
            "endpoint=/buy,error_type=no_stock,method=GET",
            "endpoint=/pay,error_type=payment_declined,method=GET"
        ]
    );
    assert_eq!(bench.numbers.counter("http_requests_total{endpoint=/pay,method=GET,status=200}"), 1);
    assert_eq!(bench.seen.ended()[0].error.as_deref(), Some("payment_declined"));
}

#[tokio::test]
async fn a_grpc_call_counts_by_its_own_status() {
    let bench = Bench::new();
    let layer = bench.layer_of(
        Default::default(),
        &RedConfig::new(),
        Routes::new().with_grpc_methods(["/shop.Orders/Create"]),
    );
    // A status in the trailers after a message, one in the head, and none; the HTTP status is 200 throughout.
    let answer_of = |case: u8| {
        let mut response = Response::new(Script::new([]));
        match case {
            20 => {
                let grpc = HeaderValue::from_static("application/grpc");
                response.headers_mut().insert(header::CONTENT_TYPE, grpc);
            }
            14 | 0 => {
                *response.body_mut() = Script::new([Step::Data("m"), Step::Trailers(grpc_trailers(case))]);
            }
            in_head => *response.headers_mut() = grpc_trailers(in_head),
        }
        response
    };
    let cases: [(u8, Option<u8>, Option<&str>); 7] = [
        (0, Some(0), None),
        (14, Some(14), Some("UNAVAILABLE")),
        (5, Some(5), None),
        (3, Some(3), None),
        (13, Some(13), Some("INTERNAL")),
        (16, Some(16), None),
        // A call that is complete without a status is UNKNOWN to its client.
        (20, Some(2), Some("UNKNOWN")),
    ];
    for (case, status, error) in cases {
        let service = layer
            .layer(service_fn(|_: Request<Body>| std::future::ready(Ok::<_, Infallible>(answer_of(case)))));
        let response = service.oneshot(grpc("/shop.Orders/Create")).await.unwrap();
        response.into_body().collect().await.unwrap();
        let moved = bench.numbers.moved();
        let endpoint = "endpoint=/shop.Orders/Create";
        let requests = format!(
            "http_requests_total{{{endpoint},grpc_status={},method=POST,status=200}} 1",
            status.unwrap()
        );
        assert!(moved.contains(&requests), "{case}: {moved:?}");
        let errors: Vec<_> = moved.iter().filter(|line| line.contains("errors_total")).collect();
        match error {
            Some(name) => {
                let line =
                    format!("http_requests_errors_total{{{endpoint},error_type={name},method=POST}} 1");
                assert_eq!(errors, [&line], "{case}");
            }
            None => assert!(errors.is_empty(), "{case}: {errors:?}"),
        }
    }
}

#[tokio::test]
async fn a_header_of_grpc_means_nothing_to_plain_http() {
    let bench = Bench::new();
    let router = Router::new().route("/", get(async || [("grpc-status", "14")])).layer(bench.layer());
    send(&router, request("/")).await;
    assert_eq!(bench.numbers.series("http_requests_total"), ["endpoint=/,method=GET,status=200"]);
    assert!(bench.numbers.series("http_requests_errors_total").is_empty());
}

#[test]
fn work_that_is_not_http_is_recorded_by_hand() {
    let bench = Bench::new();
    let red = RedObserver::new(&RedConfig::new());
    let settings = bench.settings(Routes::new());
    red.record_request(&settings, &Method::POST, "mail", StatusCode::OK, Duration::from_millis(250));
    let expected = [
        "http_request_duration_seconds{endpoint=mail,method=POST} [0.25]",
        "http_requests_total{endpoint=mail,method=POST,status=200} 1",
    ];
    assert_eq!(bench.numbers.moved(), expected);
    red.record_request(&settings, &Method::POST, "mail", StatusCode::BAD_GATEWAY, Duration::from_secs(1));
    let expected = [
        "http_request_duration_seconds{endpoint=mail,method=POST} [1.0]",
        "http_requests_errors_total{endpoint=mail,error_type=502,method=POST} 1",
        "http_requests_total{endpoint=mail,method=POST,status=502} 1",
    ];
    assert_eq!(bench.numbers.moved(), expected);
    red.record_error(&settings, &Method::POST, "mail", "greylisted");
    assert_eq!(
        bench.numbers.moved(),
        ["http_requests_errors_total{endpoint=mail,error_type=greylisted,method=POST} 1"]
    );
    red.set_active_connections(&settings, 17);
    assert_eq!(bench.numbers.moved(), ["active_connections 17"]);
    bench.numbers.assert_in_flight(0.0);
}

#[tokio::test]
async fn bytes_of_a_response_do_not_depend_on_its_headers() {
    // An empty map and a wrong length: what counts is what went out.
    let bench = Bench::new();
    let service = red(&bench).layer(service_fn(|_: Request<Body>| async {
        let mut response = Response::new(http_body_util::Full::new(Bytes::from_static(b"12345")));
        *response.headers_mut() = HeaderMap::new();
        Ok::<_, Infallible>(response)
    }));
    service.oneshot(request("/t")).await.unwrap().into_body().collect().await.unwrap();
    assert_eq!(bench.numbers.samples("http_response_size_bytes{endpoint=/t,method=GET}"), [5.0]);
}
