//! A whole stack at once.

use http::{HeaderName, header};
use tower::ServiceBuilder;
use tower::layer::util::{Identity, Stack};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::sensitive_headers::{SetSensitiveRequestHeadersLayer, SetSensitiveResponseHeadersLayer};
use tower_watch_layers::context::{RequestIdPolicy, Trust};
use tower_watch_layers::trace::TraceConfig;

use crate::watch::{AnswerPanic, WatchLayer};

/// What a service is run as; it decides the defaults, each of which the builder can change.
///
/// | | `Development` | `Production` | `Fleet` |
/// |---|---|---|---|
/// | request ids are adopted from | everybody | loopback and private networks | the same |
/// | traces are continued from | everybody | loopback and private networks; others are linked | the same |
/// | traces are sampled | all | a tenth | a tenth |
/// | a span shows | all but headers | the route's template | the same |
/// | a panic's answer says | what it said | the request id | the request id |
/// | the access log shows | the path as it came | its template | its template |
///
/// To know who is in a private network, the server must make the peer's address known: under axum, serve with
/// `into_make_service_with_connect_info::<SocketAddr>()`.
///
/// `Fleet` is for teams who have Prometheus: layers, exposition and health, and never an engine in the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preset {
    /// On a developer's machine.
    #[default]
    Development,
    /// Alone in production.
    Production,
    /// In production, beside a Prometheus.
    Fleet,
}

impl Preset {
    pub(crate) fn request_id(self) -> RequestIdPolicy {
        let trust = match self {
            Self::Development => Trust::always(),
            Self::Production | Self::Fleet => Trust::private_networks(),
        };
        RequestIdPolicy::new().trust(trust)
    }

    pub(crate) fn traces(self) -> TraceConfig {
        match self {
            Self::Development => TraceConfig::development(),
            Self::Production | Self::Fleet => TraceConfig::production(),
        }
    }

    fn answer_panic(self) -> AnswerPanic {
        match self {
            Self::Development => AnswerPanic::new().showing(),
            Self::Production | Self::Fleet => AnswerPanic::new(),
        }
    }

    pub(crate) fn service_builder(self, watch: WatchLayer) -> PresetBuilder {
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new(SENSITIVE_REQUEST))
            .layer(SetSensitiveResponseHeadersLayer::new([header::SET_COOKIE]))
            .layer(watch)
            .layer(CatchPanicLayer::custom(self.answer_panic()))
    }
}

/// Marked so that no `Debug` of a request prints them.
const SENSITIVE_REQUEST: [HeaderName; 3] =
    [header::AUTHORIZATION, header::PROXY_AUTHORIZATION, header::COOKIE];

/// The stack of a preset, from the outside in: sensitive headers are marked, the watch observes, panics are caught
/// and answered. More layers can be added to it; they go inside.
pub type PresetBuilder = ServiceBuilder<
    Stack<
        CatchPanicLayer<AnswerPanic>,
        Stack<
            WatchLayer,
            Stack<SetSensitiveResponseHeadersLayer, Stack<SetSensitiveRequestHeadersLayer, Identity>>,
        >,
    >,
>;
