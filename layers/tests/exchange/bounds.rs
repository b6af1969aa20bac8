//! What the middleware asks of a service, and what it keeps: no bound that nobody needs.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Debug;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::Request as AxumRequest;
use axum::middleware::{Next, from_fn};
use axum::routing::{get, get_service};
use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{Empty, Full};
use static_assertions::{assert_impl_all, assert_not_impl_any, assert_type_eq_all};
use tower::util::{ServiceExt, service_fn};
use tower::{Layer, Service, ServiceBuilder};
use tower_watch_layers::context::{ContextExchange, ContextLayer, ContextObserver, InContext};
use tower_watch_layers::observe::{Observe, ObserveBody, ObserveFuture, ObserveLayer};
use tower_watch_layers::red::{RedExchange, RedLayer, RedObserver};
use tower_watch_layers::testing::{RecordExchanges, Recording};

use crate::script::{Script, Scripted, Transport};

/// Neither `Send` nor `Sync`.
type OneThread = Rc<()>;
/// `Send`, but not `Sync`.
type NotSync = Cell<()>;

/// A body, or a future, that is what `T` is, and nothing else: no `Clone`, no `Debug`, no `Default`.
struct Plain<T>(PhantomData<T>);

impl<T> Body for Plain<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

impl<T> Future for Plain<T> {
    type Output = Result<Response<Plain<T>>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Ok(Response::new(Plain(PhantomData))))
    }
}

/// The same as a service.
impl<T, B> Service<Request<B>> for Plain<T> {
    type Response = Response<Plain<T>>;
    type Error = Infallible;
    type Future = Plain<T>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Plain<T> {
        Plain(PhantomData)
    }
}

// `Send` exactly when what is inside is.
assert_impl_all!(ObserveFuture<Plain<()>, Recording>: Send, Sync);
assert_impl_all!(ObserveFuture<Plain<NotSync>, Recording>: Send);
assert_impl_all!(ObserveFuture<Plain<()>, RedExchange>: Send);
assert_impl_all!(ObserveFuture<Plain<()>, (Option<ContextExchange>, Option<RedExchange>)>: Send);
assert_not_impl_any!(ObserveFuture<Plain<OneThread>, Recording>: Send, Sync);
assert_impl_all!(ObserveBody<Plain<()>, Recording>: Send, Sync, Body);
assert_impl_all!(ObserveBody<Plain<NotSync>, Recording>: Send);
assert_not_impl_any!(ObserveBody<Plain<NotSync>, Recording>: Sync);
assert_not_impl_any!(ObserveBody<Plain<OneThread>, Recording>: Send, Sync);
assert_impl_all!(InContext<Plain<()>>: Send);
assert_not_impl_any!(InContext<Plain<OneThread>>: Send);

// A service is `Clone`, `Send` and `Sync` exactly when the one inside is.
assert_impl_all!(Observe<(), RecordExchanges>: Clone, Send, Sync);
assert_not_impl_any!(Observe<Plain<()>, RecordExchanges>: Clone);
assert_impl_all!(Observe<NotSync, RedObserver>: Send, Clone);
assert_not_impl_any!(Observe<NotSync, RedObserver>: Sync);
assert_impl_all!(Observe<OneThread, ContextObserver>: Clone);
assert_not_impl_any!(Observe<OneThread, ContextObserver>: Send, Sync);
assert_impl_all!(Observe<Plain<()>, RecordExchanges>: Service<Request<()>>, Service<Request<AxumBody>>);
assert_impl_all!(Observe<Plain<OneThread>, RecordExchanges>: Service<Request<OneThread>>);
assert_impl_all!(ObserveLayer<RecordExchanges>: Clone, Send, Sync, Debug);
assert_impl_all!(RedLayer: Clone, Default, Send, Sync, Debug, Layer<Plain<OneThread>>);
assert_impl_all!(ContextLayer: Clone, Default, Send, Sync, Debug, Layer<Plain<OneThread>>);

// Everything that can be seen through is.
assert_type_eq_all!(
    <Observe<Scripted, RecordExchanges> as Service<Request<()>>>::Error,
    crate::script::Failure
);
assert_type_eq_all!(<Observe<Plain<()>, RecordExchanges> as Service<Request<()>>>::Error, Infallible);
assert_type_eq_all!(<ObserveBody<Full<Bytes>, Recording> as Body>::Error, Infallible);
assert_type_eq_all!(<ObserveBody<Full<Bytes>, Recording> as Body>::Data, Bytes);

/// A body that borrows.
struct Borrowing<'a>(Option<&'a str>);

/// What it sends: not `Bytes`, but made from them.
struct Text(Bytes);

impl From<Bytes> for Text {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl Buf for Text {
    fn remaining(&self) -> usize {
        self.0.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.0.chunk()
    }

    fn advance(&mut self, bytes: usize) {
        self.0.advance(bytes);
    }
}

impl Body for Borrowing<'_> {
    type Data = Text;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Text>, Infallible>>> {
        let text = self.0.take().map(|text| Ok(Frame::data(Text(Bytes::copy_from_slice(text.as_bytes())))));
        Poll::Ready(text)
    }
}

