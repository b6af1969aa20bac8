//! What is on the wire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tower_watch::alert::Status;
use tower_watch::alert::config::{Credentials, HttpConfig};
use tower_watch::alert::notify::Notice;
use tower_watch::alert::receivers::{
    AlertmanagerPush, Closure, Feed, FeedOf, Heartbeat, IntoReceivers, Log, PagerDuty, Receiver, SendError,
    Slack, Webhook,
};

use crate::alerts::{alert, firing, resolved};
use crate::peer::{Asked, Peer};

#[tokio::test]
async fn a_webhook_is_told_in_alertmanagers_words() {
    let peer = Peer::ok().await;
    let mut notification = firing("Down");
    notification.alerts.push(resolved("Slow").alerts.remove(0));
    let webhook = Webhook::to(peer.url("/hook?a=b")).header("X-Team", "shop");
    webhook.send(&notification).await.unwrap();
    let asked = peer.only();
    assert!(asked.head.starts_with("POST /hook?a=b HTTP/1.1\n"), "{}", asked.head);
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(asked.header("x-team"), Some("shop"));
    let common = json!({"instance": "orders-0", "service": "orders", "severity": "critical"});
    let labels = |name| json!({"alertname": name, "instance": "orders-0", "service": "orders", "severity": "critical"});
    let annotations = json!({"summary": "5 % of the requests fail"});
    let expected = json!({
        "receiver": "ops", "status": "firing",
        "alerts": [
            {"status": "firing", "labels": labels("Down"), "annotations": annotations,
             "startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "",
             "fingerprint": notification.alerts[0].alert.fingerprint().to_string()},
            {"status": "resolved", "labels": labels("Slow"), "annotations": annotations,
             "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:01:30Z", "generatorURL": "",
             "fingerprint": notification.alerts[1].alert.fingerprint().to_string()},
        ],
        "groupLabels": {}, "commonLabels": common, "commonAnnotations": annotations,
        "externalURL": "", "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0,
    });
    assert_eq!(asked.json(), expected);
}

#[tokio::test]
async fn a_webhook_tells_how_many_it_leaves_out() {
    let peer = Peer::ok().await;
    let mut notification = firing("A");
    for name in ["B", "C"] {
        notification.alerts.push(Notice::new(alert(name), Status::Firing));
    }
    Webhook::to(peer.url("/")).max_alerts(2).send(&notification).await.unwrap();
    let told = peer.only().json();
    assert_eq!(told["alerts"].as_array().unwrap().len(), 2);
    assert_eq!(told["truncatedAlerts"], 1);
}

#[tokio::test]
async fn a_signature_can_be_checked() {
    let peer = Peer::ok().await;
    Webhook::to(peer.url("/")).hmac("shared").send(&firing("Down")).await.unwrap();
    let asked = peer.only();
    let timestamp = asked.header("x-tower-watch-timestamp").unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(timestamp.parse().unwrap()) < 60, "{timestamp}");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"shared").unwrap();
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(&asked.body);
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(asked.header("x-tower-watch-signature"), Some(&*format!("sha256={expected}")));
}

#[tokio::test]
async fn credentials_come_from_the_url_or_from_the_configuration() {
    let peer = Peer::ok().await;
    let url = peer.url("/").replace("http://", "http://user:p%40ss@");
    Webhook::to(url.clone()).send(&firing("Down")).await.unwrap();
    let config = HttpConfig::default().with_credentials(Credentials::bearer("token"));
    Webhook::to(url).http_config(config).send(&firing("Down")).await.unwrap();
    let asked = peer.asked();
    assert_eq!(asked[0].header("authorization"), Some("Basic dXNlcjpwQHNz"));
    assert_eq!(asked[1].header("authorization"), Some("Bearer token"));
    assert_eq!(asked[0].header("host"), Some(&*peer.addr.to_string()));
}

