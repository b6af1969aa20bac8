//! The fake ingest endpoint, and a service that reports to it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower_watch::outgoing::HttpClient;
use tower_watch::telemetry::sentry::SentrySettings;
use tower_watch::telemetry::{Telemetry, TelemetryBuilder};
use tower_watch::{RouterExt, TenantPolicy, TraceConfig, Watch};
use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::layer::SubscriberExt;

/// Far more than anything here needs.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// While there is a second subscriber, `tracing` asks all of them whether they want a callsite, and not only that of the thread
/// that meets it first, which in other tests has none.
static SECOND: OnceLock<Dispatch> = OnceLock::new();

/// What the endpoint was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) auth: String,
    pub(crate) header: Value,
    /// Type and payload.
    pub(crate) items: Vec<(String, Value)>,
}

impl Sent {
    /// As payloads write it: without the dashes of the header.
    pub(crate) fn event_id(&self) -> String {
        self.header["event_id"].as_str().unwrap().replace('-', "")
    }
}

/// The endpoint: it answers with what it is told to.
#[derive(Clone)]
pub(crate) struct Ingest {
    pub(crate) addr: SocketAddr,
    sent: Arc<Mutex<Vec<Sent>>>,
    answer: Arc<Mutex<Answer>>,
}

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) hangs: bool,
}

impl Ingest {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let answer = Answer { status: StatusCode::OK, headers: Vec::new(), hangs: false };
        let ingest = Self {
            addr: listener.local_addr().unwrap(),
            sent: Arc::default(),
            answer: Arc::new(Mutex::new(answer)),
        };
        let own = ingest.clone();
        let app = Router::new().fallback(async move |uri: Uri, headers: HeaderMap, body: Bytes| {
            own.sent.lock().unwrap().push(read(&uri, &headers, &body));
            let answer = own.answer.lock().unwrap().clone();
            if answer.hangs {
                std::future::pending::<()>().await;
            }
            let mut response = Response::new(Body::from("{}"));
            *response.status_mut() = answer.status;
            for (name, value) in answer.headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        });
        tokio::spawn(async { axum::serve(listener, app).await });
        ingest
    }

    pub(crate) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn dsn(&self) -> String {
        format!("http://public@{}/42", self.addr)
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// All items of a type, in the order in which they came.
    pub(crate) fn items(&self, kind: &str) -> Vec<Value> {
        let items = self.sent().into_iter().flat_map(|sent| sent.items);
        items.filter(|(item, _)| item == kind).map(|(_, payload)| payload).collect()
    }

    /// The only item of a type.
    pub(crate) fn only(&self, kind: &str) -> Value {
        let mut items = self.items(kind);
        assert_eq!(items.len(), 1, "{items:#?}");
        items.remove(0)
    }
}

fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Sent {
    let mut lines = std::str::from_utf8(body).unwrap().lines();
    let header = serde_json::from_str(lines.next().unwrap()).unwrap();
    let mut items = Vec::new();
    while let Some(line) = lines.next() {
        let item: Value = serde_json::from_str(line).unwrap();
        let payload = serde_json::from_str(lines.next().unwrap()).unwrap();
        items.push((item["type"].as_str().unwrap().to_owned(), payload));
    }
    assert_eq!(headers["content-type"], "application/x-sentry-envelope");
    let auth = headers["x-sentry-auth"].to_str().unwrap().to_owned();
    Sent { path: uri.path().to_owned(), auth, header, items }
}

/// Sentry on this thread, and what is needed to stop it.
pub(crate) struct Reporting {
    pub(crate) telemetry: Telemetry,
    _subscriber: DefaultGuard,
}

pub(crate) fn settings(dsn: &str) -> SentrySettings {
    let client = HttpClient::builder().without_proxy().build().unwrap();
    SentrySettings::new().with_dsn(dsn).with_client(client).without_panic_hook()
}

impl Reporting {
    pub(crate) fn start(settings: SentrySettings) -> Self {
        Self::with(TelemetryBuilder::new().service("shop").sentry(settings))
    }

    pub(crate) fn with(builder: TelemetryBuilder) -> Self {
        let (layers, telemetry) = builder.start().unwrap();
        SECOND.get_or_init(|| Dispatch::new(NoSubscriber::new()));
        let subscriber = tracing_subscriber::registry().with(layers);
        Self { telemetry, _subscriber: tracing::subscriber::set_default(subscriber) }
    }

    /// Sends a request to a watched router, reads the answer to its end, and flushes.
    pub(crate) async fn ask(&self, app: Router, request: Request<Body>) -> StatusCode {
        self.ask_traced(app, request, TraceConfig::new()).await
    }

    pub(crate) async fn ask_traced(
        &self,
        app: Router,
        request: Request<Body>,
        traces: TraceConfig,
    ) -> StatusCode {
        first_watch();
        let builder = Watch::builder("shop")
            .tenant(TenantPolicy::default())
            .traces(traces)
            .telemetry(self.telemetry.clone());
        let watch = builder.without_admin().start().unwrap();
        let response = app.watched(&watch).oneshot(request).await.unwrap();
        let status = response.status();
        axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        status
    }

    pub(crate) async fn flushed(&self) -> bool {
        self.telemetry.flush(LONG).await
    }
}

/// The watch whose numbers are those of the process.
pub(crate) fn first_watch() -> &'static Watch {
    static FIRST: OnceLock<Watch> = OnceLock::new();
    FIRST.get_or_init(|| Watch::builder("first").without_admin().start().unwrap())
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path)
        .header("x-request-id", "request-1")
        .header("x-tenant-id", "acme")
        .body(Body::empty())
        .unwrap()
}
