//! What a client gets when a handler panics.

use std::any::Any;
use std::error::Error;
use std::fmt;

use http::{Response, StatusCode};
use tower_http::catch_panic::ResponseForPanic;
use tower_watch_layers::classify::GrpcStatus;
use tower_watch_layers::context::RequestContext;
use tower_watch_layers::observe::{PanicResponse, Refusal, RefusalBody, panic_message};

/// Answers a panic with a 500 as problem+json that carries the request id (gRPC: INTERNAL, trailers-only), and lets
/// the exchange around it end as a panic. For tower-http's
/// [`CatchPanicLayer::custom`](tower_http::catch_panic::CatchPanicLayer::custom), inside the observing layer.
///
/// What the panic said goes to the log; to the client only where [`showing`](Self::showing) was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnswerPanic {
    shows: bool,
}

impl AnswerPanic {
    /// Tells the client nothing but the request id.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells the client what the panic said: for development.
    #[must_use]
    pub fn showing(mut self) -> Self {
        self.shows = true;
        self
    }
}

impl ResponseForPanic for AnswerPanic {
    type ResponseBody = RefusalBody;

    fn response_for_panic(&mut self, payload: Box<dyn Any + Send + 'static>) -> Response<RefusalBody> {
        let message = panic_message(&*payload).to_owned();
        let context = RequestContext::current();
        let request_id = context.as_ref().and_then(RequestContext::request_id).map(ToString::to_string);
        // The error that was thrown, where it was one, and else the panic itself: a log line shows its causes.
        let thrown = payload.downcast_ref::<Box<dyn Error + Send + Sync>>();
        let panic = Panic(message.clone());
        let error: &(dyn Error + 'static) = thrown.map_or(&panic, |thrown| &**thrown);
        tracing::error!(request_id, panic = message, error, "a handler panicked");
        let detail: std::borrow::Cow<'static, str> = match self.shows {
            true => format!("the handler panicked: {message}").into(),
            false => "the service failed; tell its operators the request id".into(),
        };
        let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, GrpcStatus::INTERNAL, detail);
        let mut response = refusal.into_response(context.as_ref().map(RequestContext::slot));
        response.extensions_mut().insert(PanicResponse);
        response
    }
}

/// What a panic said, as an error.
#[derive(Debug)]
struct Panic(String);

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Panic {}