#[tokio::test]
async fn an_alertmanager_gets_ends_ahead_and_a_thousand_at_a_time() {
    let (one, two) = (Peer::ok().await, Peer::ok().await);
    let push = AlertmanagerPush::to([one.url("/am/"), two.url("")]).every(Duration::from_secs(30));
    let replicas = push.into_receivers();
    assert_eq!(replicas.len(), 2);
    let feed = replicas[0].feed().unwrap();
    assert_eq!((feed.repeat, feed.of), (Duration::from_secs(30), FeedOf::All));
    let mut notification = firing("Down");
    for name in 0..1_500 {
        notification.alerts.push(Notice::new(alert(&format!("A{name}")), Status::Firing));
    }
    notification.alerts.push(resolved("Over").alerts.remove(0));
    for replica in &replicas {
        replica.send(&notification).await.unwrap();
    }
    let asked = one.asked();
    assert!(asked[0].head.starts_with("POST /am/api/v2/alerts HTTP/1.1\n"), "{}", asked[0].head);
    assert!(two.asked()[0].head.starts_with("POST /api/v2/alerts HTTP/1.1\n"));
    let alerts: Vec<_> = asked.iter().map(|asked| asked.json().as_array().unwrap().clone()).collect();
    assert_eq!(alerts.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 502]);
    // Put together a minute after the start, and said again every 30 s: the end is two minutes ahead.
    assert_eq!(alerts[0][0]["startsAt"], "2026-01-01T00:00:00Z");
    assert_eq!(alerts[0][0]["endsAt"], "2026-01-01T00:03:00Z");
    assert_eq!(alerts[0][0]["labels"]["alertname"], "Down");
    assert_eq!(alerts[1][501]["endsAt"], "2026-01-01T00:01:30Z");
}

#[tokio::test]
async fn a_heartbeat_is_a_get_while_the_watchdog_fires() {
    let peer = Peer::ok().await;
    let heartbeat = Heartbeat::ping(peer.url("/uuid")).every(Duration::from_secs(10));
    let feed = heartbeat.feed().unwrap();
    assert_eq!((feed.repeat, feed.of), (Duration::from_secs(10), FeedOf::Named("Watchdog".to_owned())));
    heartbeat.send(&firing("Watchdog")).await.unwrap();
    heartbeat.send(&resolved("Watchdog")).await.unwrap();
    assert!(peer.only().head.starts_with("GET /uuid HTTP/1.1\n"), "{}", peer.only().head);
}

#[tokio::test]
async fn pagerduty_opens_acknowledges_and_closes_one_incident() {
    let peer = Peer::ok().await;
    let pagerduty = PagerDuty::events("key").url(peer.url("/v2/enqueue"));
    assert!(pagerduty.takes_single_alerts());
    let mut there = firing("Down");
    there.instance = Some("orders-0".into());
    there.external_url = "https://watch.example/".into();
    pagerduty.send(&there).await.unwrap();
    pagerduty.acknowledge(&there).await.unwrap();
    let mut over = resolved("Down");
    over.instance = Some("orders-0".into());
    pagerduty.send(&over).await.unwrap();
    let told: Vec<_> = peer.asked().iter().map(Asked::json).collect();
    let key = format!("{}/orders-0", there.alerts[0].alert.fingerprint());
    assert_eq!(
        told[0],
        json!({
            "routing_key": "key", "event_action": "trigger", "dedup_key": key,
            "client": "tower-watch", "client_url": "https://watch.example/",
            "payload": {
                "summary": "Down (orders): 5 % of the requests fail", "source": "orders-0",
                "severity": "critical", "timestamp": "2026-01-01T00:00:00Z",
                "custom_details": {
                    "labels": {"alertname": "Down", "instance": "orders-0", "service": "orders", "severity": "critical"},
                    "annotations": {"summary": "5 % of the requests fail"},
                },
            },
        })
    );
    assert_eq!(told[1], json!({"routing_key": "key", "event_action": "acknowledge", "dedup_key": key}));
    assert_eq!(told[2], json!({"routing_key": "key", "event_action": "resolve", "dedup_key": key}));
}

