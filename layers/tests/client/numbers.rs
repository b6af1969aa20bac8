//! The metrics of requests that go out.

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;
use tower_layer::Layer;
use tower_watch_layers::client::{ClientConfig, ClientLayer};
use tower_watch_layers::observe::{ObserveLayer, Settings};
use tower_watch_layers::red::{RedConfig, RedObserver};

use crate::harness::{Fake, Numbers, get, handler, send};

fn layer(numbers: &Numbers, config: ClientConfig) -> ClientLayer {
    ClientLayer::with_settings(config, &Settings::new().with_recorder(numbers.recorder.clone()))
}

#[tokio::test]
async fn a_request_is_counted_by_host_and_status() {
    let numbers = Numbers::new();
    let client = layer(&numbers, ClientConfig::new()).layer(Fake::ok());
    for uri in ["http://Shop.Example/a", "http://shop.example:80/b", "http://shop.example:81/"] {
        send(client.clone(), get(uri)).await;
    }
    assert_eq!(
        numbers.moved(),
        [
            "http_client_request_duration_seconds{method=GET,host=shop.example,status=200} of 2",
            "http_client_request_duration_seconds{method=GET,host=shop.example:81,status=200} of 1",
            "http_client_requests_in_flight{method=GET,host=shop.example:81} 0",
            "http_client_requests_in_flight{method=GET,host=shop.example} 0",
            "http_client_requests_total{method=GET,host=shop.example,status=200} 2",
            "http_client_requests_total{method=GET,host=shop.example:81,status=200} 1",
        ]
    );
}

#[tokio::test]
async fn it_is_in_flight_until_its_body_was_read() {
    let numbers = Numbers::new();
    let client = layer(&numbers, ClientConfig::new()).layer(Fake::ok());
    let response = client.oneshot(get("http://a.example/")).await.unwrap();
    assert_eq!(numbers.moved(), ["http_client_requests_in_flight{method=GET,host=a.example} 1"]);
    response.into_body().collect().await.unwrap();
    assert!(
        numbers.moved().contains(&"http_client_requests_in_flight{method=GET,host=a.example} -1".to_owned())
    );
}

#[tokio::test]
async fn errors_are_named() {
    let numbers = Numbers::new();
    let layer = layer(&numbers, ClientConfig::new());
    let not_found = Fake::new(|| Response::builder().status(404).body(Full::default()).unwrap());
    send(layer.layer(not_found), get("http://a.example/")).await;
    let broken = tower::service_fn(async |_: Request<Full<bytes::Bytes>>| {
        Err::<Response<Full<bytes::Bytes>>, _>(std::io::Error::other("refused"))
    });
    layer.layer(broken).oneshot(get("http://a.example/")).await.unwrap_err();
    let moved = numbers.moved();
    for expected in [
        "http_client_requests_errors_total{method=GET,host=a.example,error_type=404} 1",
        "http_client_requests_errors_total{method=GET,host=a.example,error_type=service_error} 1",
        "http_client_requests_total{method=GET,host=a.example,status=404} 1",
        "http_client_requests_total{method=GET,host=a.example,status=none} 1",
        "http_client_requests_in_flight{method=GET,host=a.example} 0",
    ] {
        assert!(moved.iter().any(|line| line == expected), "{expected} is not in {moved:#?}");
    }
}

#[tokio::test]
async fn hosts_fall_under_a_cap_and_trusted_ones_do_not() {
    let numbers = Numbers::new();
    let config = ClientConfig::new().with_host_cap(2).with_trusted_host("own.internal").unwrap();
    let client = layer(&numbers, config).layer(Fake::ok());
    for index in 0..10 {
        send(client.clone(), get(&format!("http://h{index}.example/"))).await;
    }
    send(client, get("http://own.internal/")).await;
    let requests: Vec<_> = numbers
        .moved()
        .into_iter()
        .filter(|line| line.contains("requests_total") || line.contains("overflow"))
        .collect();
    assert_eq!(
        requests,
        [
            "http_client_requests_total{method=GET,host=_other,status=200} 8",
            "http_client_requests_total{method=GET,host=h0.example,status=200} 1",
            "http_client_requests_total{method=GET,host=h1.example,status=200} 1",
            "http_client_requests_total{method=GET,host=own.internal,status=200} 1",
            "tower_watch_label_overflow_total{label=host} 8",
        ]
    );
}

#[tokio::test]
async fn without_a_recorder_of_its_own_it_records_where_the_exchange_does() {
    let (first, second) = (Numbers::new(), Numbers::new());
    let client = ClientLayer::default().layer(Fake::ok());
    send(client.clone(), get("http://a.example/")).await;
    for numbers in [&first, &second] {
        let client = client.clone();
        let settings = Settings::new().with_recorder(numbers.recorder.clone());
        let server = ObserveLayer::with_settings(RedObserver::new(&RedConfig::new()), settings)
            .layer(handler(move || send(client.clone(), get("http://a.example/"))));
        send(server, get("/")).await;
        let sent = "http_client_requests_total{method=GET,host=a.example,status=200} 1".to_owned();
        let received =
            numbers.moved().into_iter().find(|line| line.starts_with("http_client_requests_total"));
        assert_eq!(received, Some(sent));
    }
}

#[tokio::test]
async fn a_client_is_not_counted_as_a_server() {
    let numbers = Numbers::new();
    let settings = || Settings::new().with_recorder(numbers.recorder.clone());
    let client = ClientLayer::with_settings(ClientConfig::new(), &settings()).layer(Fake::ok());
    let server = ObserveLayer::with_settings(RedObserver::new(&RedConfig::new()), settings()).layer(
        tower::service_fn(move |request: Request<Full<bytes::Bytes>>| {
            // A proxy: the extensions of the request that came in go out with it.
            let (mut head, body) = request.into_parts();
            head.uri = "http://a.example/".parse().unwrap();
            client.clone().oneshot(Request::from_parts(head, body))
        }),
    );
    send(server, get("/")).await;
    let counted: Vec<_> =
        numbers.moved().into_iter().filter(|line| line.contains("requests_total")).collect();
    assert_eq!(
        counted,
        [
            "http_client_requests_total{method=GET,host=a.example,status=200} 1",
            "http_requests_total{method=GET,endpoint=unmatched,status=200} 1",
        ]
    );
}
