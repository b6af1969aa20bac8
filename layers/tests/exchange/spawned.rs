//! Who can see the context of a request, and from where: handlers, nested calls, spawned tasks.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use metrics::counter;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::task::{JoinSet, yield_now};
use tower::util::{ServiceExt, service_fn};
use tower::{Layer, Service, ServiceBuilder};
use tower_watch_layers::SharedRecorder;
use tower_watch_layers::context::{
    ContextExt, ContextLayer, ContextObserver, RequestContext, RequestIdPolicy, Trust,
};
use tower_watch_layers::observe::Settings;
use tower_watch_layers::red::{RedConfig, RedLayer};

fn current_id() -> Option<String> {
    RequestContext::current()?.request_id().map(ToString::to_string)
}

/// A layer that adopts the ids of its callers.
fn layer(settings: Settings) -> ContextLayer {
    let policy = RequestIdPolicy::new().trust(Trust::always());
    ContextLayer::with_settings(ContextObserver::new().with_request_id(policy), settings)
}

fn request(id: &str) -> Request<()> {
    Request::builder().header("x-request-id", id).body(()).unwrap()
}

fn response(text: Option<String>) -> Response<Full<Bytes>> {
    Response::new(Full::from(text.unwrap_or_else(|| "none".to_owned())))
}

async fn send<S, B>(service: S, id: &str) -> String
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    let response = service.oneshot(request(id)).await.unwrap();
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_handler_has_its_context_before_and_after_each_await() {
    let handler = service_fn(|_: Request<()>| async move {
        let mut seen = vec![current_id()];
        for _ in 0..3 {
            yield_now().await;
            seen.push(current_id());
        }
        assert_eq!(seen, vec![Some("first".to_owned()); 4]);
        Ok::<_, Infallible>(response(current_id()))
    });
    assert_eq!(send(layer(Settings::new()).layer(handler), "first").await, "first");
    assert_eq!(current_id(), None);
}

