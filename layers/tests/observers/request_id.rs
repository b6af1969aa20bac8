//! The id of a request: made or adopted, and where it is seen.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Request, Response};
use axum::routing::get;
use tower::{Layer, service_fn};
use tower_watch_layers::context::{
    ContextLayer, ContextObserver, PeerAddr, RequestContext, RequestIdPolicy, Trust,
};

use crate::harness::{self, Answer, get as request, get_with, send};

/// What the handler says: its header and its context's id.
async fn seen(context: RequestContext, request: Request<Body>) -> String {
    let header: Vec<_> = request
        .headers()
        .get_all("x-request-id")
        .iter()
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
        .collect();
    let current = RequestContext::current().unwrap();
    assert_eq!(current.request_id(), context.request_id());
    format!("{} {}", header.join(","), context.request_id().map_or("none", |id| id.as_str()))
}

fn router(policy: RequestIdPolicy) -> Router {
    Router::new()
        .route("/", get(seen))
        .layer(ContextLayer::new(ContextObserver::new().with_request_id(policy)))
}

/// The one id that the handler's header, its context and the response agree on.
#[track_caller]
fn agreed(answer: &Answer) -> String {
    let (header, context) = answer.body.split_once(' ').unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(header, context);
    assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    assert_eq!(answer.header("x-request-id"), context);
    context.to_owned()
}

#[track_caller]
fn assert_made(id: &str) {
    let uuid: uuid::Uuid = id.parse().unwrap_or_else(|_| panic!("not a UUID: {id:?}"));
    assert_eq!(uuid.get_version_num(), 7);
    assert_eq!(id, uuid.as_hyphenated().to_string());
}

#[tokio::test]
async fn is_made_when_absent_and_seen_everywhere() {
    let router = router(RequestIdPolicy::new());
    let first = agreed(&send(&router, request("/")).await);
    let second = agreed(&send(&router, request("/")).await);
    assert_made(&first);
    assert_made(&second);
    assert_ne!(first, second);
}

#[tokio::test]
async fn is_adopted_where_it_is_one_to_128_safe_characters() {
    let router = router(RequestIdPolicy::new().trust(Trust::always()));
    for id in ["a", "0", "-_.:/+=@~", "Root=1-67891233-abcdef012345678912345678", &"x".repeat(128)] {
        assert_eq!(agreed(&send(&router, get_with("/", "x-request-id", id)).await), id);
    }
}

#[tokio::test]
async fn is_made_anew_where_it_is_no_safe_text() {
    let router = router(RequestIdPolicy::new());
    let long = "x".repeat(129);
    let huge = "x".repeat(10_000);
    let bad: [&[u8]; 14] = [
        b"",
        long.as_bytes(),
        huge.as_bytes(),
        b"a b",
        b"a\tb",
        b"a%0d%0aSet-Cookie:x",
        b"<script>",
        b"\"quoted\"",
        b"a,b",
        b"a;b",
        b"{}",
        "größe".as_bytes(),
        b"\xff\xfe",
        b"a\\nb",
    ];
    for bad in bad {
        let id = agreed(&send(&router, get_with("/", "x-request-id", bad)).await);
        assert_made(&id);
    }
}

#[tokio::test]
async fn of_two_ids_neither_is_adopted_even_if_they_are_the_same() {
    let router = router(RequestIdPolicy::new());
    for (first, second) in [("a", "b"), ("a", "a"), ("a", "")] {
        let mut twice = get_with("/", "x-request-id", first);
        twice.headers_mut().append("x-request-id", HeaderValue::from_static(second));
        assert_made(&agreed(&send(&router, twice).await));
    }
}

#[tokio::test]
async fn is_always_made_where_nobody_is_trusted() {
    let router = router(RequestIdPolicy::new().trust(Trust::never()));
    assert_made(&agreed(&send(&router, get_with("/", "x-request-id", "theirs")).await));
}

/// Whether the id of a request from `peer` is adopted, told through axum or through our own extension.
async fn adopts(router: &Router, peer: &str) -> bool {
    let peer: SocketAddr = peer.parse().unwrap();
    let mut through_axum = get_with("/", "x-request-id", "theirs");
    through_axum.extensions_mut().insert(ConnectInfo(peer));
    let mut through_ours = get_with("/", "x-request-id", "theirs");
    through_ours.extensions_mut().insert(PeerAddr(peer));
    let axum = agreed(&send(router, through_axum).await) == "theirs";
    let ours = agreed(&send(router, through_ours).await) == "theirs";
    assert_eq!(axum, ours);
    axum
}

#[tokio::test]
async fn is_adopted_from_trusted_peers_only() {
    let trust = Trust::peers(["10.1.0.0/16", " 192.0.2.7 ", "fd00::/8"]).unwrap();
    let router = router(RequestIdPolicy::new().trust(trust));
    for trusted in ["10.1.2.3:5", "192.0.2.7:5", "[fd12::1]:5", "[::ffff:10.1.2.3]:5"] {
        assert!(adopts(&router, trusted).await, "{trusted}");
    }
    for stranger in ["10.2.0.1:5", "192.0.2.8:5", "[fe80::1]:5", "[::ffff:10.2.0.1]:5"] {
        assert!(!adopts(&router, stranger).await, "{stranger}");
    }
    // Where the peer is unknown nobody is trusted.
    assert_made(&agreed(&send(&router, get_with("/", "x-request-id", "theirs")).await));
}

