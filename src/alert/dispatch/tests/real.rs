//! The same alerts at the same times, with the same configuration, to a real Alertmanager and to us.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tower_watch_layers::clock::Clock;

use crate::alert::config::Routing;
use crate::alert::config::scratch::Scratch;
use crate::alert::dispatch::tests::scenario::{Event, play};
use crate::alert::dispatch::tests::stage::Stage;
use crate::alert::dispatch::{Additions, Silence};
use crate::alert::{Alert, Source, Status};
use crate::series::{Labels, Matcher};

/// How many scenarios run beside each other.
const SCENARIOS: u64 = 60;

/// From one step to the next. Its multiples keep away from the second at which groups speak.
const STEP: Duration = Duration::from_millis(2_300);

/// More would come near it.
const STEPS: usize = 9;

/// Receiver and group, and what was said of it: whether it fires, and each alert.
type Said = BTreeMap<(String, String), Vec<(String, BTreeSet<(String, String)>)>>;

fn webhook(message: &Value, said: &mut Said) {
    let group = format!("{} {}", message["groupKey"].as_str().unwrap(), message["groupLabels"]);
    let alerts = message["alerts"].as_array().unwrap().iter();
    let alerts =
        alerts.map(|alert| (alert["labels"].to_string(), alert["status"].as_str().unwrap().to_owned()));
    let receiver = message["receiver"].as_str().unwrap().to_owned();
    let status = message["status"].as_str().unwrap().to_owned();
    said.entry((receiver, group)).or_default().push((status, alerts.collect()));
}

/// A server that says yes to everything, and keeps it.
async fn recorder() -> (SocketAddr, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeper = Arc::clone(&kept);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let keeper = Arc::clone(&keeper);
            tokio::spawn(async move {
                while let Some(body) = body(&mut stream).await {
                    keeper.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                }
            });
        }
    });
    (address, kept)
}