#[test]
fn a_service_and_its_body_may_borrow() {
    struct Greeter<'a>(&'a str);
    impl<'a> Service<Request<()>> for Greeter<'a> {
        type Response = Response<Borrowing<'a>>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<()>) -> Self::Future {
            ready(Ok(Response::new(Borrowing(Some(self.0)))))
        }
    }
    let text = String::from("hello");
    let record = RecordExchanges::new();
    let mut service = ObserveLayer::new(record.clone()).layer(Greeter(&text));
    assert_eq!(Transport::new().send(&mut service, Request::new(())).bytes, b"hello");
    assert_eq!(record.only().response_bytes, 5);
}

#[test]
fn one_thread_is_enough() {
    let shared = Rc::new(Cell::new(0));
    let counting = service_fn(|_: Request<OneThread>| {
        let shared = Rc::clone(&shared);
        async move {
            shared.set(shared.get() + 1);
            Ok::<_, Infallible>(Response::new(Plain::<OneThread>(PhantomData)))
        }
    });
    let mut service = RedLayer::default().layer(ContextLayer::default().layer(counting));
    Transport::new().send(&mut service, Request::new(Rc::new(())));
    assert_eq!(shared.get(), 1);
}

/// An observer and an exchange that are on one thread, and nothing but what the traits ask for.
#[test]
fn an_observer_need_not_be_send() {
    use tower_watch_layers::observe::{End, Exchange, Observer, Start};

    #[derive(Clone)]
    struct Count(Rc<Cell<usize>>);
    impl Observer for Count {
        type Exchange = Self;

        fn begin(&self, _: &mut Start<'_>) -> Option<Self> {
            Some(self.clone())
        }
    }
    impl Exchange for Count {
        fn end(self, _: &End<'_>) {
            self.0.set(self.0.get() + 1);
        }
    }
    let count = Count(Rc::default());
    let mut service = ObserveLayer::new(count.clone()).layer(Scripted::new(Script::respond(200, [])));
    Transport::new().send(&mut service, Request::new(()));
    assert_eq!(count.0.get(), 1);
}

async fn hello() -> &'static str {
    "hello"
}

async fn status(router: Router, path: &str) -> u16 {
    let request = Request::builder().uri(path).body(AxumBody::empty()).unwrap();
    router.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_request_body_keeps_its_type_for_from_fn() {
    async fn pass(request: AxumRequest, next: Next) -> axum::response::Response {
        next.run(request).await
    }
    let record = RecordExchanges::new();
    let stack = ServiceBuilder::new()
        .layer(ObserveLayer::new(record.clone()))
        .layer(from_fn(pass))
        .layer(ContextLayer::default())
        .layer(from_fn(pass))
        .layer(RedLayer::default())
        .layer(from_fn(pass));
    let router = Router::new().route("/", get(hello)).layer(stack);
    assert_eq!(status(router, "/").await, 200);
    assert_eq!(record.only().response_bytes, 0);
}

/// The places of axum in which a layer can stand, for any of ours.
macro_rules! stands_everywhere {
    ($name:ident, $layer:expr) => {
        #[tokio::test]
        async fn $name() {
            let layer = || $layer;
            let leaf = || Router::new().route("/", get(hello));
            assert_eq!(status(leaf().layer(layer()), "/").await, 200);
            assert_eq!(status(leaf().layer(layer()), "/nowhere").await, 404);
            assert_eq!(status(leaf().route_layer(layer()), "/").await, 200);
            assert_eq!(status(Router::new().route("/", get(hello).layer(layer())), "/").await, 200);
            assert_eq!(status(Router::new().route("/", get(hello).route_layer(layer())), "/").await, 200);
            let service = layer().layer(service_fn(|_: AxumRequest| async move {
                Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
            }));
            assert_eq!(status(Router::new().route_service("/", service.clone()), "/").await, 200);
            assert_eq!(status(Router::new().route("/", get_service(service.clone())), "/").await, 200);
            assert_eq!(status(Router::new().fallback_service(service.clone()), "/any").await, 200);
            assert_eq!(status(Router::new().fallback(hello).layer(layer()), "/any").await, 200);
            assert_eq!(
                status(Router::new().nest("/v1", leaf().layer(layer())).layer(layer()), "/v1").await,
                200
            );
            let nested = Router::new().nest_service("/v1", leaf().layer(layer())).layer(layer());
            assert_eq!(status(nested, "/v1").await, 200);
            assert_eq!(status(leaf().merge(Router::new().layer(layer())), "/").await, 200);
            // Around a whole router.
            let outside = layer().layer(leaf());
            let request = Request::new(AxumBody::empty());
            assert_eq!(outside.oneshot(request).await.unwrap().status().as_u16(), 200);
        }
    };
}

stands_everywhere!(context_layer_stands_everywhere, ContextLayer::default());
stands_everywhere!(red_layer_stands_everywhere, RedLayer::default());
stands_everywhere!(observe_layer_stands_everywhere, ObserveLayer::new(RecordExchanges::new()));
