//! Several watches in one process, and how long they live.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::routing::get;
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt};
use tower_watch::layers::observe::{End, Exchange, ObserveLayer, Observer, Outcome, Start};
use tower_watch::layers::red::RedLayer;
use tower_watch::testing::{RecordExchanges, Snapshot};
use tower_watch::{ContextExt, RequestContext, Watch, WatchLayer, Watched};

use crate::clients::{ask, get as ask_for, http1, request};
use crate::support::{Service, soon, until};

/// A handler that counts by itself, across a wait, and in a task that it spawns.
fn counting() -> Router {
    let orders = async || {
        metrics::counter!("orders_total").increment(1);
        tokio::task::yield_now().await;
        metrics::counter!("orders_total").increment(1);
        let spawned = async { metrics::counter!("spawned_total").increment(1) };
        tokio::spawn(spawned.in_context()).await.unwrap();
        "ordered"
    };
    Router::new().route("/orders", get(orders))
}

/// The same, and in a task that knows of no exchange.
fn counting_outside() -> Router {
    let count = async |request: Request, next: Next| {
        tokio::spawn(async { metrics::counter!("outside_total").increment(1) }).await.unwrap();
        next.run(request).await
    };
    counting().layer(from_fn(count))
}

fn own_and_ours(numbers: &Snapshot) -> [u64; 3] {
    ["orders_total", "spawned_total", "http_requests_total"].map(|name| numbers.counter(name, &[]))
}

