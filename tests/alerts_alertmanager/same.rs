//! The two of them, told the same at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval};
use tower_watch::Watch;
use tower_watch::alert::AlertSettings;
use tower_watch::alert::config::Additions;
use tower_watch::http::AlertApi;
use tower_watch::outgoing::HttpClient;

use crate::course::{CONFIGURATION, Call, STEPS, call};
use crate::process::{Folder, free_port, spawn};
use crate::support::{Service, until_async};

/// From one step to the next. Its multiples keep away from the second at which groups speak.
const STEP: Duration = Duration::from_millis(2_300);

/// What our messages say of where they are from.
const OURS: &str = "http://ours.example";

/// Receiver and group, and what was said of it in its order: whether it fires, and each alert.
type Said = BTreeMap<(String, String), Vec<(String, BTreeSet<(String, String)>)>>;

fn said(messages: &[Value], ours: bool) -> Said {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut said = Said::new();
    for message in messages.iter().filter(|message| (message["externalURL"] == OURS) == ours) {
        let alerts = message["alerts"].as_array().unwrap().iter();
        let alerts = alerts.map(|alert| (alert["labels"].to_string(), text(&alert["status"])));
        let group = format!("{} {}", text(&message["groupKey"]), message["groupLabels"]);
        let place = (text(&message["receiver"]), group);
        said.entry(place).or_default().push((text(&message["status"]), alerts.collect()));
    }
    said
}

/// An API of version 2, whosever it is.
struct Api {
    addr: SocketAddr,
    client: HttpClient,
    /// The ids of silences are its own.
    silences: BTreeMap<String, String>,
}

impl Api {
    fn at(addr: SocketAddr) -> Self {
        let client = HttpClient::builder().without_proxy().build().unwrap();
        Self { addr, client, silences: BTreeMap::new() }
    }

    async fn ask(&self, method: &str, path: &str, body: String) -> Option<Bytes> {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.addr));
        let request = request.header("content-type", "application/json").body(Bytes::from(body)).unwrap();
        let answer = self.client.send(request, Duration::from_secs(10)).await.ok()?;
        answer.status.is_success().then_some(answer.body)
    }

    async fn step(&mut self, events: &[&str], now: i64) {
        let mut alerts = Vec::new();
        for event in events {
            match call(event, now) {
                Call::Alert(alert) => alerts.push(alert),
                Call::Silence(silence) => {
                    let made = self.ask("POST", "/api/v2/silences", silence.to_string()).await.unwrap();
                    let made: Value = serde_json::from_slice(&made).unwrap();
                    let scenario = silence["matchers"][0]["value"].as_str().unwrap().to_owned();
                    self.silences.insert(scenario, made["silenceID"].as_str().unwrap().to_owned());
                }
                Call::Expire(scenario) => {
                    let path = format!("/api/v2/silence/{}", self.silences[&scenario]);
                    self.ask("DELETE", &path, String::new()).await.unwrap();
                }
            }
        }
        self.ask("POST", "/api/v2/alerts", Value::Array(alerts).to_string()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs prometheus-alertmanager"]
async fn a_whole_watch_says_what_alertmanager_says() {
    let messages: Arc<Mutex<Vec<Value>>> = Arc::default();
    let keeper = Arc::clone(&messages);
    let hook = post(async move |Json(message): Json<Value>| keeper.lock().unwrap().push(message));
    let hook = Service::start(Router::new().route("/hook", hook)).await;
    let folder = Folder::new();
    let file = folder
        .write("alertmanager.yml", &CONFIGURATION.replace("HOOK", &format!("http://{}/hook", hook.addr)));

    let addr = free_port();
    let arguments = [
        format!("--config.file={}", file.display()),
        format!("--storage.path={}", folder.path().join("data").display()),
        format!("--web.listen-address={addr}"),
        "--cluster.listen-address=".to_owned(),
    ];
    let _process = spawn("prometheus-alertmanager", &arguments);
    let mut theirs = Api::at(addr);
    until_async("Alertmanager is ready", async || {
        theirs.ask("GET", "/-/ready", String::new()).await.is_some()
    })
    .await;

    let settings = AlertSettings::new()
        .routing_file(&file)
        .external_url(OURS)
        .additions(Additions::new().with_flapping(None));
    let builder = Watch::builder("shop").local().without_admin().instance("a");
    let watch = builder.data_dir(folder.path().join("ours")).alerts(settings).start().unwrap();
    let api = Service::start(AlertApi::new(watch.alerts().clone()).router()).await;
    let mut ours = Api::at(api.addr);

    let mut tick = interval(STEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for events in STEPS {
        tick.tick().await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
        tokio::join!(theirs.step(events, now), ours.step(events, now));
    }
    tick.tick().await;
    tick.tick().await;

    let messages = messages.lock().unwrap().clone();
    let (their, our) = (said(&messages, false), said(&messages, true));
    let number: usize = their.values().map(Vec::len).sum();
    assert!(number > 25 && their.len() > 12, "only {number} messages of {} groups", their.len());
    for place in their.keys().chain(our.keys()) {
        assert_eq!(our.get(place), their.get(place), "{place:?}");
    }
}
