//! A service whose response has something for a body that is none.

use std::convert::Infallible;
use std::future::Ready;

use http::{Request, Response};
use tower::Service;
use tower::util::ServiceFn;
use tower_watch_layers::observe::Observe;
use tower_watch_layers::testing::RecordExchanges;

struct Text;

type Handler = ServiceFn<fn(Request<()>) -> Ready<Result<Response<Text>, Infallible>>>;

fn is_service<S: Service<Request<()>>>() {}

fn main() {
    is_service::<Observe<Handler, RecordExchanges>>();
}
