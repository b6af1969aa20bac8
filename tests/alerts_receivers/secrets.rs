//! What must not be shown is shown nowhere.

use std::sync::Arc;
use std::time::Duration;

use tower_watch::alert::config::{Credentials, HttpConfig, Secret};
use tower_watch::alert::receivers::{
    AlertmanagerPush, Email, Heartbeat, IntoReceivers, PagerDuty, Receiver, Slack, Webhook,
};

use crate::alerts::firing;
use crate::peer::{Answer, Peer};

/// Each with a secret wherever one can be.
fn receivers(host: &str) -> Vec<Arc<dyn Receiver>> {
    let url = format!("http://user:s3cret@{host}/s3cret?s3cret");
    let config = HttpConfig::default().with_credentials(Credentials::bearer("s3cret"));
    let push = AlertmanagerPush::to([url.clone()]).http_config(config.clone()).into_receivers();
    let email = Email::to("a@example.com").from("b@example.com").smarthost(host).auth("user", "s3cret");
    let others: [Arc<dyn Receiver>; 5] = [
        Arc::new(
            Webhook::to(url.clone()).header("x-key", "s3cret").hmac("s3cret").http_config(config.clone()),
        ),
        Arc::new(Slack::webhook(url.clone()).http_config(config.clone())),
        Arc::new(PagerDuty::events("s3cret").url(url.clone()).http_config(config)),
        Arc::new(Heartbeat::ping(url)),
        Arc::new(email),
    ];
    push.into_iter().chain(others).collect()
}

#[tokio::test]
async fn no_secret_is_in_debug_in_a_reason_or_in_a_problem() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answers = [
        Answer::http("404 Not Found", "", "no page s3cret here"),
        Answer::http("500 Oops", "x: s3cret\r\n", "s3cret"),
        Answer::http("302 Found", "location: http://127.0.0.1/s3cret\r\n", "s3cret"),
        Answer::Close,
        Answer::Bytes(b"s3cret".to_vec()),
    ];
    let mut hosts = vec![closed.to_string(), "host.invalid:1".to_owned(), "s3cret s3cret".to_owned()];
    for answer in answers {
        hosts.push(Peer::start(answer).await.addr.to_string());
    }
    for host in &hosts {
        for receiver in receivers(host) {
            let place = format!("{} to {host}", receiver.kind());
            let debug = format!("{receiver:?}");
            let shown = match receiver.kind() {
                // Where mail goes is no secret, and a host with spaces is a secret of this test only.
                "email" if host.contains("s3cret") => continue,
                _ => debug,
            };
            assert!(!shown.contains("s3cret"), "{place}: {shown}");
            // A mail waits for a server that greets first, which none of these does.
            let told = tokio::time::timeout(Duration::from_millis(200), receiver.send(&firing("Down"))).await;
            let reason = match told {
                Ok(told) => told.unwrap_err().to_string(),
                Err(_) if receiver.kind() == "email" => continue,
                Err(_) => panic!("{place}: nothing yet"),
            };
            assert!(!reason.is_empty() && !reason.contains("s3cret"), "{place}: {reason}");
            let problems = receiver.check().err().unwrap_or_default().join("\n");
            assert!(!problems.contains("s3cret"), "{place}: {problems}");
        }
    }
}

#[tokio::test]
async fn a_secret_in_a_file_is_read_at_each_use() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("receivers-secret");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("url");
    let webhook = Webhook::to(Secret::file(&file));
    let _ = std::fs::remove_file(&file);
    let reason = webhook.send(&firing("Down")).await.unwrap_err();
    assert!(matches!(&reason, tower_watch::alert::receivers::SendError::Retry { .. }), "{reason:?}");
    let (one, two) = (Peer::ok().await, Peer::ok().await);
    for peer in [&one, &two] {
        std::fs::write(&file, format!("{}\n", peer.url("/hook"))).unwrap();
        webhook.send(&firing("Down")).await.unwrap();
    }
    assert_eq!((one.asked().len(), two.asked().len()), (1, 1));
}