#[tokio::test]
async fn a_nested_call_has_its_own_context_and_gives_back_the_outer_one() {
    let inner = layer(Settings::new()).layer(service_fn(|_: Request<()>| async move {
        yield_now().await;
        Ok::<_, Infallible>(response(current_id()))
    }));
    let outer = layer(Settings::new()).layer(service_fn(move |_: Request<()>| {
        let inner = inner.clone();
        async move {
            assert_eq!(current_id().as_deref(), Some("outer"));
            assert_eq!(send(inner, "inner").await, "inner");
            Ok::<_, Infallible>(response(current_id()))
        }
    }));
    assert_eq!(send(outer, "outer").await, "outer");
    assert_eq!(current_id(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spawned_task_has_the_context_it_was_given() {
    let handler = service_fn(|request: Request<()>| async move {
        let with = tokio::spawn(
            async {
                let before = current_id();
                yield_now().await;
                // Taken along once more.
                let grandchild = tokio::spawn(async { current_id() }.in_context()).await.unwrap();
                (before, current_id(), grandchild)
            }
            .in_context(),
        );
        let entered = RequestContext::of(request.extensions()).unwrap().enter(async { current_id() });
        let entered = tokio::spawn(entered).await.unwrap();
        let without = tokio::spawn(async { current_id() }).await.unwrap();
        let own = Some("parent".to_owned());
        assert_eq!(with.await.unwrap(), (own.clone(), own.clone(), own.clone()));
        assert_eq!(entered, own);
        assert_eq!(without, None);
        Ok::<_, Infallible>(response(current_id()))
    });
    assert_eq!(send(layer(Settings::new()).layer(handler), "parent").await, "parent");
    // Without a context there is none to take along, and that is no error.
    assert_eq!(tokio::spawn(async { current_id() }.in_context()).await.unwrap(), None);
}

#[tokio::test]
async fn a_task_that_outlives_its_exchange_keeps_the_context() {
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let (tell, told) = tokio::sync::oneshot::channel();
    let slots = std::sync::Mutex::new(Some((gone, tell)));
    let handler = service_fn(|_: Request<()>| {
        let (gone, tell) = slots.lock().unwrap().take().unwrap();
        tokio::spawn(
            async move {
                gone.await.unwrap();
                tell.send(current_id()).unwrap();
            }
            .in_context(),
        );
        async { Ok::<_, Infallible>(response(None)) }
    });
    send(layer(Settings::new()).layer(handler), "early").await;
    go.send(()).unwrap();
    assert_eq!(told.await.unwrap().as_deref(), Some("early"));
}

#[tokio::test]
async fn a_panic_in_a_wrapped_task_leaves_no_context_behind() {
    let handler = service_fn(|_: Request<()>| async move {
        let panics = async { std::panic::resume_unwind(Box::new("on purpose")) };
        assert!(tokio::spawn(panics.in_context()).await.unwrap_err().is_panic());
        Ok::<_, Infallible>(response(current_id()))
    });
    assert_eq!(send(layer(Settings::new()).layer(handler), "panicking").await, "panicking");
    // The runtime has this one thread.
    assert_eq!(tokio::spawn(async { current_id() }).await.unwrap(), None);
}

fn count(snapshotter: &Snapshotter, name: &str) -> u64 {
    let snapshot = snapshotter.snapshot().into_vec();
    let of_name = snapshot.into_iter().filter(|(key, ..)| key.key().name() == name);
    of_name.map(|(.., value)| if let DebugValue::Counter(count) = value { count } else { 0 }).sum()
}

fn recording() -> (Snapshotter, Settings) {
    let recorder = DebuggingRecorder::new();
    (recorder.snapshotter(), Settings::new().with_recorder(SharedRecorder::new(recorder)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_handler_and_its_tasks_count_reaches_the_recorder_of_the_layer() {
    let (snapshotter, settings) = recording();
    let handler = service_fn(|_: Request<()>| async move {
        counter!("seen").increment(1);
        yield_now().await;
        counter!("seen").increment(10);
        let task = async {
            counter!("seen").increment(100);
            yield_now().await;
            counter!("seen").increment(1_000);
        };
        tokio::spawn(task.in_context()).await.unwrap();
        // Nobody takes this one along, and there is no global recorder.
        tokio::spawn(async { counter!("seen").increment(10_000) }).await.unwrap();
        Ok::<_, Infallible>(response(None))
    });
    send(layer(settings).layer(handler), "counting").await;
    counter!("seen").increment(100_000);
    assert_eq!(count(&snapshotter, "seen"), 1_111);
}

#[tokio::test]
async fn of_two_recorders_in_one_stack_the_inner_one_gets_what_the_handler_counts() {
    let (outer, outer_settings) = recording();
    let (inner, inner_settings) = recording();
    let handler = service_fn(|_: Request<()>| async move {
        counter!("seen").increment(1);
        Ok::<_, Infallible>(response(None))
    });
    let stack = ServiceBuilder::new()
        .layer(RedLayer::with_settings(&RedConfig::new(), outer_settings))
        .layer(RedLayer::with_settings(&RedConfig::new(), inner_settings))
        .service(handler);
    send(stack, "counting").await;
    let counted = |snapshotter: &Snapshotter| {
        let snapshot = snapshotter.snapshot().into_vec();
        ["seen", "http_requests_total"].map(|name| snapshot.iter().any(|(key, ..)| key.key().name() == name))
    };
    // Both count the request: they record into different places.
    assert_eq!(counted(&outer), [false, true]);
    assert_eq!(counted(&inner), [true, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn contexts_of_concurrent_exchanges_never_mix() {
    const EXCHANGES: u64 = 200;
    let (snapshotter, settings) = recording();
    let handler = service_fn(|request: Request<()>| async move {
        let own = request.headers()["x-request-id"].to_str().unwrap().to_owned();
        let mut tasks = JoinSet::new();
        for _ in 0..3 {
            let own = own.clone();
            let work = async move {
                for _ in 0..10 {
                    assert_eq!(current_id().as_ref(), Some(&own));
                    yield_now().await;
                }
                counter!("work").increment(1);
            };
            tasks.spawn(work.in_context());
        }
        while let Some(done) = tasks.join_next().await {
            assert_eq!(current_id().as_ref(), Some(&own));
            done.unwrap();
        }
        Ok::<_, Infallible>(response(current_id()))
    });
    let service = Arc::new(layer(settings).layer(handler));
    let mut exchanges = JoinSet::new();
    for number in 0..EXCHANGES {
        let service = Arc::clone(&service);
        exchanges.spawn(async move {
            let id = format!("exchange-{number}");
            assert_eq!(send((*service).clone(), &id).await, id);
            assert_eq!(current_id(), None);
        });
    }
    while let Some(done) = exchanges.join_next().await {
        done.unwrap();
    }
    assert_eq!(count(&snapshotter, "work"), 3 * EXCHANGES);
}