/// The only test in this binary with a global watch: a process has one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_is_global_the_second_local_and_they_do_not_mix() {
    let first = Watch::builder("first").start().unwrap();
    let second = Watch::builder("second").start().unwrap();
    // An observer of one's own around a global watch's layer sees the same exchange.
    let around = RecordExchanges::new();
    let one =
        Service::start(counting_outside().layer(first.layer()).layer(ObserveLayer::new(around.clone())))
            .await;
    let two = Service::start(counting_outside().layer(second.layer())).await;
    let mut clients = JoinSet::new();
    for (service, requests) in [(&one, 20), (&two, 30), (&one, 20), (&two, 30)] {
        let addr = service.addr;
        clients.spawn(async move {
            let mut client = http1(addr).await;
            for _ in 0..requests {
                soon("the connection is ready", client.sender.ready()).await.unwrap();
                let answer = client.sender.send_request(request(addr, Method::GET, "/orders"));
                assert!(soon("an answer", answer).await.unwrap().status().is_success());
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    let counted = || (first.snapshot(), second.snapshot());
    until("both have counted", || {
        let (first, second) = counted();
        first.counter("http_requests_total", &[]) >= 40 && second.counter("http_requests_total", &[]) >= 60
    })
    .await;
    let (in_first, in_second) = counted();
    assert_eq!(own_and_ours(&in_first), [80, 40, 40]);
    assert_eq!(own_and_ours(&in_second), [120, 60, 60]);
    assert!(around.ended().iter().all(|exchange| exchange.request_id.is_some()), "the same exchange");
    // What is spawned without a context belongs to no exchange, so it goes to the process's recorder.
    assert_eq!(in_first.counter("outside_total", &[]), 100);
    assert_eq!(in_second.counter("outside_total", &[]), 0);

    // The global one inside the local one, as routes of its own and as a service that a handler calls.
    let calling = counting().layer(first.layer());
    let call = async move || ask_for(&calling, "/orders").await.1;
    let app = Router::new()
        .nest("/shop", counting().layer(first.layer()))
        .route("/call", get(call))
        .layer(second.layer());
    ask_for(&app, "/shop/orders").await;
    assert_eq!(own_and_ours(&first.snapshot()), [82, 41, 41]);
    assert_eq!(own_and_ours(&second.snapshot()), [120, 60, 61]);
    ask_for(&app, "/call").await;
    assert_eq!(own_and_ours(&first.snapshot()), [84, 42, 42]);
    assert_eq!(own_and_ours(&second.snapshot()), [120, 60, 62]);
    assert_eq!(first.snapshot().gauge("http_requests_in_flight", &[]), 0.0);
    // A RED layer without a recorder of its own around the global one's: one set of numbers, counted once.
    let twice = counting().layer(first.layer()).layer(RedLayer::default());
    ask_for(&twice, "/orders").await;
    assert_eq!(own_and_ours(&first.snapshot()), [86, 43, 43]);
}

#[tokio::test]
async fn local_ones_share_nothing() {
    let watches = ["one", "two", "three"].map(|name| Watch::builder(name).local().start().unwrap());
    for (watch, requests) in watches.iter().zip(1..) {
        let app = counting().layer(watch.layer());
        for _ in 0..requests {
            ask_for(&app, "/orders").await;
        }
    }
    for (watch, requests) in watches.iter().zip(1..) {
        assert_eq!(own_and_ours(&watch.snapshot()), [2 * requests, requests, requests]);
    }
    assert_eq!(watches.map(|watch| watch.service().to_owned()), ["one", "two", "three"]);
}

/// A local watch around the routes of another: each counts what it observes, and a handler's numbers reach the
/// inner one.
#[tokio::test]
async fn one_inside_another() {
    let [outer, inner] = ["outer", "inner"].map(|name| Watch::builder(name).local().start().unwrap());
    let app = Router::new().nest("/shop", counting().layer(inner.layer())).layer(outer.layer());
    ask_for(&app, "/shop/orders").await;
    ask_for(&app, "/elsewhere").await;
    assert_eq!(own_and_ours(&outer.snapshot()), [0, 0, 2]);
    assert_eq!(own_and_ours(&inner.snapshot()), [2, 1, 1]);
}

/// Put into one stack twice, a watch counts once; so does a RED layer of one's own inside, which has no recorder
/// but the one that the watch enters.
#[tokio::test]
async fn twice_in_one_stack_counts_once() {
    let watch = Watch::builder("twice").local().start().unwrap();
    let twice = counting().layer(watch.layer()).layer(watch.layer());
    ask_for(&twice, "/orders").await;
    assert_eq!(watch.snapshot().counter("http_requests_total", &[]), 1);
    let red_inside = counting().layer(RedLayer::default()).layer(watch.layer());
    ask_for(&red_inside, "/orders").await;
    assert_eq!(watch.snapshot().counter("http_requests_total", &[]), 2);
    assert_eq!(watch.snapshot().gauge("http_requests_in_flight", &[]), 0.0);
}

/// Counts the ends that it sees; what an application writes for itself.
#[derive(Clone, Default)]
struct CountIdentified(Arc<AtomicU64>);

impl Observer for CountIdentified {
    type Exchange = Self;

    fn begin(&self, _: &mut Start<'_>) -> Option<Self> {
        Some(self.clone())
    }
}

impl Exchange for CountIdentified {
    fn end(self, end: &End<'_>) {
        assert_eq!(end.outcome, Outcome::Complete);
        self.0.fetch_add(u64::from(end.slot.request_id().is_some()), Ordering::Relaxed);
    }
}

/// An observer of one's own inside the watch's layer looks at the same exchange, and does not hide it from the
/// handler.
#[tokio::test]
async fn an_observer_of_ones_own_inside_shares_the_exchange() {
    let watch = Watch::builder("own").local().start().unwrap();
    let observer = CountIdentified::default();
    let handler = async |context: RequestContext| context.request_id().map(ToString::to_string);
    let handler = async move |context| handler(context).await.unwrap_or_else(|| "no id".to_owned());
    let app = Router::new()
        .route("/", get(handler))
        .layer(ObserveLayer::new(observer.clone()))
        .layer(watch.layer());
    let (head, body) = ask_for(&app, "/").await;
    assert_eq!(head.headers["x-request-id"], body.as_str());
    assert_eq!(observer.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn layers_outlive_the_handle() {
    let (app, registers) = {
        let watch = Watch::builder("dropped").local().start().unwrap();
        let app = counting().layer(watch.layer()).merge(watch.router());
        (app, watch.registers().clone())
    };
    ask_for(&app, "/orders").await;
    let (_, exposition) = ask_for(&app, "/metrics").await;
    let line = r#"http_requests_total{endpoint="/orders",method="GET",status="200"} 1"#;
    assert!(exposition.lines().any(|found| found == line), "{exposition}");
    assert_eq!(own_and_ours(&registers.snapshot()), [2, 1, 1]);
}

/// Started without a runtime, and used in two, one after the other.
#[test]
fn starting_needs_no_runtime() {
    let watch = Watch::builder("early").local().start().unwrap();
    let app = counting().layer(watch.layer());
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(ask_for(&app, "/orders"));
    }
    assert_eq!(own_and_ours(&watch.snapshot()), [4, 2, 2]);
}

#[tokio::test]
async fn starting_works_inside_a_runtime_and_inside_a_request() {
    let watch = Watch::builder("late").local().start().unwrap();
    let start_another = async |request: Request, next: Next| {
        let another = Watch::builder("another").local().start().unwrap();
        let answer = next.run(request).await;
        assert_eq!(another.snapshot().series("http_requests_total").count(), 0);
        answer
    };
    let app = counting().layer(from_fn(start_another)).layer(watch.layer());
    let (head, _) = ask(&app, Request::get("/orders").body(Default::default()).unwrap()).await;
    assert!(head.status.is_success());
    assert_eq!(own_and_ours(&watch.snapshot()), [2, 1, 1]);
}

/// A struct can hold them, and a test says what they can do.
#[tokio::test]
async fn the_layer_and_its_service_have_names() {
    fn is_shared<T: Clone + Send + Sync + std::fmt::Debug + 'static>(of: T) -> T {
        of
    }
    struct Server {
        layer: WatchLayer,
        service: Watched<Router>,
    }
    let watch = is_shared(Watch::builder("named").local().start().unwrap());
    let layer = is_shared(watch.layer());
    let service = is_shared(layer.layer(counting()));
    let server = Server { layer, service };
    let again = server.layer.layer(counting());
    for service in [server.service, again] {
        let request = Request::get("/orders").body(axum::body::Body::empty()).unwrap();
        assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    }
}
