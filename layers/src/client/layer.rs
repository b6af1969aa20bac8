//! The layer around a client.

use std::sync::Arc;

use tower_layer::Layer;

use crate::caught;
use crate::client::attempts::{Attempts, Earlier};
use crate::client::exchange::ClientExchange;
use crate::client::headers::{hand_on_identity, hand_on_trace};
use crate::client::numbers::Numbers;
use crate::client::server::Server;
use crate::client::{ClientConfig, span, url};
use crate::method::MethodIndex;
use crate::observe::{self, Observe, ObserveLayer, Observer, Settings, Start};
use crate::spans::{self, Placed};
use crate::w3c::{TraceContext, TraceId};

/// Watches requests that go out: a span, the trace handed on, numbers by host. See [`client`](crate::client).
///
/// Cost per request beyond the span: one allocation for what the exchange shares and one for `traceparent`, three readings of
/// the clock, and one update of each metric.
#[derive(Clone, Debug)]
pub struct ClientLayer {
    observe: ObserveLayer<ClientObserver>,
}

/// The service of [`ClientLayer`].
pub type Client<S> = Observe<S, ClientObserver>;

impl Default for ClientLayer {
    fn default() -> Self {
        Self::new(ClientConfig::default())
    }
}

impl ClientLayer {
    /// Records into the recorder of the exchange that a request is sent in, outside of any into the facade's.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self::with_settings(config, &Settings::new())
    }

    /// The same with the clock and the recorder of these settings. Their routes are of no matter: what goes out has none.
    #[must_use]
    pub fn with_settings(config: ClientConfig, settings: &Settings) -> Self {
        Self { observe: ObserveLayer::with_settings(ClientObserver::new(config), settings.outgoing()) }
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = Client<S>;

    fn layer(&self, inner: S) -> Client<S> {
        self.observe.layer(inner)
    }
}

/// Watches each request that goes out; see [`ClientLayer`].
#[derive(Clone, Debug)]
pub struct ClientObserver {
    core: Arc<Core>,
}

#[derive(Debug)]
struct Core {
    config: ClientConfig,
    numbers: Numbers,
}

impl ClientObserver {
    fn new(config: ClientConfig) -> Self {
        Self { core: Arc::new(Core { numbers: Numbers::new(&config), config }) }
    }
}

impl Core {
    /// Where the request is in its trace: below the span that it is sent in, or at the beginning of a new one.
    fn settle(&self) -> TraceContext {
        spans::current().map_or_else(
            || {
                let id = TraceId::random();
                let sampler = self.config.sampler.as_ref();
                let sampled =
                    sampler.is_none_or(|sampler| caught::ask("sampler", || sampler(id)).unwrap_or(false));
                TraceContext { trace_id: id, ..TraceContext::root(sampled) }
            },
            |around| around.child(),
        )
    }

    fn trace(&self, start: &mut Start<'_>) -> (TraceContext, tracing::Span) {
        let (head, protocol) = (start.head(), start.slot().protocol());
        let attempts = head.extensions.get::<Attempts>();
        let earlier = attempts.map_or_else(Earlier::default, Attempts::earlier);
        let placed = Placed { context: self.settle(), link: earlier.last, parent_is_remote: false };
        let server = Server::of(head, self.config.server.as_deref());
        let span = spans::placing(placed, || span::of(head, protocol, &server, earlier.count));
        if let Some(redaction) = self.config.url.as_ref().filter(|_| !span.is_disabled()) {
            span.record("url.full", url::redacted(&head.uri, redaction));
        }
        // A provider of the application's own may have given it other ids.
        let context = match placed.context.sampled && !span.is_disabled() {
            true => {
                spans::enter(Some(placed.context), || span.in_scope(spans::current)).unwrap_or(placed.context)
            }
            false => placed.context,
        };
        start.set_trace(context);
        (context, span)
    }
}

impl Observer for ClientObserver {
    type Exchange = ClientExchange;

    fn begin(&self, start: &mut Start<'_>) -> Option<ClientExchange> {
        let core = &*self.core;
        let around = observe::current();
        let traced = core.config.traces.then(|| core.trace(start));
        if let Some(attempts) = start.head().extensions.get::<Attempts>() {
            attempts.note(traced.as_ref().map(|(context, _)| *context));
        }
        let method = MethodIndex::of(&start.head().method);
        let server = Server::of(start.head(), core.config.server.as_deref());
        let is_trusted = core.config.trusts(server.host);
        let own = start.slot().recorder();
        let recorder = own.or_else(|| around.as_ref().and_then(|slot| slot.recorder()));
        let numbers = core.numbers.of(&server.label, recorder, start.slot().clock());
        let counted = numbers.map(|numbers| {
            let in_flight = numbers.begin(method);
            (numbers, in_flight)
        });
        let headers = &mut start.head_mut().headers;
        if let Some((context, _)) = traced.as_ref().filter(|_| core.config.propagation.trace_context) {
            hand_on_trace(headers, context, around.as_deref());
        }
        if let Some(around) = around.as_deref().filter(|_| is_trusted) {
            hand_on_identity(headers, &core.config, around);
        }
        Some(ClientExchange { traced, counted, method })
    }
}