#[tokio::test]
async fn the_peer_that_the_application_names_goes_before_the_connections() {
    let router = router(RequestIdPolicy::new().trust(Trust::peers(["10.0.0.0/8"]).unwrap()));
    let mut proxied = get_with("/", "x-request-id", "theirs");
    proxied.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 1))));
    proxied.extensions_mut().insert(PeerAddr(SocketAddr::from(([203, 0, 113, 1], 1))));
    assert_made(&agreed(&send(&router, proxied).await));
}

#[tokio::test]
async fn private_networks_are_the_ones_of_balancers() {
    let router = router(RequestIdPolicy::new().trust(Trust::private_networks()));
    for trusted in ["127.0.0.1:1", "10.9.9.9:1", "172.31.0.1:1", "192.168.1.1:1", "[::1]:1", "[fd00::1]:1"] {
        assert!(adopts(&router, trusted).await, "{trusted}");
    }
    for stranger in ["172.32.0.1:1", "11.0.0.1:1", "192.169.0.1:1", "[2001:db8::1]:1"] {
        assert!(!adopts(&router, stranger).await, "{stranger}");
    }
}

#[test]
fn a_network_that_is_none_is_refused_by_name() {
    for bad in ["", "10.0.0.0/33", "localhost", "fd00::/129", "10.0.0.0/8,10.1.0.0/16"] {
        let error = Trust::peers(["10.0.0.0/8", bad]).unwrap_err().to_string();
        assert!(error.contains(&format!("{bad:?}")), "{error}");
    }
}

#[tokio::test]
async fn travels_in_a_header_of_ones_own() {
    let name = HeaderName::from_static("x-correlation-id");
    let router = Router::new()
        .route(
            "/",
            get(async |request: Request<Body>| {
                let id = request.headers()["x-correlation-id"].to_str().unwrap().to_owned();
                assert!(!request.headers().contains_key("x-request-id"));
                id
            }),
        )
        .layer(ContextLayer::new(
            ContextObserver::new().with_request_id(RequestIdPolicy::new().header(name)),
        ));
    let answer = send(&router, get_with("/", "x-correlation-id", "abc")).await;
    assert_eq!((&*answer.body, answer.header("x-correlation-id")), ("abc", "abc"));
    assert!(!answer.headers.contains_key("x-request-id"));
    let answer = send(&router, request("/")).await;
    assert_made(&answer.body);
    assert_eq!(answer.header("x-correlation-id"), answer.body);
}

#[tokio::test]
async fn replaces_what_the_service_inside_answers_with() {
    let router = Router::new()
        .route("/", get(async || [("x-request-id", "inner"), ("x-other", "kept")]))
        .layer(ContextLayer::default());
    let answer = send(&router, get_with("/", "x-request-id", "outer")).await;
    let all: Vec<_> = answer.headers.get_all("x-request-id").iter().collect();
    assert_eq!(all, ["outer"]);
    assert_eq!(answer.header("x-other"), "kept");
}

#[tokio::test]
async fn without_ids_nothing_is_touched() {
    let router = Router::new()
        .route("/", get(seen))
        .layer(ContextLayer::new(ContextObserver::new().without_request_id()));
    let answer = send(&router, get_with("/", "x-request-id", "theirs")).await;
    assert_eq!(answer.body, "theirs none");
    assert!(!answer.headers.contains_key("x-request-id"));
    let answer = send(&router, request("/")).await;
    assert_eq!(answer.body, " none");
}

#[tokio::test]
async fn an_inner_layer_keeps_the_id_of_the_outer_one() {
    let router = Router::new().route("/", get(seen)).layer(ContextLayer::default()).layer(ContextLayer::new(
        ContextObserver::new().with_request_id(RequestIdPolicy::new().trust(Trust::never())),
    ));
    assert_made(&agreed(&send(&router, get_with("/", "x-request-id", "theirs")).await));
}

#[tokio::test]
async fn is_on_answers_that_no_handler_gave() {
    let bench = harness::Bench::new();
    let router = Router::new().route("/", axum::routing::post(async || ())).layer(bench.layer());
    for (path, status) in [("/", 405), ("/nowhere", 404)] {
        let answer = send(&router, get_with(path, "x-request-id", "abc")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("x-request-id"), "abc");
    }
    let ids: Vec<_> =
        bench.seen.ended().into_iter().map(|ended| ended.request_id.unwrap().to_string()).collect();
    assert_eq!(ids, ["abc", "abc"]);
}

#[tokio::test]
async fn a_handler_of_an_unobserved_request_can_say_so() {
    let missing: Router = Router::new().route("/", get(async |_: RequestContext| ()));
    assert_eq!(send(&missing, request("/")).await.status, 500);
    let optional: Router =
        Router::new().route("/", get(async |context: Option<RequestContext>| context.is_none().to_string()));
    assert_eq!(send(&optional, request("/")).await.body, "true");
}

/// http's map takes so many headers and no more; what has no place is left out.
#[tokio::test]
async fn has_no_place_where_the_service_filled_the_head() {
    let full = async |_: Request<Body>| {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        let name = |index: usize| HeaderName::try_from(format!("x-{index}")).unwrap();
        while headers.try_insert(name(headers.len()), HeaderValue::from_static("")).is_ok() {}
        Ok::<_, Infallible>(response)
    };
    let answer = send(&ContextLayer::default().layer(service_fn(full)), request("/")).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("x-request-id"));
}