/// One message of HTTP/1.1 with a length.
async fn body(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if read.len() >= end + 4 + length {
                return Some(read[end + 4..end + 4 + length].to_vec());
            }
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

async fn ask(server: SocketAddr, method: &str, path: &str, content: &Value) -> Option<Value> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    let content = if content.is_null() { String::new() } else { content.to_string() };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{content}",
        content.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let body = body(&mut stream).await?;
    Some(serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn alertmanager(configuration: &str, folder: &Scratch) -> (SocketAddr, Child) {
    let file = folder.write("alertmanager.yml", configuration);
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let process = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .args(["--cluster.listen-address=", "--log.level=warn"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("prometheus-alertmanager: {error}; install it with .ci/tools"));
    for _ in 0..500 {
        if ask(address, "GET", "/api/v2/status", &Value::Null).await.is_some() {
            return (address, process);
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("prometheus-alertmanager does not start");
}

fn rfc3339(time: i64) -> String {
    jiff::Timestamp::from_millisecond(time).unwrap().to_string()
}

/// What happens at Alertmanager; the ids of silences are its own.
async fn tell_theirs(server: SocketAddr, now: i64, events: &[Event], silences: &mut BTreeMap<usize, String>) {
    let mut alerts = Vec::new();
    for event in events {
        match event {
            Event::Alert { labels, fires } => {
                let labels: BTreeMap<_, _> = labels.iter().cloned().collect();
                alerts.push(if *fires {
                    json!({"labels": labels, "startsAt": rfc3339(now)})
                } else {
                    json!({"labels": labels, "startsAt": rfc3339(now - 1), "endsAt": rfc3339(now)})
                });
            }
            Event::Silence { scenario, label, value } => {
                let matcher = |name: &str, value: &str| json!({"name": name, "value": value, "isRegex": false, "isEqual": true});
                let silence = json!({
                    "matchers": [matcher("scenario", &scenario.to_string()), matcher(label, value)],
                    "startsAt": rfc3339(now), "endsAt": rfc3339(now + 3_600_000), "createdBy": "test", "comment": "",
                });
                let made = ask(server, "POST", "/api/v2/silences", &silence).await.unwrap();
                silences.insert(*scenario, made["silenceID"].as_str().unwrap().to_owned());
            }
            Event::Expire { scenario } => {
                if let Some(id) = silences.remove(scenario) {
                    ask(server, "DELETE", &format!("/api/v2/silence/{id}"), &Value::Null).await.unwrap();
                }
            }
        }
    }
    ask(server, "POST", "/api/v2/alerts", &Value::Array(alerts)).await.unwrap();
}

fn tell_ours(stage: &mut Stage, events: &[Event], silences: &mut BTreeMap<usize, String>) {
    let now = stage.now;
    for event in events {
        match event {
            Event::Alert { labels, fires } => {
                let mut alert = Alert::with_labels(Labels::new(labels.clone()));
                alert.source = Source::Api;
                (alert.starts_at, alert.ends_at) = if *fires { (now, None) } else { (now - 1, Some(now)) };
                alert.updated_at = now;
                stage.apply(Arc::new(alert));
            }
            Event::Silence { scenario, label, value } => {
                let matchers =
                    vec![Matcher::equal("scenario", scenario.to_string()), Matcher::equal(*label, *value)];
                let silence = Silence::new(matchers, now, now + 3_600_000, "test", "");
                let id = stage.with_writes(|it, _, now, writes| it.silence(silence, now, writes)).unwrap();
                silences.insert(*scenario, id);
            }
            Event::Expire { scenario } => {
                if let Some(id) = silences.remove(scenario) {
                    stage
                        .with_writes(|it, _, now, writes| it.expire_silence(&id, "test", now, writes))
                        .unwrap();
                }
            }
        }
    }
}

fn ours(stage: &Stage, said: &mut Said) {
    for heard in &stage.heard {
        let message = &heard.message;
        let labels = |labels: &Labels| -> BTreeMap<String, String> {
            labels.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        let alerts: Vec<Value> = message
            .alerts
            .iter()
            .map(|it| json!({"labels": labels(&it.alert.labels), "status": it.status.as_str()}))
            .collect();
        let (receiver, key): (&str, &str) = (&message.receiver, &message.group_key);
        webhook(
            &json!({
                "receiver": receiver, "groupKey": key, "status": message.status().as_str(),
                "groupLabels": labels(&message.group_labels), "alerts": alerts,
            }),
            said,
        );
    }
}

#[tokio::test]
#[ignore = "needs alertmanager"]
async fn we_say_what_alertmanager_says() {
    let (webhooks, kept) = recorder().await;
    let seeds: Vec<u64> = (0..SCENARIOS).collect();
    let play = play(&seeds, &format!("http://{webhooks}"), STEPS);
    let folder = Scratch::new("alertmanager");
    let (server, _process) = alertmanager(&play.configuration, &folder).await;
    let routing = Routing::from_yaml(&play.configuration).unwrap_or_else(|error| panic!("{error}"));
    let mut stage = Stage::with(routing, Additions::none(), None);

    let clock = Clock::system();
    let mut tick = interval(STEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut their_silences, mut our_silences) = (BTreeMap::new(), BTreeMap::new());
    for events in &play.steps {
        tick.tick().await;
        let now = i64::try_from(clock.unix_millis(clock.now())).unwrap();
        tell_theirs(server, now, events, &mut their_silences).await;
        tell_ours(&mut stage, events, &mut our_silences);
        stage.pass_millis(i64::try_from(STEP.as_millis()).unwrap());
    }
    tick.tick().await;

    let (mut theirs, mut our) = (Said::new(), Said::new());
    for message in kept.lock().unwrap().iter() {
        webhook(message, &mut theirs);
    }
    ours(&stage, &mut our);
    let messages: usize = theirs.values().map(Vec::len).sum();
    assert!(messages > 500, "only {messages} messages: it shows nothing");
    let resolved =
        theirs.values().flatten().filter(|(status, _)| status == Status::Resolved.as_str()).count();
    assert!(resolved > 50, "only {resolved} messages were ends");
    let mut wrong = Vec::new();
    for key in theirs.keys().chain(our.keys()).collect::<BTreeSet<_>>() {
        let (their, our) = (theirs.get(key), our.get(key));
        if their != our {
            wrong.push(format!("{key:?}\n  theirs {their:#?}\n  ours {our:#?}"));
        }
    }
    let groups = theirs.len();
    assert!(groups > 150, "only {groups} groups: it shows little");
    assert!(
        wrong.is_empty(),
        "{} of {groups} groups differ\n{}",
        wrong.len(),
        wrong[..wrong.len().min(3)].join("\n")
    );
}
