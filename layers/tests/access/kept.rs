//! A subscriber that keeps events, and a service to observe.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use tower_layer::Layer as _;
use tower_watch_layers::access::{AccessLog, AccessObserver};
use tower_watch_layers::clock::{Clock, FakeClock};
use tower_watch_layers::context::ContextObserver;
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// One event.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) is_root: bool,
    fields: BTreeMap<&'static str, String>,
}

impl Line {
    /// A field's text; empty where it has no value.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<Line>>>);

impl Kept {
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.0.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn only(&self) -> Line {
        let [line] = &self.lines()[..] else { panic!("not one line: {:#?}", self.lines()) };
        line.clone()
    }

    /// Runs `work` where events are kept.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        tracing::subscriber::with_default(tracing_subscriber::registry().with(self.clone()), work)
    }
}

impl<S: Subscriber> Layer<S> for Kept {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Fields(BTreeMap<&'static str, String>);
        impl Visit for Fields {
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0.insert(field.name(), value.to_owned());
            }

            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.insert(field.name(), format!("{value:?}"));
            }
        }
        let mut fields = Fields(BTreeMap::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(Line {
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            is_root: event.is_root(),
            fields: fields.0,
        });
    }
}

/// Observes with a request id and an access line.
pub(crate) fn layer(config: AccessLog) -> (ObserveLayer<(ContextObserver, AccessObserver)>, FakeClock) {
    let (clock, hand) = Clock::fake();
    let observers = (ContextObserver::default(), AccessObserver::new(config));
    (ObserveLayer::with_settings(observers, Settings::new().with_clock(clock)), hand)
}

/// Sends a request to a service that answers with this status after this time, and reads the answer to its end.
pub(crate) fn exchange(
    config: AccessLog,
    request: http::request::Builder,
    status: u16,
    after: Duration,
) -> Kept {
    let kept = Kept::default();
    kept.within(|| {
        let (layer, hand) = layer(config);
        let service = layer.layer(tower::service_fn(move |_: Request<Full<Bytes>>| {
            hand.advance(after);
            async move { Response::builder().status(status).body(Full::new(Bytes::from_static(b"answer"))) }
        }));
        block_on(async {
            let response = service.oneshot(request.body(Full::default()).unwrap()).await.unwrap();
            response.into_body().collect().await.unwrap();
        });
    });
    kept
}

pub(crate) fn block_on<R>(future: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