#[tokio::test]
async fn slack_shows_severity_source_and_since() {
    let peer = Peer::ok().await;
    let slack = Slack::webhook(peer.url("/services/x")).channel("#ops");
    assert_eq!(slack.pace(), Some(Duration::from_secs(1)));
    slack.send(&firing("Down")).await.unwrap();
    slack.send(&resolved("Down")).await.unwrap();
    let told: Vec<_> = peer.asked().iter().map(Asked::json).collect();
    assert_eq!(told[0]["channel"], "#ops");
    let there = &told[0]["attachments"][0];
    assert_eq!(there["color"], "#a30200");
    assert_eq!(there["title"], "[CRITICAL] Down (orders)");
    assert_eq!(there["text"], "5 % of the requests fail");
    assert_eq!(there["fallback"], "[CRITICAL] Down (orders): 5 % of the requests fail");
    let since = "<!date^1767225600^{date_short_pretty} {time_secs}|2026-01-01T00:00:00Z>";
    assert_eq!(
        there["fields"],
        json!([
            {"title": "Severity", "value": "critical", "short": true},
            {"title": "Source", "value": "orders / orders-0", "short": true},
            {"title": "Since", "value": since, "short": true},
        ])
    );
    let over = &told[1]["attachments"][0];
    assert_eq!((&over["color"], &over["title"]), (&json!("#2eb67d"), &json!("[RESOLVED] Down (orders)")));
}

#[tokio::test]
async fn what_strangers_write_does_nothing_in_slack() {
    let peer = Peer::ok().await;
    let mut notification = firing("Down");
    let hostile = alert("<!channel>")
        .label("path", "<https://evil.example|your bank> @here")
        .annotate("summary", "<!here> & <@U1>")
        .annotate("runbook_url", "javascript:alert(1)");
    notification.alerts = vec![Notice::new(hostile, Status::Firing)];
    Slack::webhook(peer.url("/")).send(&notification).await.unwrap();
    let body = String::from_utf8(peer.only().body).unwrap();
    for bad in ["<!channel", "<!here", "<@U1", "<https://evil", "@here", "javascript:"] {
        assert!(!body.contains(bad), "{bad}: {body}");
    }
    assert!(body.contains("&lt;!here&gt; &amp; "), "{body}");
}

