//! hyper 1 and a `tower::service_fn`, without axum: one layer, a function that names the endpoint, and a `/metrics`
//! of one's own. Speaks HTTP/1.1 and HTTP/2.
//!
//! ```text
//! cargo run --no-default-features --example hyper_only
//!
//! curl -i http://127.0.0.1:3000/users/7
//! curl -i http://127.0.0.1:3000/echo -d 'hello'
//! curl -i --http2-prior-knowledge http://127.0.0.1:3000/users/8
//! curl http://127.0.0.1:3000/metrics
//! ```

mod support;

use std::borrow::Cow;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower::ServiceBuilder;
use tower_watch::layers::observe::{CountRequestBodyLayer, CountedRequestBody};
use tower_watch::registers::Format;
use tower_watch::{PeerAddr, Preset, RequestContext, Watch};

#[tokio::main]
async fn main() -> support::Result {
    let builder = Watch::builder("users").preset(Preset::Production).route(endpoint);
    // Without the feature there is none.
    #[cfg(feature = "axum")]
    let builder = builder.admin(support::admin()?);
    let watch = builder.start()?;
    support::run(watch.admin_address(), |listener, stop| serve(listener, stop, watch), check).await
}

/// Names the template, never the path: each distinct text is a set of series.
fn endpoint(head: &Parts) -> Option<Cow<'_, str>> {
    match head.uri.path() {
        "/echo" => Some("/echo".into()),
        path if path.starts_with("/users/") => Some("/users/{id}".into()),
        _ => None,
    }
}

async fn serve(listener: TcpListener, mut stop: support::Stop, watch: Watch) -> io::Result<()> {
    let service = ServiceBuilder::new()
        .layer(watch.layer())
        // hyper's body is counted by a layer of its own; without it, the declared length stands in.
        .layer(CountRequestBodyLayer)
        .service_fn(move |request| answer(watch.clone(), request));

    let server = auto::Builder::new(TokioExecutor::new());
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly too many open files, which is not over at once.
                tracing::warn!(%error, "no connection was accepted");
                sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // In production, request ids are taken from private networks only, so somebody must say who is there.
        let of_this_peer = ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(PeerAddr(peer));
                request
            })
            .service(service.clone());
        let connection =
            server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(of_this_peer));
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, error, "a connection failed");
            }
        });
    }
    connections.shutdown().await;
    Ok(())
}

async fn answer(
    watch: Watch,
    request: Request<CountedRequestBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let response = match (&head.method, head.uri.path()) {
        (&Method::GET, "/metrics") => {
            respond(StatusCode::OK, Format::Text.content_type(), watch.registers().render(Format::Text))
        }
        (&Method::GET, path) if path.starts_with("/users/") => {
            let request_id = RequestContext::of(&head.extensions)
                .and_then(|context| context.request_id().map(ToString::to_string));
            let text = format!("a user, for request {}\n", request_id.unwrap_or_default());
            respond(StatusCode::OK, "text/plain", text)
        }
        (&Method::POST, "/echo") => match Limited::new(body, 1024 * 1024).collect().await {
            Ok(body) => respond(StatusCode::OK, "application/octet-stream", body.to_bytes()),
            Err(_) => respond(StatusCode::BAD_REQUEST, "text/plain", "too much, or broken off\n"),
        },
        _ => respond(StatusCode::NOT_FOUND, "text/plain", "there is nothing here\n"),
    };
    Ok(response)
}

fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

async fn check(app: support::Client) -> support::Result {
    let user = app.send(Request::get("/users/7").header("x-request-id", "abc-123"), "").await?;
    assert_eq!(user.text(), "a user, for request abc-123\n");
    assert_eq!(user.header("x-request-id"), "abc-123", "the peer is on a private network");
    let over_http2 = app.over_http2().get("/users/8").await?;
    assert_eq!((over_http2.version, over_http2.status), (http::Version::HTTP_2, StatusCode::OK));
    let echoed = app.send(Request::post("/echo"), "hello").await?;
    assert_eq!(echoed.text(), "hello");
    let too_much = app.send(Request::post("/echo"), vec![0; 1024 * 1024 + 1]).await?;
    assert_eq!(too_much.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.get("/nowhere").await?.status, StatusCode::NOT_FOUND);

    app.wait_for("http_requests_total", &[("endpoint", "/users/{id}"), ("status", "200")], 2.0).await?;
    app.wait_for("http_requests_total", &[("endpoint", "/echo"), ("status", "200")], 1.0).await?;
    app.wait_for("http_requests_total", &[("endpoint", "unmatched"), ("status", "404")], 1.0).await?;
    app.wait_for("http_requests_total", &[], 5.0).await?;
    app.wait_for("http_request_size_bytes_bucket", &[("endpoint", "/echo"), ("le", "+Inf")], 2.0).await
}
