//! A value that logs while it is formatted. On its own, because only the subscriber of the process can be entered again from
//! within, and only while no thread has one of its own.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use tower::util::service_fn;
use tower::{Layer, Service};
use tower_watch_layers::observe::{End, Exchange, ObserveLayer, Observer, Start};
use tower_watch_layers::ratio::Ratio;
use tower_watch_layers::recording::{FieldValue, Recording};
use tower_watch_layers::spans::SpanLayer;
use tower_watch_layers::trace::{Sampling, TraceConfig, TraceObserver};
use tracing::{info, info_span};
use tracing_subscriber::prelude::*;

/// Logs itself, and makes a span, while it is formatted.
struct Chatty;

impl fmt::Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!(again = ?self, "formatting");
        let _ = info_span!("formatting", again = ?self).entered();
        f.write_str("chatty")
    }
}

#[derive(Clone, Default)]
struct Record(Arc<Mutex<Option<Arc<Recording>>>>);

impl Observer for Record {
    type Exchange = Self;

    fn begin(&self, start: &mut Start<'_>) -> Option<Self> {
        start.slot().want_recording();
        Some(self.clone())
    }
}

impl Exchange for Record {
    fn end(self, end: &End<'_>) {
        *self.0.lock().unwrap() = end.slot.end_recording();
    }
}

#[test]
fn a_value_that_logs_itself_comes_to_an_end() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(SpanLayer::new())).unwrap();
    let trace = TraceConfig::new().with_sampling(Sampling::parent_based(Ratio::NONE));
    let record = Record::default();
    let layer = ObserveLayer::new((TraceObserver::new(trace), record.clone()));
    let mut service = layer.layer(service_fn(async |_: Request<()>| {
        let _ = info_span!("q", value = ?Chatty);
        info!(value = ?Chatty, "event");
        Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(service.call(Request::new(()))).poll(&mut context).is_ready());

    let recording = record.0.lock().unwrap().take().unwrap();
    let spans = recording.spans();
    assert_eq!(spans[0].fields, [("value", FieldValue::Text("chatty".into()))]);
    assert_eq!(recording.events().len(), 1);
    // What the value said in turn has its place, and was not looked at.
    assert_eq!(recording.dropped_events(), 2);
    assert_eq!(spans.iter().filter(|span| span.name == "formatting").count(), 2);
    assert_eq!(recording.dropped_fields(), 2);
}
