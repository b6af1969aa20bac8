//! What is warned of, and that it is said once.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::routing::get;
use tower_watch_layers::context::ContextObserver;
use tower_watch_layers::red::RedConfig;
use tower_watch_layers::route::Routes;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use crate::harness::{Bench, get as request, send};

/// While there is a second subscriber, `tracing` asks all of them whether they want a callsite, and not only that of the thread
/// that meets it first, which in other tests has none.
static SECOND: OnceLock<Dispatch> = OnceLock::new();

/// Keeps the messages of all events.
#[derive(Clone, Default)]
struct Messages(Arc<Mutex<Vec<String>>>);

impl Messages {
    /// Keeps what this thread says as long as the guard is there.
    fn listen() -> (Self, DefaultGuard) {
        SECOND.get_or_init(|| Dispatch::new(NoSubscriber::new()));
        let messages = Self::default();
        (messages.clone(), tracing::subscriber::set_default(messages))
    }

    fn about(&self, what: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|message| message.contains(what)).count()
    }
}

impl Visit for Messages {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

impl Subscriber for Messages {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_layer_that_never_saw_a_route_says_where_it_belongs() {
    let (messages, _listening) = Messages::listen();
    let warned = || messages.about("no request so far has had a route");

    // From outside of a router no route is known.
    let bench = Bench::new();
    let outside = bench.layer_of(ContextObserver::new(), &RedConfig::new(), Routes::new());
    let app = tower::Layer::layer(&outside, Router::new().route("/", get(async || ())));
    for _ in 0..99 {
        tower::ServiceExt::oneshot(app.clone(), request("/")).await.unwrap();
    }
    assert_eq!(warned(), 0);
    for _ in 0..200 {
        tower::ServiceExt::oneshot(app.clone(), request("/")).await.unwrap();
    }
    assert_eq!(warned(), 1);

    // Where a route was ever matched, all else is a 404.
    let app = Router::new().route("/", get(async || ())).layer(Bench::new().layer());
    send(&app, request("/")).await;
    for _ in 0..300 {
        send(&app, request("/nowhere")).await;
    }
    assert_eq!(warned(), 1);
}

#[tokio::test]
async fn two_layers_that_count_the_same_say_so_once() {
    let (messages, _listening) = Messages::listen();
    let bench = Bench::new();
    let layer = bench.layer();
    let app = Router::new().route("/", get(async || ())).layer(layer.clone()).layer(layer);
    for _ in 0..3 {
        send(&app, request("/")).await;
    }
    assert_eq!(messages.about("two layers count the same requests"), 1);
}
