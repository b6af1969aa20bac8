//! What a request that goes out costs, once its host, method and status have been met.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Empty;
use tower::{Service, service_fn};
use tower_layer::Layer;
use tower_watch_layers::client::{ClientConfig, ClientLayer};
use tower_watch_layers::observe::Settings;

use crate::harness::Numbers;

type Answer = Ready<Result<Response<Empty<Bytes>>, Infallible>>;

fn request() -> Request<()> {
    // Room for one more header, as every client adds some of its own.
    Request::get("http://shop.example:8080/").header("accept", "*/*").body(()).unwrap()
}

/// Sends one request, which is answered at once, to its end.
fn send<S, B>(client: &mut S, request: Request<()>)
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible>,
    B: Body,
{
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = pin!(client.call(request)).poll(&mut context) else {
        panic!("no answer")
    };
    assert!(response.body().is_end_stream());
}

#[test]
fn it_allocates_for_what_is_shared_and_for_the_header() {
    let answer = |_: Request<()>| -> Answer { ready(Ok(Response::new(Empty::new()))) };
    let numbers = Numbers::new();
    let settings = Settings::new().with_recorder(numbers.recorder.clone());
    let mut client = ClientLayer::with_settings(ClientConfig::new(), &settings).layer(service_fn(answer));
    for _ in 0..3 {
        send(&mut client, request());
    }
    let bare = request();
    let without = allocation_counter::measure(|| send(&mut service_fn(answer), bare)).count_total;
    // The recorder of the test keeps each sample in a list that grows now and then, so the best of several counts.
    let with = (0..5)
        .map(|_| {
            let watched = request();
            allocation_counter::measure(|| send(&mut client, watched)).count_total
        })
        .min()
        .unwrap();
    assert!(with - without <= 2, "{with} with, {without} without");
}
