//! A service that answers with something else than a response of `http`.

use std::convert::Infallible;
use std::future::Ready;

use http::Request;
use tower::Service;
use tower::util::ServiceFn;
use tower_watch_layers::observe::Observe;
use tower_watch_layers::testing::RecordExchanges;

type Handler = ServiceFn<fn(Request<()>) -> Ready<Result<String, Infallible>>>;

fn is_service<S: Service<Request<()>>>() {}

fn main() {
    is_service::<Observe<Handler, RecordExchanges>>();
}
