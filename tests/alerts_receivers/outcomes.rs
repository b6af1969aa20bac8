//! What becomes of a message, by what the receiver answers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tower_watch::alert::receivers::{
    AlertmanagerPush, Heartbeat, IntoReceivers, PagerDuty, Receiver, SendError, Slack, Webhook,
};

use crate::alerts::firing;
use crate::peer::{Answer, Peer};
use crate::support::soon;

fn receivers(url: &str) -> Vec<Arc<dyn Receiver>> {
    let push = AlertmanagerPush::to([url]).into_receivers();
    let others: [Arc<dyn Receiver>; 4] = [
        Arc::new(Webhook::to(url)),
        Arc::new(Slack::webhook(url)),
        Arc::new(PagerDuty::events("key").url(url)),
        Arc::new(Heartbeat::ping(url)),
    ];
    push.into_iter().chain(others).collect()
}

async fn told(receiver: &dyn Receiver) -> String {
    match tokio::time::timeout(Duration::from_millis(300), receiver.send(&firing("Down"))).await {
        Ok(Ok(())) => "delivered".to_owned(),
        Ok(Err(SendError::Retry { after: None, .. })) => "retry".to_owned(),
        Ok(Err(SendError::Retry { after: Some(after), .. })) => format!("retry after {} s", after.as_secs()),
        Ok(Err(SendError::Refused { .. })) => "refused".to_owned(),
        Ok(Err(other)) => format!("{other:?}"),
        Err(_) => "nothing yet".to_owned(),
    }
}

#[tokio::test]
async fn every_answer_has_one_meaning() {
    let table = [
        ("200", Answer::http("200 OK", "", "ok"), "delivered"),
        ("202", Answer::http("202 Accepted", "", "{\"status\":\"success\"}"), "delivered"),
        ("204", Answer::http("204 No Content", "", ""), "delivered"),
        ("301", Answer::http("301 Moved", "location: http://127.0.0.1:9/\r\n", ""), "refused"),
        ("400", Answer::http("400 Bad Request", "", "no"), "refused"),
        ("401", Answer::http("401 Unauthorized", "", ""), "refused"),
        ("404", Answer::http("404 Not Found", "", "<html>"), "refused"),
        ("408", Answer::http("408 Request Timeout", "", ""), "retry"),
        ("429", Answer::http("429 Too Many Requests", "", ""), "retry"),
        ("429, 7 s", Answer::http("429 Too Many Requests", "retry-after: 7\r\n", ""), "retry after 7 s"),
        ("429, ?", Answer::http("429 Too Many Requests", "retry-after: soon\r\n", ""), "retry"),
        ("500", Answer::http("500 Internal Server Error", "", "oops"), "retry"),
        ("503, 30 s", Answer::http("503 Unavailable", "retry-after: 30\r\n", ""), "retry after 30 s"),
        ("hang", Answer::Hang, "nothing yet"),
        ("close", Answer::Close, "retry"),
        ("garbage", Answer::Bytes(b"\x16\x03\x01\x02garbage\r\n\r\n".to_vec()), "retry"),
        ("half", Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf".to_vec()), "retry"),
    ];
    for (name, answer, meaning) in table {
        let peer = Peer::start(answer).await;
        for receiver in receivers(&peer.url("/hook")) {
            assert_eq!(told(&*receiver).await, meaning, "{name}, {}", receiver.kind());
        }
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for receiver in receivers(&format!("http://{free}/")) {
        let error = soon("an answer", receiver.send(&firing("Down"))).await.unwrap_err();
        let SendError::Retry { reason, after: None } = error else { panic!("{error:?}") };
        assert!(reason.starts_with("no connection: "), "{reason}");
    }
}

#[tokio::test]
async fn a_date_says_when_as_well_as_seconds_do() {
    let at = httpdate(SystemTime::now() + Duration::from_secs(100));
    let peer = Peer::start(Answer::http("429 Slow", &format!("retry-after: {at}\r\n"), "")).await;
    let webhook = Webhook::to(peer.url("/"));
    let Err(SendError::Retry { after: Some(after), .. }) = webhook.send(&firing("Down")).await else {
        panic!()
    };
    assert!((90..=100).contains(&after.as_secs()), "{after:?}");
    let past = "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
    let peer = Peer::start(Answer::http("503 Later", past, "")).await;
    let webhook = Webhook::to(peer.url("/"));
    let Err(SendError::Retry { after, .. }) = webhook.send(&firing("Down")).await else { panic!() };
    assert_eq!(after, Some(Duration::ZERO));
}

/// As `date` writes it.
fn httpdate(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let said = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%a, %d %b %Y %H:%M:%S GMT"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Slack names its errors in the body, `chat.postMessage` even with 200.
#[tokio::test]
async fn what_slack_says_in_a_body_is_told() {
    for (status, body, told) in [
        (
            "404 Not Found",
            "channel_not_found",
            "Refused { reason: \"it answered 404: Slack says channel_not_found\" }",
        ),
        (
            "403 Forbidden",
            "action_prohibited",
            "Refused { reason: \"it answered 403: Slack says action_prohibited\" }",
        ),
        (
            "200 OK",
            "{\"ok\":false,\"error\":\"invalid_auth\"}",
            "Refused { reason: \"Slack says invalid_auth\" }",
        ),
        (
            "200 OK",
            "{\"ok\":false,\"error\":\"ratelimited\"}",
            "Retry { reason: \"Slack says ratelimited\", after: None }",
        ),
        (
            "500 Oops",
            "rollup_error",
            "Retry { reason: \"it answered 500: Slack says rollup_error\", after: None }",
        ),
        ("400 Bad", "<p>https://hooks.slack.com/s3cret</p>", "Refused { reason: \"it answered 400\" }"),
    ] {
        let peer = Peer::start(Answer::http(status, "", body)).await;
        let error = Slack::webhook(peer.url("/s3cret")).send(&firing("Down")).await.unwrap_err();
        assert_eq!(format!("{error:?}"), told, "{body}");
    }
    let fine = Peer::start(Answer::http("200 OK", "", "{\"ok\":true}")).await;
    assert_eq!(Slack::webhook(fine.url("/")).send(&firing("Down")).await, Ok(()));
}

#[tokio::test]
async fn what_pagerduty_dislikes_is_told_without_the_key() {
    let body = r#"{"status":"invalid event","errors":["'routing_key' k3y is\nunknown"]}"#;
    let peer = Peer::start(Answer::http("400 Bad Request", "", body)).await;
    let error = PagerDuty::events("k3y").url(peer.url("/")).send(&firing("Down")).await.unwrap_err();
    assert_eq!(error, SendError::refused("it answered 400: 'routing_key' <secret> is unknown"));
}
