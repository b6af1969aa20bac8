//! Who may come in.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use tower_watch::http::{Access, AccessToken, QueryApi};

use crate::filled::{Said, engine, registers, send};

fn guarded(access: Access) -> Router {
    let router = Router::new()
        .route("/metrics", get(async || "numbers"))
        .merge(QueryApi::new(engine(), registers()).router());
    access.with_open("/metrics").guard(router)
}

fn token() -> AccessToken {
    AccessToken::new("secret").unwrap()
}

async fn ask(access: Access, method: &str, path: &str, headers: &[(&str, &str)]) -> Said {
    let request =
        headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    send(guarded(access), request.body(Body::empty()).unwrap()).await
}

const QUERY: &str = "/api/v1/query?query=1";
const LOCAL: (&str, &str) = ("host", "localhost:9901");
const FOREIGN: (&str, &str) = ("host", "evil.example:9901");
const BEARER: (&str, &str) = ("authorization", "Bearer secret");
/// `anybody:secret`
const BASIC: (&str, &str) = ("authorization", "Basic YW55Ym9keTpzZWNyZXQ=");

#[tokio::test]
async fn who_may_come_in() {
    let wrong = ("authorization", "Bearer wrong");
    let (loopback, both, elsewhere) =
        (Access::loopback(), Access::loopback().with_token(token()), Access::token(token()));
    for (access, path, headers, status) in [
        (&loopback, QUERY, vec![LOCAL], 200),
        (&loopback, QUERY, vec![("host", "127.0.0.1:9901")], 200),
        (&loopback, QUERY, vec![("host", "[::1]:9901")], 200),
        (&loopback, QUERY, vec![LOCAL, wrong], 200),
        (&loopback, QUERY, vec![FOREIGN], 403),
        (&loopback, QUERY, vec![], 403),
        (&loopback, "/metrics", vec![FOREIGN], 403),
        (&loopback, "/nothing", vec![FOREIGN], 403),
        (&both, QUERY, vec![LOCAL], 401),
        (&both, QUERY, vec![LOCAL, BEARER], 200),
        (&both, QUERY, vec![FOREIGN, BEARER], 200),
        (&both, "/metrics", vec![LOCAL], 200),
        (&both, "/metrics", vec![FOREIGN], 403),
        (&both, "/metrics", vec![FOREIGN, BASIC], 200),
        (&elsewhere, QUERY, vec![FOREIGN], 401),
        (&elsewhere, QUERY, vec![LOCAL], 401),
        (&elsewhere, "/nothing", vec![FOREIGN], 401),
        (&elsewhere, "/metrics", vec![FOREIGN], 200),
        (&elsewhere, "/metrics/", vec![FOREIGN], 401),
        (&elsewhere, QUERY, vec![FOREIGN, BEARER], 200),
        (&elsewhere, QUERY, vec![BASIC], 200),
        (&elsewhere, QUERY, vec![("authorization", "bearer secret")], 200),
        (&elsewhere, QUERY, vec![("authorization", "bAsIc YW55Ym9keTpzZWNyZXQ=")], 200),
    ] {
        let said = ask(access.clone(), "GET", path, &headers).await;
        assert_eq!(said.status.as_u16(), status, "{access:?} {path} {headers:?}");
    }
}

#[tokio::test]
async fn credentials_that_are_none() {
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer secret2",
        "Bearer secret secret",
        "secret",
        "Digest secret",
        "Basic",
        "Basic secret",
        "Basic !!!!",
        // "secret", "secret:", "secret:other"
        "Basic c2VjcmV0",
        "Basic c2VjcmV0Og==",
        "Basic c2VjcmV0Om90aGVy",
    ] {
        let said = ask(Access::token(token()), "GET", QUERY, &[("authorization", value)]).await;
        assert_eq!(said.status, StatusCode::UNAUTHORIZED, "{value:?}");
        assert_eq!(said.error().0, "unauthorized");
        assert_eq!(said.headers[header::CONTENT_TYPE], "application/json");
        let challenges: Vec<_> = said.headers.get_all(header::WWW_AUTHENTICATE).iter().collect();
        assert_eq!(challenges.len(), 2, "{challenges:?}");
    }
}

/// A form on a stranger's page can be sent here, with the password that the browser remembers.
#[tokio::test]
async fn a_page_of_another_site_gets_nothing() {
    let (cross, own) = (("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-origin"));
    let origin = ("origin", "https://evil.example");
    for (access, credentials) in [(Access::loopback(), LOCAL), (Access::token(token()), BASIC)] {
        for (method, headers, status) in [
            ("POST", vec![LOCAL, credentials], 200),
            ("POST", vec![LOCAL, credentials, own], 200),
            ("POST", vec![LOCAL, credentials, cross], 403),
            ("POST", vec![LOCAL, credentials, cross, ("sec-fetch-mode", "navigate")], 403),
            ("POST", vec![LOCAL, credentials, origin], 403),
            ("POST", vec![LOCAL, credentials, ("origin", "null")], 403),
            ("GET", vec![LOCAL, credentials, cross, ("sec-fetch-mode", "no-cors")], 403),
            ("GET", vec![LOCAL, credentials, cross, ("sec-fetch-mode", "navigate")], 200),
        ] {
            let headers: Vec<_> = headers.into_iter().fold(Vec::new(), |mut all, header| {
                if !all.contains(&header) {
                    all.push(header);
                }
                all
            });
            let said = ask(access.clone(), method, QUERY, &headers).await;
            assert_eq!(said.status.as_u16(), status, "{method} {headers:?}");
        }
    }
    // No page can know a Bearer token that it was not given.
    let said = ask(Access::token(token()), "POST", QUERY, &[LOCAL, BEARER, cross, origin]).await;
    assert_eq!(said.status, StatusCode::OK);
    let said = ask(Access::loopback(), "POST", QUERY, &[LOCAL, BEARER, cross]).await;
    assert_eq!(said.status, StatusCode::FORBIDDEN, "a Bearer token where there is none proves nothing");
}

#[tokio::test]
async fn it_can_be_nested_into_the_application() {
    let api = Access::token(token()).guard(QueryApi::new(engine(), registers()).router());
    let app = || Router::new().route("/", get(async || "orders")).nest("/watch", api.clone());
    let ask = async |path: &str, token: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, token).body(Body::empty()).unwrap();
        send(app(), request).await
    };
    assert_eq!(ask("/", "").await.body, "orders");
    assert_eq!(ask("/watch/api/v1/query?query=1", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("/watch/api/v1/query?query=1", "Bearer secret").await.status, StatusCode::OK);
    assert_eq!(ask("/api/v1/query?query=1", "Bearer secret").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        ask("/other", "").await.status,
        StatusCode::NOT_FOUND,
        "the application's own fallback stays open"
    );
}