#[tokio::test]
async fn closures_are_called_and_may_fail_block_and_panic() {
    let (sender, told) = std::sync::mpsc::channel();
    let closure = Closure::new(move |notification| sender.send(notification.alerts.len()).unwrap());
    closure.send(&firing("Down")).await.unwrap();
    assert_eq!(told.try_recv(), Ok(1));
    let fails = Closure::new_async(|_| async { Err(SendError::refused("no")) });
    assert_eq!(fails.send(&firing("Down")).await, Err(SendError::refused("no")));
    let panics = Closure::new(|_| panic!("on purpose"));
    assert_eq!(panics.send(&firing("Down")).await, Err(SendError::retry("the closure panicked")));
    // A closure that blocks does not hold up whoever waits beside it on the same thread.
    let (release, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let blocks = Closure::new(move |_| wait.lock().unwrap().recv().unwrap());
    let down = firing("Down");
    let (outcome, ()) = tokio::join!(blocks.send(&down), async { release.send(()).unwrap() });
    assert_eq!(outcome, Ok(()));
}

#[test]
fn settings_that_cannot_work_are_told_before_anything_is_sent() {
    let problems = |receiver: &dyn Receiver| receiver.check().unwrap_err().join("\n");
    let webhook = Webhook::to("hooks.example.com/x").header("bad name", "x").header("x", "a\nb");
    assert_eq!(
        problems(&webhook),
        "\"bad name\" is no name of a header\nthe value of the header x cannot be sent\n\
         url: it is no URL; give one as in https://example.com/path"
    );
    let slack = Slack::webhook("https://a/").field("", "x");
    assert_eq!(problems(&slack), "fields[0].title is missing; add it, or remove the field");
    let told = problems(&PagerDuty::events(" "));
    assert_eq!(told, "routing_key is empty; write the key of an integration \"Events API v2\"");
    let told = problems(&Heartbeat::ping("https://a/").every(Duration::ZERO));
    assert_eq!(told, "a heartbeat every 0 s; give a time");
    for fine in [&Log::new() as &dyn Receiver, &Slack::webhook("https://a/"), &Webhook::to("http://a")] {
        assert_eq!(fine.check(), Ok(()));
    }
    assert_eq!(Feed::of_all(Duration::from_secs(1)).of, FeedOf::All);
}

#[tokio::test]
async fn what_is_too_long_is_cut_before_it_is_refused() {
    let peer = Peer::ok().await;
    let long = alert("Down").annotate("summary", "ü".repeat(3_000)).annotate("log", "x".repeat(600_000));
    let mut notification = firing("Down");
    notification.alerts = vec![Notice::new(long, Status::Firing)];
    PagerDuty::events("key").url(peer.url("/")).send(&notification).await.unwrap();
    let title = "t".repeat(2_000);
    let text = "x".repeat(20_000);
    Slack::webhook(peer.url("/")).title(&title).text(&text).send(&notification).await.unwrap();
    let asked = peer.asked();
    assert!(asked[0].body.len() < 512 * 1024, "{}", asked[0].body.len());
    let event = asked[0].json();
    let summary = event["payload"]["summary"].as_str().unwrap();
    assert!(summary.chars().count() == 1_024 && summary.ends_with('…'), "{summary}");
    let details = event["payload"]["custom_details"]["details"].as_str().unwrap();
    assert!(details.starts_with("left out: the event has 6"), "{details}");
    let attachment = asked[1].json()["attachments"][0].clone();
    assert_eq!(attachment["title"].as_str().unwrap().chars().count(), 1_024);
    assert_eq!(attachment["text"].as_str().unwrap().chars().count(), 8_000);
}

#[tokio::test]
async fn a_long_list_of_alerts_is_told_in_part_and_counted() {
    let peer = Peer::ok().await;
    let mut notification = firing("A");
    for index in 0..30 {
        notification.alerts.push(Notice::new(alert("B").label("index", index.to_string()), Status::Firing));
    }
    Slack::webhook(peer.url("/")).send(&notification).await.unwrap();
    let attachment = peer.only().json()["attachments"][0].clone();
    assert_eq!(attachment["title"], "[CRITICAL] A and 30 more (orders)");
    let text = attachment["text"].as_str().unwrap();
    assert_eq!(text.lines().count(), 11, "{text}");
    assert!(text.starts_with("• *A*: 5 % of the requests fail\n• *B* (index=0): 5 %"), "{text}");
    assert!(text.ends_with("\nand 21 more"), "{text}");
}

#[tokio::test]
async fn a_template_that_fails_is_told_at_the_start_and_in_its_place() {
    let peer = Peer::ok().await;
    let slack =
        Slack::webhook(peer.url("/")).title("{{ .Status | toUpper }}").text("{{ .Status | noSuchThing }}");
    let problems = slack.check().unwrap_err();
    assert!(problems.len() == 1 && problems[0].starts_with("text: 1:"), "{problems:?}");
    slack.send(&firing("Down")).await.unwrap();
    let attachment = peer.only().json()["attachments"][0].clone();
    assert_eq!(attachment["title"], "FIRING");
    let text = attachment["text"].as_str().unwrap();
    assert!(text.starts_with("(the template of text failed at 1:") && text.contains("noSuchThing"), "{text}");
}

#[tokio::test]
async fn pagerduty_gets_one_of_its_four_levels_whatever_the_severity() {
    let peer = Peer::ok().await;
    let pagerduty = PagerDuty::events("key").url(peer.url("/"));
    let severities = ["critical", "high", "warning", "medium", "low", "info", "page", "CRITICAL", ""];
    for severity in severities {
        let mut notification = firing("Down");
        notification.alerts = vec![Notice::new(alert("Down").label("severity", severity), Status::Firing)];
        pagerduty.send(&notification).await.unwrap();
    }
    let levels: Vec<_> = peer
        .asked()
        .iter()
        .map(|asked| asked.json()["payload"]["severity"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["critical", "error", "warning", "warning", "info", "info", "error", "critical", "error"];
    assert_eq!(levels, expected);
}
