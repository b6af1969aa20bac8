//! A collector: OTLP over gRPC, and over HTTP as protobuf and JSON, gzip or not. It does with traces what it is told to, and
//! takes all log records and metrics.

use std::collections::VecDeque;
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// What the receiver does with one export.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// An HTTP status that is no success, with `Retry-After` in seconds.
    Status(u16, Option<u64>),
    /// A gRPC status that is not OK.
    Grpc(u16),
    /// It takes all but so many spans.
    Partial(i64),
    /// It never answers.
    Hang,
}

#[derive(Clone, Default)]
struct Shared {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    exports: Arc<Mutex<Vec<Export>>>,
    records: Arc<Mutex<Vec<LogRecord>>>,
}

/// One export that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    pub(crate) headers: HeaderMap,
    pub(crate) request: ExportTraceServiceRequest,
}

/// A collector that listens.
pub(crate) struct Receiver {
    address: SocketAddr,
    shared: Shared,
}

impl Receiver {
    /// Does this with the first exports, and takes all others.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let shared =
            Shared { replies: Arc::new(Mutex::new(replies.into_iter().collect())), ..Shared::default() };
        let app = Router::new()
            .route("/v1/traces", post(over_http))
            .route("/opentelemetry.proto.collector.trace.v1.TraceService/Export", post(over_grpc))
            .fallback(of_another_signal)
            .with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // On a thread of its own, so that a test that blocks its own does not hold up the collector.
        let listener = listener.into_std().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, app).await.unwrap();
            });
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn exports(&self) -> Vec<Export> {
        self.shared.exports.lock().unwrap().clone()
    }

    /// All spans that it took.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let exports = self.exports().into_iter();
        let resources = exports.flat_map(|export| export.request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }

    /// All log records that it took, over HTTP.
    pub(crate) fn records(&self) -> Vec<LogRecord> {
        self.shared.records.lock().unwrap().clone()
    }

    /// The span of this name.
    pub(crate) fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let names: Vec<&str> = spans.iter().map(|span| &*span.name).collect();
        spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("{name} among {names:?}"))
            .clone()
    }
}

/// The text of an attribute.
pub(crate) fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()?.value? {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(truth) => truth.to_string(),
        other => format!("{other:?}"),
    })
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

impl Shared {
    async fn reply(&self) -> Option<Reply> {
        let reply = self.replies.lock().unwrap().pop_front();
        if matches!(reply, Some(Reply::Hang)) {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
        }
        reply
    }

    fn take(&self, headers: HeaderMap, request: ExportTraceServiceRequest) {
        self.exports.lock().unwrap().push(Export { headers, request });
    }
}

fn answer(reply: Option<&Reply>) -> ExportTraceServiceResponse {
    let partial_success = match reply {
        Some(Reply::Partial(rejected_spans)) => Some(ExportTracePartialSuccess {
            rejected_spans: *rejected_spans,
            error_message: "too old".into(),
        }),
        _ => None,
    };
    ExportTraceServiceResponse { partial_success }
}

async fn over_http(State(shared): State<Shared>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut body = body.collect().await.unwrap().to_bytes().to_vec();
    let reply = shared.reply().await;
    if let Some(Reply::Status(status, retry_after)) = reply {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
        }
        return response;
    }
    if head.headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        body = unzipped(&body);
    }
    let is_json = head.headers["content-type"] == "application/json";
    let request = if is_json {
        serde_json::from_slice(&body).unwrap()
    } else {
        assert_eq!(head.headers["content-type"], "application/x-protobuf");
        ExportTraceServiceRequest::decode(&body[..]).unwrap()
    };
    shared.take(head.headers, request);
    let answer = answer(reply.as_ref());
    let body = if is_json { serde_json::to_vec(&answer).unwrap() } else { answer.encode_to_vec() };
    Response::new(Body::from(body))
}

async fn over_grpc(State(shared): State<Shared>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let framed = body.collect().await.unwrap().to_bytes();
    let reply = shared.reply().await;
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    if let Some(Reply::Grpc(code)) = reply {
        response.headers_mut().insert("grpc-status", HeaderValue::from(code));
        return response;
    }
    assert_eq!(head.headers["content-type"], "application/grpc");
    let message = if framed[0] == 1 { unzipped(&framed[5..]) } else { framed[5..].to_vec() };
    shared.take(head.headers, ExportTraceServiceRequest::decode(&message[..]).unwrap());
    in_frames(response, &answer(reply.as_ref()).encode_to_vec())
}

/// Log records and metrics, which nobody told it to refuse.
async fn of_another_signal(State(shared): State<Shared>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut body = body.collect().await.unwrap().to_bytes().to_vec();
    if head.headers.get("content-encoding").is_some_and(|encoding| encoding == "gzip") {
        body = unzipped(&body);
    }
    let content_type = head.headers["content-type"].clone();
    if head.uri.path() == "/v1/logs" {
        let request: ExportLogsServiceRequest = match content_type.to_str().unwrap() {
            "application/json" => serde_json::from_slice(&body).unwrap(),
            _ => Message::decode(&body[..]).unwrap(),
        };
        let scopes = request.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
        shared.records.lock().unwrap().extend(scopes.flat_map(|scope| scope.log_records));
    }
    let mut response = Response::new(Body::empty());
    let is_grpc = content_type == "application/grpc";
    response.headers_mut().insert("content-type", content_type);
    if is_grpc { in_frames(response, &[]) } else { response }
}

fn in_frames(response: Response<Body>, answer: &[u8]) -> Response<Body> {
    let mut framed = vec![0];
    framed.extend(u32::try_from(answer.len()).unwrap().to_be_bytes());
    framed.extend(answer);
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static("0"))]);
    let frames = [Frame::data(Bytes::from(framed)), Frame::trailers(trailers)];
    let frames = frames.map(Ok::<_, std::convert::Infallible>);
    response.map(|_| Body::new(StreamBody::new(stream::iter(frames))))
}
